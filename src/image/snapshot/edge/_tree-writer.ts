import { readdirSync } from 'node:fs';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import { endOfArchive } from '#image/oci/tar/writer.ts';
import type { ByteSink } from './_byte-sink.ts';
import { EntryWriter } from './_entry-writer.ts';
import { nodePath } from './_layer-tree.ts';
import { statNode } from './_node.ts';

/** Writes a node of a file system with all below it as a tar. What goes away while it is read is left out. */
export class TreeWriter {
  readonly #sink: ByteSink;
  readonly #entries: EntryWriter;

  constructor(sink: ByteSink) {
    this.#sink = sink;
    this.#entries = new EntryWriter(sink);
  }

  /** @param name of the first entry; undefined leaves it out, and names what is below from there */
  write(path: ByteString, name: ByteString | undefined): void {
    if (name === undefined) this.#children(path, '' as ByteString);
    else this.#node(path, name);
    this.#sink.put(endOfArchive());
    this.#sink.flush();
  }

  #node(path: ByteString, name: ByteString): void {
    const status = statNode(path);
    if (status === undefined) return;
    this.#entries.write(path, name, status);
    if (status.type === 'directory') this.#children(path, (name.endsWith('/') ? name : `${name}/`) as ByteString);
  }

  #children(path: ByteString, prefix: ByteString): void {
    const directory = path.endsWith('/') ? path : `${path}/`;
    for (const child of this.#list(path)) this.#node(`${directory}${child}` as ByteString, `${prefix}${child}` as ByteString);
  }

  #list(path: ByteString): readonly string[] {
    try {
      return readdirSync(nodePath(path), 'latin1').sort();
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  }
}
