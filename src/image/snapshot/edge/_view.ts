import { closeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { FileView } from '../files.ts';
import { check, libc } from './_libc.ts';
import { fchdir, mountSetattr, moveMount, openTree, setns } from './_mount-calls.ts';
import { AT_FDCWD } from './_node.ts';
import { CLONE, confine, MNT_DETACH, MS } from './_sandbox.ts';

const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const AT_RECURSIVE = 0x8000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const UMOUNT_NOFOLLOW = 8;
const ATTRIBUTES_BYTES = 32;
const ATTRIBUTE = { readOnly: 1n, noSuid: 2n, noDev: 4n, noExec: 8n } as const;

export interface ViewAccess {
  readonly writable: boolean;
  /** Without what is mounted below the root. */
  readonly alone: boolean;
  readonly capabilities: readonly number[];
}

/**
 * Confines this process to the files of a container, as `enterSandbox` does to a directory: it goes over into a copy of the
 * view's mount namespace whose root is the container's. From then on every path, whatever links the container puts in its
 * way and however fast, ends inside. Nothing of the host can be loaded after it, and nothing of the container ever is.
 */
export function enterView(descriptor: number, { root, without }: Omit<FileView, 'namespace'>, { writable, alone, capabilities }: ViewAccess): void {
  flushCompileCache();
  // Ahead of the change: a thread that shares its root with others may not enter a mount namespace (setns(2)).
  check(libc.unshare(CLONE.newNs | CLONE.newUts | CLONE.newIpc | CLONE.newNet), 'leave the namespaces of the host');
  check(setns(descriptor, CLONE.newNs), 'enter the files of the container');
  closeSync(descriptor);
  check(libc.unshare(CLONE.newNs), 'copy the mounts of the container');
  check(libc.mount(null, '/', null, MS.recursive | MS.private, null), 'make the mounts private');
  const tree = check(openTree(AT_FDCWD, root, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (alone ? 0 : AT_RECURSIVE)), 'take the root of the container');
  check(moveMount(tree, '', AT_FDCWD, root, MOVE_MOUNT_F_EMPTY_PATH), 'mount the root of the container');
  check(fchdir(tree), 'go to the root of the container');
  closeSync(tree);
  check(libc.pivot_root('.', '.'), 'make it the root');
  check(libc.umount2('.', MNT_DETACH), 'take the old root away');
  process.chdir('/');
  // One that is not mounted there is as good as gone.
  for (const path of without) libc.umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
  restrictMounts(writable);
  confine(capabilities);
}

/** struct mount_attr of linux/mount.h: set, clear, propagation, user namespace. */
function restrictMounts(writable: boolean): void {
  const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
  attributes.writeBigUInt64LE(ATTRIBUTE.noSuid | ATTRIBUTE.noDev | ATTRIBUTE.noExec | (writable ? 0n : ATTRIBUTE.readOnly), 0);
  check(mountSetattr(AT_FDCWD, '/', AT_RECURSIVE, attributes, BigInt(ATTRIBUTES_BYTES)), 'restrict the mounts of the container');
}
