import { readFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { StepOf } from '../step.ts';
import { parseMountinfo } from './linux/mountinfo.ts';
import { mount, unmount, type MountFlag } from './linux/mounts.ts';
import { errnoOf } from './linux/system-error.ts';

const FLAGS: readonly MountFlag[] = ['ro', 'nosuid', 'nodev', 'noexec', 'sync', 'noatime', 'nodiratime', 'relatime', 'strictatime'];
/** Words of mount(8) that say what is so anyway. */
const DEFAULTS = new Set(['', 'rw', 'suid', 'dev', 'exec', 'async', 'atime', 'defaults', 'auto', 'nouser']);

/**
 * Mounts what a volume's options name, in the daemon's own mount namespace, from which each container's is copied. Nothing is
 * done where it is mounted already.
 */
export function mountVolume({ path, type, device, options }: StepOf<'mount-volume'>): void {
  if (isMounted(path)) return;
  const words = options.split(',').filter((word) => !DEFAULTS.has(word));
  const flags = FLAGS.filter((flag) => words.includes(flag));
  const data = words.filter((word) => !(FLAGS as readonly string[]).includes(word)).join(',');
  try {
    mount({ type, source: device, target: path, flags, ...(data === '' ? {} : { data }) });
  } catch (cause) {
    // Without the values: options may hold a password.
    const why = errnoOf(cause) === 'ENODEV' ? `no such device: this kernel has no file system of type ${type}` : errnoOf(cause) === 'EINVAL' ? 'invalid argument' : errnoOf(cause) === 'ENOENT' ? 'no such file or directory' : String(errnoOf(cause) ?? 'failed');
    throw new GantryError('internal', `error while mounting volume '${path}': failed to mount local volume: mount ${device}:${path}: ${why}`, { cause });
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
