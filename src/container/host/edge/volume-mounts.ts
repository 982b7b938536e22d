import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { GantryError } from '#base/error.ts';
import type { StepOf } from '../step.ts';
import { errnoMeaning } from './linux/errno.ts';
import { parseMountinfo } from './linux/mountinfo.ts';
import { mount, unmount, type MountFlag, type MountRequest } from './linux/mounts.ts';
import { errnoOf } from './linux/system-error.ts';
import { mountInProcess } from './mount-process.ts';

const FLAGS: readonly MountFlag[] = ['ro', 'nosuid', 'nodev', 'noexec', 'sync', 'noatime', 'nodiratime', 'relatime', 'strictatime'];
/** Words of mount(8) that say what is so anyway. */
const DEFAULTS = new Set(['', 'rw', 'suid', 'dev', 'exec', 'async', 'atime', 'defaults', 'auto', 'nouser']);

/**
 * Mounts what volumes' options name, in the daemon's own mount namespace, from which each container's is copied. Nothing is
 * done where it is mounted already.
 */
export class VolumeMounts {
  /** Those under way, by path: several containers that start at once wait for the same one. */
  readonly #under = new Map<string, Promise<void>>();

  mount(step: StepOf<'mount-volume'>): Promise<void> {
    const present = this.#under.get(step.path);
    if (present !== undefined) return present;
    const mounted = mountVolume(step).finally(() => this.#under.delete(step.path));
    this.#under.set(step.path, mounted);
    return mounted;
  }
}

/** A file system in memory: it waits for nobody. */
export function mountMemory(path: string, options: string): void {
  if (!isMounted(path)) mount(requestOf({ path, type: 'tmpfs', device: 'tmpfs', options }));
}

async function mountVolume(step: StepOf<'mount-volume'>): Promise<void> {
  if (isMounted(step.path)) return;
  const { path, type, device } = step;
  const fault = type === 'tmpfs' ? refusalOf(() => mountMemory(path, step.options)) : await mountInProcess(requestOf({ ...step, options: await withAddress(step) }));
  if (fault === undefined) return;
  // Without the values: options may hold a password.
  const why = fault === 'ENODEV' ? `no such device: this kernel has no file system of type ${type}` : errnoMeaning(fault) ?? fault;
  throw new GantryError('internal', `error while mounting volume '${path}': failed to mount local volume: mount ${device}:${path}: ${why}`);
}

function refusalOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return errnoOf(thrown) ?? String(thrown);
  }
}

function requestOf({ path, type, device, options }: Omit<StepOf<'mount-volume'>, 'kind' | 'cause'>): MountRequest {
  const words = options.split(',').filter((word) => !DEFAULTS.has(word));
  const flags = FLAGS.filter((flag) => words.includes(flag));
  const data = words.filter((word) => !(FLAGS as readonly string[]).includes(word)).join(',');
  return { type, source: device, target: path, flags, ...(data === '' ? {} : { data }) };
}

/** The kernel knows servers by their addresses only. Docker's local driver, too, asks for those of `addr` and of the host of a share. */
export async function withAddress({ type, device, options }: Pick<StepOf<'mount-volume'>, 'type' | 'device' | 'options'>, find: (name: string) => Promise<string> = addressOf): Promise<string> {
  if (type !== 'nfs' && type !== 'nfs4' && type !== 'cifs') return options;
  const words = options.split(',').filter((word) => word !== '');
  const named = words.find((word) => word.startsWith('addr='))?.slice('addr='.length);
  const host = named ?? (type === 'cifs' ? /^\/\/([^/]+)/.exec(device)?.[1] : undefined);
  if (host === undefined || isIP(host) !== 0) return options;
  const address = await find(host);
  return [...words.filter((word) => !word.startsWith('addr=')), `addr=${address}`].join(',');
}

async function addressOf(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch (cause) {
    throw new GantryError('internal', `error resolving passed in network volume address: lookup ${name}: no such host`, { subject: `host ${name}`, cause, hint: 'see whether this machine knows it: getent hosts NAME' });
  }
}

/** Before anything below the path is deleted: it may be a share of others. */
export function unmountVolume({ path }: StepOf<'unmount-volume'>): void {
  while (isMounted(path)) unmount(path, { detach: true });
}

/** All that is mounted below a directory which is to be deleted, the deepest first. */
export function unmountBelow(directory: string): void {
  const targets = parseMountinfo(readFileSync('/proc/thread-self/mountinfo', 'utf8')).map(({ target }) => target).filter((target) => target.startsWith(`${directory}/`));
  for (const target of targets.sort((a, b) => b.length - a.length)) unmount(target, { detach: true });
}

function isMounted(path: string): boolean {
  return parseMountinfo(readFileSync('/proc/thread-self/mountinfo', 'utf8')).some(({ target }) => target === path);
}
