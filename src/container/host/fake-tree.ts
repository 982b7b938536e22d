/** Files and directories of a fake host, by their paths. */
export class FakeTree {
  readonly files = new Map<string, string>();
  readonly directories = new Set<string>();

  remove(path: string): void {
    for (const file of [...this.files.keys()]) if (file.startsWith(`${path}/`)) this.files.delete(file);
    for (const directory of this.#below(path)) this.directories.delete(directory);
  }

  move(source: string, destination: string): void {
    for (const directory of this.#below(source)) {
      this.directories.delete(directory);
      this.directories.add(destination + directory.slice(source.length));
    }
  }

  /** The directory itself, too. */
  #below(path: string): string[] {
    return [...this.directories].filter((known) => known === path || known.startsWith(`${path}/`));
  }
}
