import { constants, readdirSync, writeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { byteStringToText, quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import { baseName, entryPath, parentPath } from '#image/oci/entry-path.ts';
import type { TarEntry, Timestamp } from '#image/oci/tar/entry.ts';
import type { TarHandler } from '#image/oci/tar/reader.ts';
import { SegmentCursor } from '#image/oci/tar/segment-cursor.ts';
import { isPortableXattr } from '#image/oci/whiteout.ts';
import type { WriteOptions } from '../files.ts';
import { nodePath } from './_layer-tree.ts';
import { check, ERRNO, lastErrno, libc, systemError } from './_libc.ts';
import { cPath, deviceNumber, FORMAT, setTimes, statNode, timespecs, type NodeStatus } from './_node.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const IMPLIED_MODE = 0o755;
const EMPTY = Buffer.alloc(1);

interface OpenFile {
  readonly descriptor: number;
  readonly entry: TarEntry;
  readonly path: ByteString;
  readonly content: SegmentCursor;
}

/**
 * Puts the entries of a tar into a directory of a container, which may run and change it meanwhile. Links on the way of an
 * entry are the container's own business: this process sees nothing else. A name that leads out of the directory is refused.
 */
export class ArchiveUnpacker implements TarHandler {
  readonly #directory: ByteString;
  readonly #options: WriteOptions;
  readonly #times = new Map<ByteString, Timestamp>();
  #open: OpenFile | undefined;

  /** @param directory absolute, and there */
  constructor(directory: ByteString, options: WriteOptions) {
    this.#directory = directory.replace(/\/+$/, '') as ByteString;
    this.#options = options;
  }

  raw(): void {}

  entry(entry: TarEntry): void {
    const relative = entryPath(entry.name);
    // The directory itself is there already, and stays as it is.
    if (relative === '') return;
    const path = `${this.#directory}/${relative}` as ByteString;
    const there = statNode(path);
    if (there === undefined) this.#makeParents(relative);
    else this.#makeRoom(path, there, entry);
    this.#create(entry, path, there?.type === 'directory' && entry.type === 'directory');
  }

  data(bytes: Uint8Array): void {
    const file = this.#open;
    if (file !== undefined) file.content.push(bytes, (part, offset) => writeAll(file.descriptor, part, offset, file.path));
  }

  entryEnd(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#open = undefined;
    const { descriptor, entry, path } = file;
    const what = `set the attributes of ${quoteName(path)}`;
    const { uid, gid } = this.#options.owner ?? entry;
    if (entry.sparse !== undefined) check(libc.ftruncate(descriptor, BigInt(entry.size)), `set the size of ${quoteName(path)}`);
    check(libc.fchown(descriptor, uid, gid), what);
    // After the owner, whose change takes set-id bits away, as writing does; so it is with file capabilities.
    check(libc.fchmod(descriptor, entry.mode), what);
    for (const [name, value] of entry.xattrs) {
      if (isPortableXattr(name)) libc.fsetxattr(descriptor, cPath(name), value.length === 0 ? EMPTY : value, BigInt(value.length), 0);
    }
    check(libc.futimens(descriptor, timespecs(entry.modified)), what);
    check(libc.close(descriptor), what);
  }

  /** All entries are there. */
  finish(): void {
    for (const [path, time] of this.#times) if (statNode(path)?.type === 'directory') setTimes(path, time);
  }

  #create(entry: TarEntry, path: ByteString, isThere: boolean): void {
    const what = `create ${quoteName(path)}`;
    switch (entry.type) {
      case 'file': {
        const descriptor = check(libc.open(cPath(path), CREATE, 0o600), what);
        this.#open = { descriptor, entry, path, content: new SegmentCursor(entry) };
        return;
      }
      case 'hardlink':
        this.#hardlink(entry, path);
        return;
      case 'directory':
        if (!isThere) check(libc.mkdir(cPath(path), IMPLIED_MODE), what);
        break;
      case 'symlink': check(libc.symlink(cPath(entry.linkName), cPath(path)), what); break;
      case 'fifo': check(libc.mknod(cPath(path), FORMAT.fifo, 0n), what); break;
      case 'character': check(libc.mknod(cPath(path), FORMAT.character, deviceNumber(entry.deviceMajor, entry.deviceMinor)), what); break;
      case 'block': check(libc.mknod(cPath(path), FORMAT.block, deviceNumber(entry.deviceMajor, entry.deviceMinor)), what); break;
    }
    this.#setAttributes(entry, path);
  }

  #hardlink(entry: TarEntry, path: ByteString): void {
    const target = `${this.#directory}/${entryPath(entry.linkName)}` as ByteString;
    const what = `the hard link ${quoteName(path)} to ${quoteName(entry.linkName)}`;
    if (statNode(target) === undefined) throw new GantryError('invalid', `could not create ${what}: nothing of that name is there`);
    check(libc.link(cPath(target), cPath(path)), `create ${what}`);
  }

  #setAttributes(entry: TarEntry, path: ByteString): void {
    const { uid, gid } = this.#options.owner ?? entry;
    check(libc.lchown(cPath(path), uid, gid), `set the owner of ${quoteName(path)}`);
    if (entry.type !== 'symlink') check(libc.chmod(cPath(path), entry.mode), `set the mode of ${quoteName(path)}`);
    for (const [name, value] of entry.xattrs) {
      if (isPortableXattr(name)) libc.lsetxattr(cPath(path), cPath(name), value.length === 0 ? EMPTY : value, BigInt(value.length), 0);
    }
    // Every entry below would change it.
    if (entry.type === 'directory') this.#times.set(path, entry.modified);
    else setTimes(path, entry.modified);
  }

  /** Directories on the way that no entry made. */
  #makeParents(relative: ByteString): void {
    const missing: ByteString[] = [];
    for (let at = parentPath(relative); at !== ''; at = parentPath(at)) {
      const path = `${this.#directory}/${at}` as ByteString;
      if (libc.mkdir(cPath(path), IMPLIED_MODE) !== -1) break;
      const errno = lastErrno();
      if (errno === ERRNO.EEXIST) break;
      if (errno !== ERRNO.ENOENT) throw systemError(errno, `create the directory ${quoteName(path)}`);
      missing.push(path);
    }
    for (const path of missing.reverse()) check(libc.mkdir(cPath(path), IMPLIED_MODE), `create the directory ${quoteName(path)}`);
  }

  #makeRoom(path: ByteString, there: NodeStatus, entry: TarEntry): void {
    const [isDirectory, becomesDirectory] = [there.type === 'directory', entry.type === 'directory'];
    if (isDirectory && becomesDirectory) return;
    if (this.#options.keepsKind && isDirectory !== becomesDirectory) {
      const words = isDirectory ? ['directory', 'non-directory'] : ['non-directory', 'directory'];
      throw new GantryError('invalid', `cannot overwrite ${words[0]} ${JSON.stringify(byteStringToText(baseName(path)))} with ${words[1]} ${JSON.stringify(byteStringToText(this.#directory === '' ? '/' as ByteString : this.#directory))}`, {
        subject: `entry ${quoteName(entry.name)}`,
      });
    }
    remove(path, there);
  }
}

/** A mount point below stays, and is told: the kernel does not let it go. */
function remove(path: ByteString, status: NodeStatus | undefined): void {
  if (status === undefined) return;
  if (status.type !== 'directory') {
    check(libc.unlink(cPath(path)), `remove ${quoteName(path)}`);
    return;
  }
  for (const child of readdirSync(nodePath(path), 'latin1')) {
    const below = `${path}/${child}` as ByteString;
    remove(below, statNode(below));
  }
  check(libc.rmdir(cPath(path)), `remove the directory ${quoteName(path)}`);
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number, path: ByteString): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
    } catch (error) {
      throw systemError(-((error as NodeJS.ErrnoException).errno ?? 0), `write ${quoteName(path)}`);
    }
  }
}
