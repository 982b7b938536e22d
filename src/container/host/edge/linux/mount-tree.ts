import { check } from './libc.ts';
import { moveMount, openTree } from './system-call.ts';

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2_000_000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;

/** A copy of what is mounted at a path of the calling thread's namespace: a descriptor that any other namespace can take. */
export function cloneMount(path: string): number {
  return check('open_tree', openTree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW), { action: `look at what is mounted at ${path}`, subject: `mount ${path}` });
}

/** Puts a copied mount in place in the calling thread's namespace. */
export function placeMount(tree: number, target: string): void {
  check('move_mount', moveMount(tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), { action: `mount at ${target}`, subject: `mount ${target}` });
}
