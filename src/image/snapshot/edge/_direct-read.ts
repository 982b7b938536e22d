import { closeSync, constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import type { TarEntry } from '#image/oci/tar/entry.ts';
import { endOfArchive, entryHeader, paddingAfter } from '#image/oci/tar/writer.ts';
import { isPortableXattr } from '#image/oci/whiteout.ts';
import type { PathStatus } from '../files.ts';
import { lastPart, pathStatus } from './_container-path.ts';
import { absent, directResolve, shortPath } from './_direct-status.ts';
import { describe } from './_entry-writer.ts';
import { isKind } from '#base/error.ts';
import { libc } from './_libc.ts';
import { cPath, type NodeStatus } from './_node.ts';
import { heldPath, linkOf, NODE, notHere, openAt, statOf } from './_root-directory.ts';

/** With more, the start of a child is the smaller part. */
const MOST_BYTES = 256 << 10;
const MOST_NODES = 64;
const O_NOATIME = 0o1000000;
const NAMES_BYTES = 4096;

const names = Buffer.alloc(NAMES_BYTES);

export interface DirectRead {
  readonly status: PathStatus;
  readonly tar: Uint8Array;
}

/**
 * A few small files, as the child archives them; undefined where it takes a child. Each node is held by a descriptor before it
 * is looked at, and read by that one: what its name leads to by then does not count. All that may wait is done by threads.
 */
export async function directRead(root: number, path: string): Promise<DirectRead | undefined> {
  const small = new SmallArchive();
  try {
    const asked = shortPath(path);
    const descriptor = openAt(root, asked, NODE);
    try {
      const found = statOf(descriptor);
      const status = pathStatus(asked, found, (linked) => directResolve(root, linked));
      await small.add(descriptor, found, lastPart(asked));
      return { status, tar: small.end() };
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) throw absent(path);
    return undefined;
  }
}

class SmallArchive {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #nodes = 0;

  async add(descriptor: number, status: NodeStatus, name: ByteString): Promise<void> {
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES) throw notHere('many files');
    if (status.type === 'file') await this.#file(descriptor, status, name);
    else if (status.type === 'directory') await this.#directory(descriptor, status, name);
    else if (status.type === 'symlink' && status.links === 1) this.#header(descriptor, name, status, linkOf(descriptor));
    else throw notHere(`a ${status.type}`);
  }

  end(): Uint8Array {
    this.#put(endOfArchive());
    return Buffer.concat(this.#pieces, this.#bytes);
  }

  async #file(descriptor: number, status: NodeStatus, name: ByteString): Promise<void> {
    if (status.links !== 1) throw notHere('a file of several names');
    if (this.#bytes + status.size > MOST_BYTES) throw notHere('many bytes');
    // A file under a lease is refused, and the child waits for it.
    const file = await open(heldPath(descriptor), constants.O_RDONLY | constants.O_NONBLOCK | O_NOATIME);
    try {
      this.#header(descriptor, name, status);
      // As many bytes as the header says, also where the file shrinks meanwhile.
      const content = Buffer.alloc(status.size);
      for (let at = 0; at < content.length;) {
        const { bytesRead } = await file.read(content, at, content.length - at, at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      this.#put(content);
      this.#put(paddingAfter(status.size));
    } finally {
      await file.close();
    }
  }

  async #directory(descriptor: number, status: NodeStatus, name: ByteString): Promise<void> {
    this.#header(descriptor, name, status);
    const children = await readdir(heldPath(descriptor), 'latin1') as ByteString[];
    if (this.#nodes + children.length > MOST_NODES) throw notHere('many files');
    for (const child of children.sort()) {
      const held = openChild(descriptor, child);
      if (held === undefined) continue;
      try {
        await this.add(held, statOf(held), `${name}${name.endsWith('/') ? '' : '/'}${child}` as ByteString);
      } finally {
        closeSync(held);
      }
    }
  }

  #header(descriptor: number, name: ByteString, status: NodeStatus, linkName = '' as ByteString): void {
    const type = status.type as TarEntry['type'];
    refuseXattrs(descriptor);
    this.#put(entryHeader(describe(name, status, type, linkName, new Map())));
  }

  #put(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
  }
}

/** Undefined where it has gone since its directory was read. */
function openChild(directory: number, name: ByteString): number | undefined {
  try {
    return openAt(directory, name, NODE);
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) return undefined;
    throw thrown;
  }
}

function refuseXattrs(descriptor: number): void {
  const size = Number(libc.listxattr(cPath(heldPath(descriptor) as ByteString), names, BigInt(NAMES_BYTES)));
  if (size < 0) throw notHere('extended attributes that can not be listed');
  if (names.toString('latin1', 0, size).split('\0').some((name) => name !== '' && isPortableXattr(name as ByteString))) throw notHere('extended attributes');
}
