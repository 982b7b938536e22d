import { constants } from 'node:fs';
import { lchown, lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VolumeGroup } from '../volumes.ts';

/** The group may do what the owner can, and what is made in a directory is the group's too. */
const FILE_BITS = 0o660;
const DIRECTORY_BITS = 0o2770;

/** Gives a volume to a group, with all that is in it (`core.v1.PodSecurityContext`, fsGroup). */
export async function giveToGroup(root: string, { gid, onlyWhereRootDiffers }: VolumeGroup): Promise<void> {
  if (onlyWhereRootDiffers) {
    const { gid: present, mode } = await stat(root);
    if (present === gid && (mode & DIRECTORY_BITS) === DIRECTORY_BITS) return;
  }
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) await give(join(entry.parentPath, entry.name), gid);
  // Last: it says that all of it is done.
  await give(root, gid);
}

/** No link is followed: whoever writes to the volume could have one lead out of it. */
async function give(path: string, gid: number): Promise<void> {
  const found = await lstat(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw thrown;
  });
  if (found === undefined) return;
  await lchown(path, found.uid, gid);
  if (!found.isFile() && !found.isDirectory()) return;
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { mode } = await file.stat();
    await file.chmod((mode & 0o7777) | (found.isDirectory() ? DIRECTORY_BITS : FILE_BITS));
  } finally {
    await file.close();
  }
}
