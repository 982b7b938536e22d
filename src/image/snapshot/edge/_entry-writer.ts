import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import type { EntryType, TarEntry } from '#image/oci/tar/entry.ts';
import { entryHeader, paddingAfter } from '#image/oci/tar/writer.ts';
import { isPortableXattr } from '#image/oci/whiteout.ts';
import type { Arrivals } from './_arrivals.ts';
import { BUFFER_BYTES, runAll, type ByteSink, type Steps } from './_byte-sink.ts';
import { nodePath } from './_layer-tree.ts';
import type { NodeStatus } from './_node.ts';
import { readXattrs } from './_xattrs.ts';

const NO_NAME = '' as ByteString;

/** Writes nodes of a file system as entries of a tar, each under a name of the caller's. */
export class EntryWriter {
  readonly #sink: ByteSink;
  readonly #opened: (descriptor: number, size: number) => void;
  readonly #arrivals: Arrivals | undefined;
  /** First name of each file that has several, by device and inode. */
  readonly #linked = new Map<string, ByteString>();
  /** What was written so far. */
  entries = 0;
  contentBytes = 0;

  /**
   * @param opened is told of each file before it is read
   * @param arrivals of files that are being written
   */
  constructor(sink: ByteSink, opened: (descriptor: number, size: number) => void = () => undefined, arrivals?: Arrivals) {
    this.#sink = sink;
    this.#opened = opened;
    this.#arrivals = arrivals;
  }

  /** @param name without the slash at the end of a directory's. Sockets cannot be archived, and are left out. */
  write(path: ByteString, name: ByteString, status: NodeStatus): void {
    runAll(this.steps(path, name, status));
  }

  /** The same in steps. */
  *steps(path: ByteString, name: ByteString, status: NodeStatus): Steps {
    if (status.type === 'socket') return;
    const isLinked = status.links > 1 && status.type !== 'directory';
    const identity = isLinked ? `${status.fileSystem}:${status.inode}` : '';
    const first = isLinked ? this.#linked.get(identity) : undefined;
    if (first !== undefined) {
      this.header({ ...nodeEntry(path, name, status, 'hardlink'), linkName: first });
      return;
    }
    if (isLinked) this.#linked.set(identity, name);
    if (status.type === 'file') yield* this.#file(path, name, status);
    else this.header(nodeEntry(path, name, status, status.type));
  }

  /** An entry of its own, without content. */
  header(entry: TarEntry): void {
    this.entries += 1;
    this.contentBytes += entry.size;
    this.#sink.put(entryHeader(entry));
  }

  /** As many bytes as the header says, also where the file grows or shrinks meanwhile. */
  *#file(path: ByteString, name: ByteString, status: NodeStatus): Steps {
    let descriptor: number;
    try {
      descriptor = openSync(nodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (['ENOENT', 'ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
      throw error;
    }
    try {
      // What took its place since it was looked at may be a FIFO, which has no end to read to.
      if (!fstatSync(descriptor).isFile()) return;
      this.#opened(descriptor, status.size);
      this.header(nodeEntry(path, name, status, 'file'));
      const arriving = this.#arrivals?.read(status, descriptor);
      const missing = yield* this.#sink.copySteps((into) => {
        arriving?.wait(into.length);
        const size = readSync(descriptor, into, 0, into.length, null);
        arriving?.took(into.subarray(0, size));
        return size;
      }, status.size);
      if (missing === 0) arriving?.end();
      for (let left = missing; left > 0; left -= BUFFER_BYTES) {
        this.#sink.zeros(Math.min(left, BUFFER_BYTES));
        yield;
      }
      this.#sink.put(paddingAfter(status.size));
    } finally {
      closeSync(descriptor);
    }
  }
}

function nodeEntry(path: ByteString, name: ByteString, status: NodeStatus, type: EntryType): TarEntry {
  const linkName = type === 'symlink' ? readlinkSync(nodePath(path), 'latin1') as ByteString : NO_NAME;
  return describe(name, status, type, linkName, type === 'hardlink' ? new Map() : new Map([...readXattrs(path)].filter(([attribute]) => isPortableXattr(attribute))));
}

/** Times in whole seconds, as Docker writes them: layers then hash alike on file systems of any resolution. */
export function describe(name: ByteString, status: NodeStatus, type: EntryType, linkName: ByteString, xattrs: TarEntry['xattrs']): TarEntry {
  const isDevice = type === 'character' || type === 'block';
  return {
    type,
    name: (type === 'directory' && !name.endsWith('/') ? `${name}/` : name) as ByteString,
    linkName,
    mode: status.mode,
    uid: status.uid,
    gid: status.gid,
    size: type === 'file' ? status.size : 0,
    modified: { seconds: status.modified.seconds, nanoseconds: 0 },
    deviceMajor: isDevice ? status.deviceMajor : 0,
    deviceMinor: isDevice ? status.deviceMinor : 0,
    xattrs,
  };
}

/** An entry that is a name and nothing else. */
export function emptyFile(name: ByteString): TarEntry {
  return {
    type: 'file', name, linkName: NO_NAME, mode: 0, uid: 0, gid: 0, size: 0,
    modified: { seconds: 0, nanoseconds: 0 }, deviceMajor: 0, deviceMinor: 0, xattrs: new Map(),
  };
}

