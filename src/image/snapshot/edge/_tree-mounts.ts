import ffi from 'node:ffi';
import { check, libc } from './_libc.ts';

/** What a child sees below its root, mounted before it gives up the right to mount. Paths are absolute on the host. */
export type TreeMount =
  /** Uppermost first. One without `writable` is read-only. */
  | { readonly at: string; readonly kind: 'overlay'; readonly lower: readonly string[]; readonly writable?: { readonly upper: string; readonly work: string }; readonly options: readonly string[] }
  | { readonly at: string; readonly kind: 'bind'; readonly path: string; readonly readonly: boolean };

const MS = { readOnly: 1n, noSuid: 2n, noDev: 4n, noExec: 8n, remount: 32n, bind: 4096n } as const;
/** mount(2) copies one page and wants its last byte to be zero. */
const MAX_OPTION_BYTES = 4095;
const FSCONFIG = { flag: 0, string: 1, create: 6 } as const;
const CLOEXEC = 1;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const AT_FDCWD = -100;
const CALL = { moveMount: 429n, fsopen: 430n, fsconfig: 431n, fsmount: 432n } as const;

/** @param root a directory that has an empty one for each mount */
export function mountTrees(root: string, mounts: readonly TreeMount[]): void {
  for (const mount of mounts) {
    const target = `${root}/${mount.at}`;
    if (mount.kind === 'bind') {
      check(libc.mount(mount.path, target, null, MS.bind, null), `bind ${mount.path}`);
      check(libc.mount(null, target, null, MS.remount | MS.bind | MS.noSuid | MS.noDev | MS.noExec | (mount.readonly ? MS.readOnly : 0n), null), `restrict ${mount.path}`);
    } else if (mount.writable === undefined && mount.lower.length === 1) {
      mountTrees(root, [{ at: mount.at, kind: 'bind', path: mount.lower[0] as string, readonly: true }]);
    } else {
      overlay(target, mount);
    }
  }
}

function overlay(target: string, { lower, writable, options }: Extract<TreeMount, { kind: 'overlay' }>): void {
  const data = [`lowerdir=${lower.map(escaped).join(':')}`, ...(writable === undefined ? [] : [`upperdir=${escaped(writable.upper)}`, `workdir=${escaped(writable.work)}`]), ...options].join(',');
  const flags = MS.noSuid | MS.noDev | MS.noExec | (writable === undefined ? MS.readOnly : 0n);
  if (Buffer.byteLength(data) <= MAX_OPTION_BYTES) {
    check(libc.mount('overlay', target, 'overlay', flags, data), 'mount the layers');
    return;
  }
  layerByLayer(target, { lower, options, ...(writable === undefined ? {} : { writable }) });
}

/** More layers than fit into a page of options go one by one (`lowerdir+`, Linux 6.8). */
function layerByLayer(target: string, { lower, writable, options }: { readonly lower: readonly string[]; readonly writable?: { readonly upper: string; readonly work: string }; readonly options: readonly string[] }): void {
  const context = check(calls.fsopen(CALL.fsopen, 'overlay', BigInt(CLOEXEC)), 'open an overlay context');
  const set = (key: string, value: string | null): void => { check(calls.fsconfig(CALL.fsconfig, BigInt(context), BigInt(value === null ? FSCONFIG.flag : FSCONFIG.string), key, value, 0n), `set ${key} of the layers`); };
  for (const layer of lower) set('lowerdir+', layer);
  if (writable !== undefined) {
    set('upperdir', writable.upper);
    set('workdir', writable.work);
  }
  for (const option of options) {
    const at = option.indexOf('=');
    set(at < 0 ? option : option.slice(0, at), at < 0 ? null : option.slice(at + 1));
  }
  check(calls.fsconfig(CALL.fsconfig, BigInt(context), BigInt(FSCONFIG.create), null, null, 0n), 'put the layers together');
  const mounted = check(calls.fsmount(CALL.fsmount, BigInt(context), BigInt(CLOEXEC), 0n), 'mount the layers');
  check(calls.moveMount(CALL.moveMount, BigInt(mounted), '', BigInt(AT_FDCWD), target, BigInt(MOVE_MOUNT_F_EMPTY_PATH)), 'mount the layers');
  libc.close(mounted);
  libc.close(context);
}

/** A comma ends an option, a colon a layer. */
function escaped(path: string): string {
  return path.replace(/[\\,:]/g, (character) => `\\${character}`);
}

function bind<T extends readonly unknown[]>(types: readonly ffi.ArgumentType[]): (...args: T) => bigint {
  return ffi.dlopen('libc.so.6', { syscall: { arguments: ['i64', ...types], return: 'i64' } }).functions.syscall as unknown as (...args: T) => bigint;
}

/** The C library of Debian 12 wraps none of these; a handle remembers one signature for a symbol. */
const calls = {
  fsopen: bind<[bigint, string, bigint]>(['string', 'i64']),
  fsconfig: bind<[bigint, bigint, bigint, string | null, string | null, bigint]>(['i64', 'i64', 'string', 'string', 'i64']),
  fsmount: bind<[bigint, bigint, bigint, bigint]>(['i64', 'i64', 'i64']),
  moveMount: bind<[bigint, bigint, string, bigint, string, bigint]>(['i64', 'string', 'i64', 'string', 'i64']),
};
