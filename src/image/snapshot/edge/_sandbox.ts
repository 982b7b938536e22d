import { flushCompileCache } from 'node:module';
import { check, libc } from './_libc.ts';
import { denyEscapes } from './_seccomp.ts';

/** Numbers of linux/capability.h. */
export const CAPABILITY = {
  chown: 0, dacOverride: 1, dacReadSearch: 2, fowner: 3, fsetid: 4, setuid: 7, sysAdmin: 21, mknod: 27, setfcap: 31,
} as const;

export const CLONE = { newNs: 0x20000, newUts: 0x4000000, newIpc: 0x8000000, newNet: 0x40000000 } as const;
export const MS = { readOnly: 1n, noSuid: 2n, noDev: 4n, noExec: 8n, remount: 32n, bind: 4096n, recursive: 16384n, private: 1n << 18n } as const;
export const MNT_DETACH = 2;
const PR = { setKeepCaps: 8, setNoNewPrivs: 38 } as const;
const NOBODY = 65534;
const CAPABILITY_VERSION_3 = 0x20080522;

export interface Sandbox {
  /** Becomes `/`. */
  readonly directory: string;
  readonly writable: boolean;
  /** Numbers from `CAPABILITY`: what is left to the calling thread. */
  readonly capabilities: readonly number[];
  /** Mounts what the directory is to have beside its files, while that is still possible. */
  readonly mount?: () => void;
}

/**
 * Confines this process before it looks at anything foreign: new mount, network, IPC and host name namespaces; `directory`
 * as the only file system, without devices, programs and set-id; all threads that exist lose every capability, and this one
 * all but a few; no call leads out again. All modules must be loaded before, since no file of the host can be read after.
 */
export function enterSandbox({ directory, writable, capabilities, mount }: Sandbox): void {
  // Else Node would write it when the process ends, by a path that is in the directory then.
  flushCompileCache();
  check(libc.unshare(CLONE.newNs | CLONE.newUts | CLONE.newIpc | CLONE.newNet), 'leave the namespaces of the host');
  check(libc.mount(null, '/', null, MS.recursive | MS.private, null), 'make the mounts private');
  check(libc.mount(directory, directory, null, MS.bind, null), `bind ${directory}`);
  const flags = MS.remount | MS.bind | MS.noSuid | MS.noDev | MS.noExec | (writable ? 0n : MS.readOnly);
  check(libc.mount(null, directory, null, flags, null), `restrict ${directory}`);
  mount?.();
  process.chdir(directory);
  // The new root goes on top of the old one, which is then taken away from under it (pivot_root(2)).
  check(libc.pivot_root('.', '.'), `make ${directory} the root`);
  check(libc.umount2('.', MNT_DETACH), 'take the old root away');
  process.chdir('/');
  confine(capabilities);
}

/** The last part of it, once the root is what it should be: privileges go, and no call leads out again. */
export function confine(capabilities: readonly number[]): void {
  // Set one by one: the mask of a process that is not to be trusted with more than it needs to create what layers hold.
  process.umask(0);
  dropPrivileges(capabilities);
  check(libc.prctl(PR.setNoNewPrivs, 1n, 0n, 0n, 0n), 'give up new privileges');
  denyEscapes();
}

/**
 * The C library changes the user of all threads at once, and a thread that ceases to be root loses its capabilities, unless
 * it asked to keep them: only this one does. Files are still made in the name of root (fsuid).
 */
function dropPrivileges(kept: readonly number[]): void {
  check(libc.setgroups(0n, null), 'drop the groups');
  check(libc.prctl(PR.setKeepCaps, 1n, 0n, 0n, 0n), 'keep capabilities');
  check(libc.setresuid(NOBODY, NOBODY, NOBODY), 'change the user');
  setCapabilities([...kept, CAPABILITY.setuid]);
  libc.setfsuid(0);
  setCapabilities(kept);
}

/** struct __user_cap_header_struct, and two of __user_cap_data_struct: effective, permitted, inheritable. */
function setCapabilities(capabilities: readonly number[]): void {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION_3, 0);
  const mask = capabilities.reduce((bits, capability) => bits | (1 << capability), 0) >>> 0;
  const data = Buffer.alloc(24);
  data.writeUInt32LE(mask, 0);
  data.writeUInt32LE(mask, 4);
  check(libc.capset(header, data), 'reduce the capabilities');
}
