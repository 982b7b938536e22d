import { check } from './libc.ts';
import { mountSetattr, moveMount, openTree } from './system-call.ts';

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2_000_000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const AT_EMPTY_PATH = 0x1000;
const MOUNT_ATTR_IDMAP = 0x0010_0000n;
const MOUNT_ATTR_BYTES = 32;

/** A copy of what is mounted at a path of the calling thread's namespace: a descriptor that any other namespace can take. */
export function cloneMount(path: string): number {
  return check('open_tree', openTree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW), { action: `look at what is mounted at ${path}`, subject: `mount ${path}` });
}

/** Puts a copied mount in place in the calling thread's namespace. */
export function placeMount(tree: number, target: string): void {
  check('move_mount', moveMount(tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), { action: `mount at ${target}`, subject: `mount ${target}` });
}

/**
 * The same of any file or directory, with the owners on the disk shown as a user namespace maps them (Linux 5.12).
 * Throws 'invalid' where its file system can't be mapped.
 */
export function cloneMapped(path: string, usersFd: number): number {
  const tree = check('open_tree', openTree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), { action: `look at ${path}`, subject: `mount ${path}` });
  const attributes = Buffer.alloc(MOUNT_ATTR_BYTES);
  attributes.writeBigUInt64LE(MOUNT_ATTR_IDMAP, 0);
  attributes.writeBigUInt64LE(BigInt(usersFd), 24);
  check('mount_setattr', mountSetattr(tree, '', AT_EMPTY_PATH, attributes, BigInt(MOUNT_ATTR_BYTES)), {
    action: `map the owners of ${path}`, subject: `mount ${path}`, hint: 'its file system may not know mapped mounts: put the files on ext4, xfs or btrfs, or leave idmap out',
  });
  return tree;
}
