/** The files around a project. Paths are absolute. */
export interface ProjectFiles {
  /** Undefined when there is no such file. Throws what else went wrong. */
  read(path: string): string | undefined;
  kind(path: string): 'file' | 'directory' | undefined;
  /** The path with its first symbolic link followed. */
  followLink(path: string): string;
}
