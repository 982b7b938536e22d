import { constants, readSync, writeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { byteStringToText, quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import { entryPath } from '#image/oci/entry-path.ts';
import type { Segment, TarEntry } from '#image/oci/tar/entry.ts';
import type { TarHandler } from '#image/oci/tar/reader.ts';
import { SegmentCursor } from '#image/oci/tar/segment-cursor.ts';
import { classifyName, isPortableXattr } from '#image/oci/whiteout.ts';
import type { LayerLimits } from '../port.ts';
import { RecipeEncoder, writeVarint } from '../recipe.ts';
import { LayerTree } from './_layer-tree.ts';
import { check, ERRNO, lastErrno, libc, systemError } from './_libc.ts';
import { cPath, deviceNumber, FORMAT, setTimes, statNode, timespecs } from './_node.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const COPY_BYTES = 1 << 20;

interface OpenFile {
  readonly descriptor: number;
  readonly entry: TarEntry;
  readonly path: ByteString;
  readonly content: SegmentCursor;
}

interface Content {
  readonly number: number;
  readonly segments: readonly Segment[];
}

/** Turns the entries of one layer into files, and takes down how to make the tar of them again. */
export class LayerWriter implements TarHandler {
  readonly #tree: LayerTree;
  readonly #recipe: RecipeEncoder;
  readonly #replaced: number;
  readonly #limits: LayerLimits;
  /** Contents of files that are still in the layer, by inode. */
  readonly #contents = new Map<number, Content>();
  #contentCount = 0;
  #open: OpenFile | undefined;
  entries = 0;
  contentBytes = 0;
  /** Whether the archive says what the root directory looks like. */
  hasRoot = false;
  skippedXattrs = 0;

  /** `replaced` is the descriptor of the file for contents that the same layer replaces. */
  constructor(recipe: RecipeEncoder, replaced: number, limits: LayerLimits) {
    this.#recipe = recipe;
    this.#replaced = replaced;
    this.#limits = limits;
    this.#tree = new LayerTree((path, inode) => this.#keepContent(path, inode));
  }

  get opaque(): ReadonlySet<ByteString> {
    return this.#tree.opaque;
  }

  raw(bytes: Uint8Array): void {
    this.#recipe.verbatim(bytes);
  }

  entry(entry: TarEntry): void {
    this.entries += 1;
    if (this.entries > this.#limits.entries) throw new GantryError('too-large', `the layer has more than ${this.#limits.entries} entries`, { subject: subject(entry.name) });
    if (entry.size > this.#limits.fileBytes) {
      throw new GantryError('too-large', `the file ${quoteName(entry.name)} has ${entry.size} bytes, more than ${this.#limits.fileBytes}`, { subject: subject(entry.name) });
    }
    const name = classifyName(entry.name);
    switch (name.kind) {
      case 'ignored': break;
      case 'whiteout': this.#tree.whiteout(this.#tree.resolve(name.path)); break;
      case 'opaque': this.#tree.markOpaque(name.path); break;
      case 'node': this.#node(entry, name.path); break;
    }
  }

  data(bytes: Uint8Array): void {
    const file = this.#open;
    if (file === undefined) {
      this.#recipe.verbatim(bytes);
      return;
    }
    file.content.push(bytes, (part, offset) => writeAll(file.descriptor, part, offset, file.path));
  }

  entryEnd(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#open = undefined;
    const { descriptor, entry, path } = file;
    // In words only where it failed: there are many files.
    const checkSet = (result: number): void => {
      if (result === -1) throw systemError(lastErrno(), `set the attributes of ${quoteName(path)}`, subject(path));
    };
    if (entry.sparse !== undefined) this.#truncate(file);
    checkSet(libc.fchown(descriptor, entry.uid, entry.gid));
    // After the owner, whose change takes set-id bits away, as writing does; so it is with file capabilities.
    checkSet(libc.fchmod(descriptor, entry.mode));
    this.#setXattrs(entry, path);
    checkSet(libc.futimens(descriptor, timespecs(entry.modified)));
    checkSet(libc.close(descriptor));
  }

  /** All entries are there. */
  finish(): void {
    this.#tree.finish();
    this.#recipe.end();
  }

  #node(entry: TarEntry, lexical: ByteString): void {
    if (entry.type === 'directory') {
      this.#directory(entry, lexical);
      return;
    }
    const path = lexical === '' ? lexical : this.#tree.resolve(lexical);
    switch (entry.type) {
      case 'file': this.#file(entry, path); return;
      case 'hardlink': this.#hardlink(entry, path); return;
      case 'symlink': this.#symlink(entry, path); break;
      case 'fifo': this.#special(entry, path, FORMAT.fifo, 0n, 'a FIFO'); break;
      case 'character': this.#special(entry, path, FORMAT.character, deviceNumber(entry.deviceMajor, entry.deviceMinor), 'a device'); break;
      case 'block': this.#special(entry, path, FORMAT.block, deviceNumber(entry.deviceMajor, entry.deviceMinor), 'a device'); break;
    }
    setTimes(path, entry.modified);
  }

  #directory(entry: TarEntry, lexical: ByteString): void {
    const path = lexical === '' ? lexical : this.#tree.resolve(lexical);
    if (path === '') this.hasRoot = true;
    this.#tree.directory(path);
    this.#setOwnerAndMode(entry, path);
    this.#setXattrs(entry, path);
    this.#tree.setTimesAtEnd(path, entry.modified);
  }

  #file(entry: TarEntry, path: ByteString): void {
    const descriptor = this.#tree.place(path, (name) => libc.open(name, CREATE, 0o600), 'the file');
    const content = new SegmentCursor(entry);
    const { segments } = content;
    this.#open = { descriptor, entry, path, content };
    this.contentBytes += entry.size;
    if (segments.length === 0) return;
    this.#recipe.content(path, segments);
    this.#contents.set(statNode(path)!.inode, { number: this.#contentCount, segments });
    this.#contentCount += 1;
  }

  /** Owner, mode and times are those of the first name. The link is to the name itself, also where that is a symbolic link. */
  #hardlink(entry: TarEntry, path: ByteString): void {
    const target = this.#tree.resolveExisting(entryPath(entry.linkName));
    const status = statNode(target);
    const what = `the hard link ${quoteName(path)} to ${quoteName(entry.linkName)}`;
    if (status === undefined) throw new GantryError('invalid', `could not create ${what}: nothing of that name comes before it in the layer`, { subject: subject(path) });
    if (status.type === 'directory') throw new GantryError('invalid', `could not create ${what}: that is a directory`, { subject: subject(path) });
    if (target === path) throw new GantryError('invalid', `could not create ${what}: that is the entry itself`, { subject: subject(path) });
    this.#tree.place(path, (name) => libc.link(cPath(target), name), 'the hard link');
  }

  #symlink(entry: TarEntry, path: ByteString): void {
    if (entry.linkName === '' || entry.linkName.includes('\0') || entry.linkName.length > 4095) {
      throw new GantryError('invalid', `the link ${quoteName(path)} has no target that a file system could hold`, { subject: subject(path) });
    }
    this.#tree.place(path, (name) => libc.symlink(cPath(entry.linkName), name), 'the link');
    check(libc.lchown(cPath(path), entry.uid, entry.gid), `set the owner of ${quoteName(path)}`, subject(path));
    this.#setXattrs(entry, path);
  }

  #special(entry: TarEntry, path: ByteString, format: number, device: bigint, what: string): void {
    this.#tree.place(path, (name) => libc.mknod(name, format | 0o600, device), what);
    this.#setOwnerAndMode(entry, path);
    this.#setXattrs(entry, path);
  }

  #setOwnerAndMode(entry: TarEntry, path: ByteString): void {
    check(libc.lchown(cPath(path), entry.uid, entry.gid), `set the owner of ${quoteName(path)}`, subject(path));
    check(libc.chmod(cPath(path), entry.mode), `set the mode of ${quoteName(path)}`, subject(path));
  }

  /** Attributes that this file system or kernel does not take are left out, as by Docker. */
  #setXattrs(entry: TarEntry, path: ByteString): void {
    for (const [name, value] of entry.xattrs) {
      const portable = isPortableXattr(name);
      if (portable && libc.lsetxattr(cPath(path), cPath(name), value.length === 0 ? EMPTY : value, BigInt(value.length), 0) !== -1) continue;
      const errno = portable ? lastErrno() : ERRNO.EPERM;
      if (errno === ERRNO.EINVAL && name === 'security.capability') {
        throw new GantryError('invalid', `the file capabilities of ${quoteName(path)} are malformed`, { subject: subject(path) });
      }
      if (errno !== ERRNO.EPERM && errno !== ERRNO.EOPNOTSUPP && errno !== ERRNO.EINVAL) {
        throw systemError(errno, `set the attribute ${byteStringToText(name)} of ${quoteName(path)}`, subject(path));
      }
      this.skippedXattrs += 1;
    }
  }

  #truncate({ descriptor, entry, path }: OpenFile): void {
    if (libc.ftruncate(descriptor, BigInt(entry.size)) !== -1) return;
    const errno = lastErrno();
    if (errno !== ERRNO.EFBIG && errno !== ERRNO.EINVAL) throw systemError(errno, `set the size of ${quoteName(path)}`, subject(path));
    throw new GantryError('too-large', `the file ${quoteName(path)} has ${entry.size} bytes, more than the file system takes`, { subject: subject(path) });
  }

  /** The tar has this content, the layer has it no longer. */
  #keepContent(path: ByteString, inode: number): void {
    const content = this.#contents.get(inode);
    if (content === undefined) return;
    this.#contents.delete(inode);
    const head = new Uint8Array(16);
    const length = content.segments.reduce((sum, segment) => sum + segment.length, 0);
    writeAll(this.#replaced, head.subarray(0, writeVarint(head, writeVarint(head, 0, content.number), length)), null, path);
    const descriptor = check(libc.open(cPath(path), constants.O_RDONLY | constants.O_NOFOLLOW, 0), `read ${quoteName(path)} again`, subject(path));
    const buffer = Buffer.alloc(Math.min(COPY_BYTES, length));
    for (const segment of content.segments) {
      for (let at = 0; at < segment.length;) {
        const size = readSync(descriptor, buffer, 0, Math.min(buffer.length, segment.length - at), segment.offset + at);
        if (size === 0) throw new GantryError('internal', `could not read ${quoteName(path)} again: it is too short`, { subject: subject(path) });
        writeAll(this.#replaced, buffer.subarray(0, size), null, path);
        at += size;
      }
    }
    libc.close(descriptor);
  }
}

const EMPTY = Buffer.alloc(1);

/** `position` null: where the file is. */
function writeAll(descriptor: number, bytes: Uint8Array, position: number | null, path: ByteString): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at, bytes.length - at, position === null ? null : position + at);
    } catch (error) {
      const errno = -((error as NodeJS.ErrnoException).errno ?? 0);
      if (errno === ERRNO.EFBIG) throw new GantryError('too-large', `the file ${quoteName(path)} is larger than the file system takes`, { subject: subject(path), cause: error });
      throw systemError(errno, `write ${quoteName(path)}`, subject(path));
    }
  }
}

function subject(name: ByteString): string {
  return `entry ${quoteName(name)}`;
}
