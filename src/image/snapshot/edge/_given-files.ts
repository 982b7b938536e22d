import { closeSync, constants, openSync, renameSync } from 'node:fs';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import { parentOf } from '../tree-selection.ts';
import type { FsView } from './_fs-view.ts';
import { nodePath } from './_layer-tree.ts';
import { setTimes, type NodeStatus } from './_node.ts';

/** A further name of a file that a source gives away. */
export interface GivenFile {
  readonly name: string;
  readonly inode: number;
}

interface Placeholder {
  readonly to: ByteString;
  /** Its own, in the upper directory. */
  readonly inode: number;
  readonly given: GivenFile;
  /** Gives it the content by a copy after all. */
  readonly copy: () => void;
}

/**
 * Large files that move into a layer instead of being copied. While the overlay is written to, an empty file stands in each one's place; when
 * all is done, the file takes it in the upper directory, behind the overlay's back: nobody may look at it through the overlay then.
 */
export class GivenFiles {
  readonly #given: FsView;
  readonly #upper: FsView;
  readonly #byInode: ReadonlyMap<number, GivenFile>;
  readonly #placeholders: Placeholder[] = [];

  /** Both in one mount, which can be written to: files are renamed from the one into the other. */
  constructor(given: FsView, upper: FsView, files: readonly GivenFile[]) {
    this.#given = given;
    this.#upper = upper;
    this.#byInode = new Map(files.map((file) => [file.inode, file]));
  }

  /** Undefined for a file that is not given. */
  find({ inode }: NodeStatus): GivenFile | undefined {
    return this.#byInode.get(inode);
  }

  /** Makes the empty file, which then is to get its owner, mode and times: those that the given file has. */
  standIn(given: GivenFile, target: FsView, to: ByteString, copy: () => void): void {
    closeSync(openSync(nodePath(target.at(to)), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600));
    const made = this.#upper.stat(to);
    if (made !== undefined) this.#placeholders.push({ to, inode: made.inode, given, copy });
  }

  /** To be called once, after the last change through the overlay. */
  settle(): void {
    const gone = new Set<GivenFile>();
    for (const { to, inode, given, copy } of this.#placeholders) {
      const made = this.#upper.stat(to);
      // Something later took its place.
      if (made?.inode !== inode) continue;
      if (made.links > 1 || gone.has(given)) {
        copy();
        continue;
      }
      const parent = parentOf(to);
      const before = this.#upper.stat(parent);
      renameSync(nodePath(this.#given.at(given.name as ByteString)), nodePath(this.#upper.at(to)));
      gone.add(given);
      if (before !== undefined) setTimes(this.#upper.at(parent), before.modified);
    }
  }
}
