/** What lowering asks of the machine that the command runs on: the caller's environment and files. */
export interface LowerWorld {
  /** Absolute path that relative bind sources start from. */
  readonly cwd: string;
  readonly env: (name: string) => string | undefined;
  /** Bytes of a file that the command line names. Throws when it can't be read. */
  readonly readFile: (path: string) => Uint8Array;
}
