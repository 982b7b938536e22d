import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * What Docker puts into the file system of each container before anything else: an empty `/.dockerenv`, by which programs know
 * that they are in a container, and `/etc/mtab` where the layers have none, where older Javas look for what is mounted. Links of
 * the layers are not followed: where `/etc` is one, it is left as it is.
 * @param lower top first
 */
export function addDockerFiles(lower: readonly string[], upper: string): void {
  writeFileSync(join(upper, '.dockerenv'), '', { mode: 0o755 });
  const etc = firstOf(lower, 'etc');
  if (etc?.isDirectory() !== true || firstOf(lower, 'etc/mtab') !== undefined) return;
  const path = join(upper, 'etc');
  mkdirSync(path);
  chownSync(path, etc.uid, etc.gid);
  chmodSync(path, etc.mode & 0o7777);
  symlinkSync('/proc/mounts', join(path, 'mtab'));
}

/** What the topmost layer that says anything of a path says, a whiteout as well. */
function firstOf(lower: readonly string[], path: string): Stats | undefined {
  for (const directory of lower) {
    try {
      const found = lstatSync(join(directory, path), { throwIfNoEntry: false });
      if (found !== undefined) return found;
    } catch (error) {
      // Something other than a directory stands where one is looked into.
      if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
    }
  }
  return undefined;
}
