import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { errnoOf, systemError } from './system-error.ts';

/**
 * Kernel settings. Those under `net` are of the calling thread's network namespace, at the moment of the call: use them
 * inside `inNetworkNamespace`. Keys are written with slashes, because link names contain dots: `net/ipv4/conf/eth0.5/forwarding`.
 */
export function writeSysctl(key: string, value: string | number): void {
  writeSetting(pathOf(key), key, value);
}

function writeSetting(path: string, key: string, value: string | number): void {
  try {
    writeFileSync(path, String(value));
  } catch (cause) {
    // Node's errno is negative.
    const { errno = 0 } = cause as NodeJS.ErrnoException;
    throw systemError('write', -errno, { action: `set ${key} to ${value}`, subject: `sysctl ${key}` });
  }
}

/** Undefined when this kernel has no such setting. */
export function readSysctl(key: string): string | undefined {
  const path = pathOf(key);
  return existing(() => readFileSync(path, 'utf8').trim());
}

export interface LinkSysctls {
  readonly ipv4?: Readonly<Record<string, number>>;
  /** Left out without error where the kernel has no IPv6. */
  readonly ipv6?: Readonly<Record<string, number>>;
}

/**
 * The settings of the calling thread's network namespace, whatever thread uses them later. In `/proc/sys` the kernel looks for
 * `net`, and for each name in it, among those of all namespaces that were ever looked at there, one after the other: so each is
 * looked for once.
 */
export class NetSettings {
  readonly #directory: number;
  readonly #below = new Map<string, number | undefined>();

  /** @param proc where a /proc is */
  constructor(proc = '/proc') {
    this.#directory = openDirectory(`${proc}/sys/net`);
  }

  /** @param key below net: `ipv4/ip_forward` */
  write(key: string, value: string | number): void {
    pathOf(`net/${key}`);
    const end = key.indexOf('/');
    const below = end === -1 ? undefined : this.#open(key.slice(0, end));
    writeSetting(below === undefined ? `${held(this.#directory)}/${key}` : `${held(below)}${key.slice(end)}`, `net/${key}`, value);
  }

  /** Settings of one link: `{ ipv6: { accept_ra: 0 } }`. `link` may be `all` or `default`. */
  writeOfLink(link: string, settings: LinkSysctls): void {
    for (const [name, value] of Object.entries(settings.ipv4 ?? {})) this.write(`ipv4/conf/${link}/${name}`, value);
    if (this.#open('ipv6') === undefined) return;
    for (const [name, value] of Object.entries(settings.ipv6 ?? {})) this.write(`ipv6/conf/${link}/${name}`, value);
  }

  [Symbol.dispose](): void {
    for (const below of this.#below.values()) if (below !== undefined) closeSync(below);
    closeSync(this.#directory);
  }

  /** Undefined where the kernel has none of that name. */
  #open(name: string): number | undefined {
    if (!this.#below.has(name)) this.#below.set(name, existing(() => openDirectory(`${held(this.#directory)}/${name}`)));
    return this.#below.get(name);
  }
}

function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

function held(directory: number): string {
  return `/proc/self/fd/${directory}`;
}

function existing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** thread-self: /proc/sys/net shows the namespace of the thread that opens it. */
function pathOf(key: string): string {
  if (!/^[A-Za-z0-9_.@-]+(\/[A-Za-z0-9_.@-]+)+$/.test(key) || key.split('/').includes('..')) {
    throw new GantryError('invalid', `not the key of a kernel setting: ${JSON.stringify(key)}`);
  }
  return `/proc/sys/${key}`;
}
