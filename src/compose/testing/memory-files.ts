import type { ProjectFiles } from '../load/project-files.ts';

/** Files that a test has in memory, by absolute path. */
export class MemoryFiles implements ProjectFiles {
  readonly #files: ReadonlyMap<string, string>;

  constructor(files: Readonly<Record<string, string>>) {
    this.#files = new Map(Object.entries(files));
  }

  read(path: string): string | undefined {
    return this.#files.get(path);
  }

  kind(path: string): 'file' | 'directory' | undefined {
    if (this.#files.has(path)) return 'file';
    return [...this.#files.keys()].some((file) => file.startsWith(`${path}/`)) ? 'directory' : undefined;
  }

  followLink(path: string): string {
    return path;
  }
}
