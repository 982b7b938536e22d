import { check, libc } from './libc.ts';

/** mount(2) flags, named as in fstab and the OCI runtime spec. */
const FLAGS = {
  ro: 1n << 0n,
  nosuid: 1n << 1n,
  nodev: 1n << 2n,
  noexec: 1n << 3n,
  sync: 1n << 4n,
  nosymfollow: 1n << 8n,
  noatime: 1n << 10n,
  nodiratime: 1n << 11n,
  relatime: 1n << 21n,
  strictatime: 1n << 24n,
} as const;

export type MountFlag = keyof typeof FLAGS;

const MS_REMOUNT = 1n << 5n;
const MS_BIND = 1n << 12n;
const MS_REC = 1n << 14n;

const PROPAGATION = { private: 1n << 18n, slave: 1n << 19n, shared: 1n << 20n, unbindable: 1n << 17n } as const;

export type PropagationMode = keyof typeof PROPAGATION | `r${keyof typeof PROPAGATION}`;

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

export interface MountRequest {
  readonly type: string;
  /** What tools show as the device. Default: the type. */
  readonly source?: string;
  readonly target: string;
  readonly flags?: readonly MountFlag[];
  /** Options of the file system, comma-separated, below 4096 bytes. */
  readonly data?: string;
}

export function mount(request: MountRequest): void {
  const { type, target, source = type } = request;
  check('mount', libc.mount(source, target, type, flagBits(request.flags), request.data ?? null), {
    action: `mount ${type} at ${target}`, subject: `mount ${target}`,
  });
}

/** Flags take effect by a second call: the kernel ignores them on the first. */
export function bindMount(source: string, target: string,
  options: { readonly recursive?: boolean; readonly flags?: readonly MountFlag[] } = {}): void {
  const bits = options.recursive === true ? MS_BIND | MS_REC : MS_BIND;
  check('mount', libc.mount(source, target, null, bits, null), {
    action: `bind ${source} to ${target}`, subject: `mount ${target}`,
  });
  if (options.flags !== undefined && options.flags.length > 0) remountBind(target, options.flags);
}

/** Replaces the flags of one mount point; those not given are cleared. */
export function remountBind(target: string, flags: readonly MountFlag[]): void {
  check('mount', libc.mount(null, target, null, MS_REMOUNT | MS_BIND | flagBits(flags), null), {
    action: `set ${flags.join(',')} on the mount at ${target}`, subject: `mount ${target}`,
  });
}

/** With a leading `r`: of the mount and all below it. */
export function setPropagation(target: string, mode: PropagationMode): void {
  const recursive = !Object.hasOwn(PROPAGATION, mode);
  const bits = PROPAGATION[(recursive ? mode.slice(1) : mode) as keyof typeof PROPAGATION] | (recursive ? MS_REC : 0n);
  check('mount', libc.mount('none', target, null, bits, null), {
    action: `make the mount at ${target} ${mode}`, subject: `mount ${target}`,
  });
}

/** Never follows a symbolic link in the last component. `detach`: also when busy; it ends with its last user. */
export function unmount(target: string, options: { readonly detach?: boolean } = {}): void {
  check('umount2', libc.umount2(target, UMOUNT_NOFOLLOW | (options.detach === true ? MNT_DETACH : 0)), {
    action: `unmount ${target}`, subject: `mount ${target}`,
  });
}

function flagBits(flags: readonly MountFlag[] = []): bigint {
  return flags.reduce((bits, flag) => bits | FLAGS[flag], 0n);
}
