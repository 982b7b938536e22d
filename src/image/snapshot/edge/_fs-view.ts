import { readdirSync, readlinkSync } from 'node:fs';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import type { TreeNodeType, TreeView } from '../tree-selection.ts';
import type { Arrivals } from './_arrivals.ts';
import { nodePath } from './_layer-tree.ts';
import { statNode, type NodeStatus } from './_node.ts';

/** A directory of this process's root as a file system of its own: what resolves paths in it stays in it. */
export class FsView implements TreeView {
  readonly prefix: ByteString;
  readonly #arrivals: Arrivals | undefined;

  /** @param arrivals of files in it that are being written: they are seen as they will be */
  constructor(prefix: string, arrivals?: Arrivals) {
    this.prefix = prefix as ByteString;
    this.#arrivals = arrivals;
  }

  /** The path for a system call. */
  at(path: ByteString): ByteString {
    return path === '' ? this.prefix : `${this.prefix}/${path}` as ByteString;
  }

  stat(path: ByteString): NodeStatus | undefined {
    const status = statNode(this.at(path));
    return status === undefined ? undefined : this.#arrivals?.expected(status) ?? status;
  }

  /** Waits until the content of a file is there. */
  waitFor(path: ByteString): void {
    const status = this.#arrivals === undefined ? undefined : this.stat(path);
    if (status !== undefined) this.#arrivals?.wait(status);
  }

  type(path: ByteString): TreeNodeType | undefined {
    return this.stat(path)?.type;
  }

  children(directory: ByteString): readonly ByteString[] {
    return readdirSync(nodePath(this.at(directory)), 'latin1').sort() as ByteString[];
  }

  linkTarget(path: ByteString): string {
    return readlinkSync(nodePath(this.at(path)), 'latin1');
  }

  /** A directory inside this one, as a view. */
  below(path: ByteString): FsView {
    return new FsView(this.at(path), this.#arrivals);
  }
}

