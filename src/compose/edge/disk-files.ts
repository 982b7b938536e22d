import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { ProjectFiles } from '../load/project-files.ts';

/** The machine's files. */
export class DiskFiles implements ProjectFiles {
  read(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw new GantryError('invalid', `can't read ${path}: ${code ?? String(cause)}`, { subject: path, cause });
    }
  }

  kind(path: string): 'file' | 'directory' | undefined {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return stat.isDirectory() ? 'directory' : 'file';
  }

  followLink(path: string): string {
    let current = '';
    for (const part of path.split('/').filter(Boolean)) {
      current = `${current}/${part}`;
      if (lstatSync(current, { throwIfNoEntry: false })?.isSymbolicLink() === true) return path.replace(current, realpathSync(current));
    }
    return path;
  }
}
