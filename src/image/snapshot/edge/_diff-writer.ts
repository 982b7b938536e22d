import { readdirSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import { endOfArchive } from '#image/oci/tar/writer.ts';
import { isOverlayWhiteout, OVERLAY_OPAQUE, opaqueName, whiteoutName } from '#image/oci/whiteout.ts';
import type { Arrivals } from './_arrivals.ts';
import { runAll, type ByteSink, type Steps } from './_byte-sink.ts';
import { emptyFile, EntryWriter } from './_entry-writer.ts';
import { nodePath } from './_layer-tree.ts';
import { statNode, type NodeStatus } from './_node.ts';
import { readXattrs } from './_xattrs.ts';

const NO_NAME = '' as ByteString;

export interface DiffOptions {
  /** Is told of each file before it is read. */
  readonly opened?: (descriptor: number, size: number) => void;
  /** What is none of the layer, by its absolute path; directories are asked for, too. */
  readonly isLeftOut?: (path: string, status: NodeStatus) => boolean;
  /** Of files that are being written. */
  readonly arrivals?: Arrivals;
}

/** Writes the directory that this process is in, the upper one of an overlay, as a layer's tar. */
export class DiffWriter {
  readonly #sink: ByteSink;
  readonly #entries: EntryWriter;
  readonly #isLeftOut: (path: string, status: NodeStatus) => boolean;
  readonly #arrivals: Arrivals | undefined;

  constructor(sink: ByteSink, { opened, isLeftOut = () => false, arrivals }: DiffOptions = {}) {
    this.#isLeftOut = isLeftOut;
    this.#arrivals = arrivals;
    this.#sink = sink;
    this.#entries = new EntryWriter(sink, opened, arrivals);
  }

  get entries(): number {
    return this.#entries.entries;
  }

  /** Bytes of files. */
  get contentBytes(): number {
    return this.#entries.contentBytes;
  }

  write(): void {
    runAll(this.steps());
  }

  *steps(): Steps {
    yield* this.#children(NO_NAME);
    this.#sink.put(endOfArchive());
    this.#sink.flush();
  }

  *#children(directory: ByteString): Steps {
    if (isOpaque(directory)) this.#entries.header(emptyFile(opaqueName(directory)));
    const names = readdirSync(nodePath(directory), 'latin1').sort();
    for (const name of names) yield* this.#node((directory === '' ? name : `${directory}/${name}`) as ByteString);
  }

  *#node(path: ByteString): Steps {
    const found = statNode(path);
    // Gone since the directory was read.
    if (found === undefined) return;
    const status = this.#arrivals?.expected(found) ?? found;
    if (isOverlayWhiteout(status)) {
      this.#entries.header(emptyFile(whiteoutName(path)));
      return;
    }
    if (status.type !== 'socket' && path.slice(path.lastIndexOf('/') + 1).startsWith('.wh.')) {
      throw new GantryError('invalid', `the file ${quoteName(path)} cannot be part of a layer: names that begin with .wh. mark deleted files there`, {
        subject: `file ${quoteName(path)}`, hint: 'Rename or remove it.',
      });
    }
    if (this.#isLeftOut(`/${path}`, status)) return;
    yield* this.#entries.steps(path, path, status);
    if (status.type === 'directory') yield* this.#children(path);
  }
}

function isOpaque(directory: ByteString): boolean {
  return readXattrs(directory).get(OVERLAY_OPAQUE)?.[0] === 'y'.charCodeAt(0);
}
