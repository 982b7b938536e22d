import { globSync, rmdirSync } from 'node:fs';

/** Removes the empty cgroups that the peers leave behind, in either layout. One that is in use stays. */
export function removeCgroups(names: readonly string[]): void {
  const folders = names.flatMap((name) => globSync([`/sys/fs/cgroup/${name}`, `/sys/fs/cgroup/*/${name}`, `/sys/fs/cgroup/*/${name}/**/`, `/sys/fs/cgroup/${name}/**/`]));
  for (const folder of [...new Set(folders)].sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (!['EBUSY', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
