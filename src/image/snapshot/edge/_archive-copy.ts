import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { entryPath } from '#image/oci/entry-path.ts';
import { quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { TarEntry } from '#image/oci/tar/entry.ts';
import { TarReader, type TarHandler } from '#image/oci/tar/reader.ts';
import { SegmentCursor } from '#image/oci/tar/segment-cursor.ts';
import { isPortableXattr } from '#image/oci/whiteout.ts';
import { joinPath, parentOf, realPath } from '../tree-selection.ts';
import type { ChangedDirectories } from './_changed-directories.ts';
import { HEAD_BYTES, programFor, type ProgramName, type WaitingPrograms } from './decompressor.ts';
import type { FsView } from './_fs-view.ts';
import { inflate } from './_inflate.ts';
import { nodePath } from './_layer-tree.ts';
import { check, libc } from './_libc.ts';
import { cPath, deviceNumber, FORMAT, setTimes } from './_node.ts';
import { makeDirectories } from './_tree-copy.ts';
import type { Owner } from './_tree-owner.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const CHUNK_BYTES = 256 << 10;
const PROBE_BYTES = 64 << 10;
const LARGEST_ENTRIES = 2_000_000;
const EMPTY = Buffer.alloc(1);

/** Which program it takes to look into a file, where Node has no code for it. */
export function programOf(path: ByteString): ProgramName | undefined {
  const descriptor = openSync(nodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return programFor(head.subarray(0, readSync(descriptor, head)));
  } finally {
    closeSync(descriptor);
  }
}

/** The tar in a file, plain or compressed; undefined where it is none: only a tar is unpacked by ADD. */
export async function openArchive(path: ByteString, programs: WaitingPrograms): Promise<AsyncIterable<Uint8Array> | undefined> {
  const program = programOf(path);
  const chunks = await inflate(program === undefined ? chunksOf(path) : programs.take(program).through(chunksOf(path)));
  const iterator = chunks[Symbol.asyncIterator]();
  const probed: Uint8Array[] = [];
  if (await beginsWithEntry(iterator, probed)) return replay(probed, iterator);
  await iterator.return?.();
  return undefined;
}

async function beginsWithEntry(chunks: AsyncIterator<Uint8Array>, probed: Uint8Array[]): Promise<boolean> {
  let isEntry = false;
  const reader = new TarReader({ raw: () => undefined, entry: () => { isEntry = true; }, data: () => undefined, entryEnd: () => undefined });
  try {
    for (let size = 0; !isEntry && size < PROBE_BYTES;) {
      const { value, done } = await chunks.next();
      if (done === true) break;
      probed.push(value);
      size += value.length;
      reader.push(value);
    }
  } catch {
    return isEntry;
  }
  return isEntry;
}

async function* replay(probed: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* probed;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Unpacks an archive into a directory. Names and links in it lead to nothing outside of that directory. */
export async function unpackArchive(archive: AsyncIterable<Uint8Array>, directory: FsView, owner: Owner | undefined, changed?: ChangedDirectories): Promise<void> {
  const writer = new ArchiveWriter(directory, owner, changed);
  const reader = new TarReader(writer);
  for await (const chunk of archive) reader.push(chunk);
  reader.end();
  writer.finish();
}

async function* chunksOf(path: ByteString): AsyncGenerator<Buffer> {
  const descriptor = openSync(nodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const size = readSync(descriptor, buffer);
      if (size === 0) return;
      yield buffer.subarray(0, size);
    }
  } finally {
    closeSync(descriptor);
  }
}

class ArchiveWriter implements TarHandler {
  readonly #view: FsView;
  readonly #owner: Owner | undefined;
  readonly #changed: ChangedDirectories | undefined;
  readonly #directories = new Map<ByteString, TarEntry>();
  #open: { readonly descriptor: number; readonly path: ByteString; readonly entry: TarEntry; readonly content: SegmentCursor } | undefined;
  #entries = 0;

  constructor(view: FsView, owner: Owner | undefined, changed: ChangedDirectories | undefined) {
    this.#view = view;
    this.#owner = owner;
    this.#changed = changed;
  }

  raw(): void {
    // Only what the entries mean counts.
  }

  entry(entry: TarEntry): void {
    this.#entries += 1;
    if (this.#entries > LARGEST_ENTRIES) throw new GantryError('too-large', `the archive has more than ${LARGEST_ENTRIES} entries`);
    const path = this.#place(entryPath(entry.name));
    if (path === undefined) return;
    if (entry.type === 'directory') {
      if (this.#view.type(path) !== 'directory') {
        this.#clear(path);
        check(libc.mkdir(cPath(this.#view.at(path)), 0o755), `create the directory ${quoteName(path)}`);
      }
      this.#attributes(path, entry);
      this.#directories.set(path, entry);
      return;
    }
    this.#clear(path);
    if (entry.type === 'file') {
      const descriptor = check(libc.open(cPath(this.#view.at(path)), CREATE, 0o600), `create ${quoteName(path)}`);
      this.#open = { descriptor, path, entry, content: new SegmentCursor(entry) };
      return;
    }
    this.#special(path, entry);
    if (entry.type !== 'hardlink') this.#attributes(path, entry);
  }

  data(bytes: Uint8Array): void {
    const file = this.#open;
    if (file === undefined) return;
    file.content.push(bytes, (part, offset) => {
      for (let done = 0; done < part.length;) done += writeSync(file.descriptor, part, done, part.length - done, offset + done);
    });
  }

  entryEnd(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#open = undefined;
    if (file.entry.sparse !== undefined) check(libc.ftruncate(file.descriptor, BigInt(file.entry.size)), `set the size of ${quoteName(file.path)}`);
    closeSync(file.descriptor);
    this.#attributes(file.path, file.entry);
  }

  finish(): void {
    for (const [path, entry] of this.#directories) {
      if (this.#view.type(path) !== 'directory') continue;
      setTimes(this.#view.at(path), entry.modified);
      this.#changed?.timed(path);
    }
  }

  /** The real place of an entry; undefined for the directory itself. */
  #place(path: ByteString): ByteString | undefined {
    if (path === '') return undefined;
    const parent = makeDirectories(this.#view, parentOf(path), { ...(this.#owner === undefined ? {} : { owner: this.#owner }), ...(this.#changed === undefined ? {} : { changed: this.#changed }) });
    const name = path.slice(path.lastIndexOf('/') + 1);
    const place = joinPath(parent, name);
    this.#changed?.made(place);
    return place;
  }

  #clear(path: ByteString): void {
    const type = this.#view.type(path);
    if (type === undefined) return;
    if (type === 'directory') {
      for (const name of this.#view.children(path)) this.#clear(`${path}/${name}` as ByteString);
      check(libc.rmdir(cPath(this.#view.at(path))), `replace ${quoteName(path)}`);
    } else {
      check(libc.unlink(cPath(this.#view.at(path))), `replace ${quoteName(path)}`);
    }
  }

  #special(path: ByteString, entry: TarEntry): void {
    const target = cPath(this.#view.at(path));
    const what = `create ${quoteName(path)}`;
    switch (entry.type) {
      case 'symlink': check(libc.symlink(cPath(entry.linkName), target), what); return;
      case 'hardlink': {
        const linked = entryPath(entry.linkName);
        const real = realPath(this.#view, linked, false);
        if (this.#view.type(real) === undefined || this.#view.type(real) === 'directory') throw new GantryError('invalid', `${quoteName(entry.name)} is a link to ${quoteName(entry.linkName)}, which the archive does not have`);
        check(libc.link(cPath(this.#view.at(real)), target), what);
        return;
      }
      case 'fifo': check(libc.mknod(target, FORMAT.fifo | 0o600, 0n), what); return;
      case 'character':
      case 'block': check(libc.mknod(target, FORMAT[entry.type] | 0o600, deviceNumber(entry.deviceMajor, entry.deviceMinor)), what); return;
      default: return;
    }
  }

  #attributes(path: ByteString, entry: TarEntry): void {
    const target = cPath(this.#view.at(path));
    const { uid, gid } = this.#owner ?? entry;
    check(libc.lchown(target, uid, gid), `set the owner of ${quoteName(path)}`);
    if (entry.type !== 'symlink') check(libc.chmod(target, entry.mode), `set the mode of ${quoteName(path)}`);
    // What the file system refuses is left out, as by Docker.
    for (const [name, value] of entry.xattrs) if (isPortableXattr(name)) libc.lsetxattr(target, cPath(name), value.length === 0 ? EMPTY : value, BigInt(value.length), 0);
    setTimes(this.#view.at(path), entry.modified);
  }
}
