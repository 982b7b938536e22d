import type { ByteString } from '#image/oci/tar/byte-string.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';
import { joinPath, parentOf } from '../tree-selection.ts';
import type { FsView } from './_fs-view.ts';
import { setTimes } from './_node.ts';

/**
 * Directories whose time is that of the build, because something was made in them. With `SOURCE_DATE_EPOCH` they get that at the end, so that
 * two builds make the same layer. BuildKit sets it as it makes a directory, and what it makes in there next takes it away again.
 */
export class ChangedDirectories {
  /** Of all that is made. */
  readonly time: Timestamp;
  readonly #below: ByteString;
  readonly #paths: Set<ByteString>;

  constructor(time: Timestamp, below = '' as ByteString, paths = new Set<ByteString>()) {
    this.time = time;
    this.#below = below;
    this.#paths = paths;
  }

  /** The same, by paths below one directory. */
  below(directory: ByteString): ChangedDirectories {
    return new ChangedDirectories(this.time, joinPath(this.#below, directory), this.#paths);
  }

  /** Something was made: its directory has the time of now. */
  made(path: ByteString): void {
    this.#paths.add(parentOf(joinPath(this.#below, path)));
  }

  madeDirectory(path: ByteString): void {
    this.made(path);
    this.#paths.add(joinPath(this.#below, path));
  }

  /** It got a time of its own. */
  timed(directory: ByteString): void {
    this.#paths.delete(joinPath(this.#below, directory));
  }

  /** To be called after the last change. */
  settle(target: FsView): void {
    for (const path of this.#paths) if (path !== '' && target.type(path) === 'directory') setTimes(target.at(path), this.time);
  }
}
