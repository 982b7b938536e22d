/** The patterns of a `.dockerignore`. */
export interface IgnoreRules {
  /** The path, relative to the context, or a directory above it is left out. */
  excludes(path: string): boolean;
}
