import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { EntryType, TarEntry } from '#image/oci/tar/entry.ts';
import { endOfArchive, entryHeader, paddingAfter } from '#image/oci/tar/writer.ts';
import { isOverlayWhiteout, isPortableXattr, OVERLAY_OPAQUE, opaqueName, whiteoutName } from '#image/oci/whiteout.ts';
import { nodePath } from './_layer-tree.ts';
import { statNode, type NodeStatus } from './_node.ts';
import type { ByteSink } from './_byte-sink.ts';
import { readXattrs } from './_xattrs.ts';

const NO_NAME = '' as ByteString;

/** Writes the directory that this process is in, the upper one of an overlay, as a layer's tar. */
export class DiffWriter {
  readonly #sink: ByteSink;
  /** First name of each file that has several, by inode. */
  readonly #linked = new Map<number, ByteString>();

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  write(): void {
    this.#children(NO_NAME);
    this.#sink.put(endOfArchive());
    this.#sink.flush();
  }

  #children(directory: ByteString): void {
    if (isOpaque(directory)) this.#sink.put(entryHeader(emptyFile(opaqueName(directory))));
    const names = readdirSync(nodePath(directory), 'latin1').sort();
    for (const name of names) this.#node((directory === '' ? name : `${directory}/${name}`) as ByteString);
  }

  #node(path: ByteString): void {
    const status = statNode(path);
    // Gone since the directory was read. Sockets cannot be archived.
    if (status === undefined || status.type === 'socket') return;
    if (isOverlayWhiteout(status)) {
      this.#sink.put(entryHeader(emptyFile(whiteoutName(path))));
      return;
    }
    if (path.slice(path.lastIndexOf('/') + 1).startsWith('.wh.')) {
      throw new GantryError('invalid', `the file ${quoteName(path)} cannot be part of a layer: names that begin with .wh. mark deleted files there`, {
        subject: `file ${quoteName(path)}`, hint: 'Rename or remove it.',
      });
    }
    const first = status.type === 'directory' || status.links < 2 ? undefined : this.#linked.get(status.inode);
    if (first !== undefined) {
      this.#sink.put(entryHeader({ ...describe(path, status, 'hardlink'), linkName: first }));
      return;
    }
    if (status.links > 1 && status.type !== 'directory') this.#linked.set(status.inode, path);
    if (status.type === 'file') this.#file(path, status);
    else this.#sink.put(entryHeader(describe(path, status, status.type)));
    if (status.type === 'directory') this.#children(path);
  }

  /** As many bytes as the header says, also where the file grows or shrinks meanwhile. */
  #file(path: ByteString, status: NodeStatus): void {
    let descriptor: number;
    try {
      descriptor = openSync(nodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ELOOP') return;
      throw error;
    }
    try {
      this.#sink.put(entryHeader(describe(path, status, 'file')));
      const missing = this.#sink.copy((into) => readSync(descriptor, into, 0, into.length, null), status.size);
      this.#sink.zeros(missing);
      this.#sink.put(paddingAfter(status.size));
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Times in whole seconds, as Docker writes them: layers then hash alike on file systems of any resolution. */
function describe(path: ByteString, status: NodeStatus, type: EntryType): TarEntry {
  const isDevice = type === 'character' || type === 'block';
  return {
    type,
    name: (type === 'directory' ? `${path}/` : path) as ByteString,
    linkName: type === 'symlink' ? readlinkSync(nodePath(path), 'latin1') as ByteString : NO_NAME,
    mode: status.mode,
    uid: status.uid,
    gid: status.gid,
    size: type === 'file' ? status.size : 0,
    modified: { seconds: status.modified.seconds, nanoseconds: 0 },
    deviceMajor: isDevice ? status.deviceMajor : 0,
    deviceMinor: isDevice ? status.deviceMinor : 0,
    xattrs: type === 'hardlink' ? new Map() : new Map([...readXattrs(path)].filter(([name]) => isPortableXattr(name))),
  };
}

function emptyFile(name: ByteString): TarEntry {
  return {
    type: 'file', name, linkName: NO_NAME, mode: 0, uid: 0, gid: 0, size: 0,
    modified: { seconds: 0, nanoseconds: 0 }, deviceMajor: 0, deviceMinor: 0, xattrs: new Map(),
  };
}

function isOpaque(directory: ByteString): boolean {
  return readXattrs(directory).get(OVERLAY_OPAQUE)?.[0] === 'y'.charCodeAt(0);
}
