import { copyFileSync, constants, readlinkSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { byteStringToText, textToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';
import { isPortableXattr } from '#image/oci/whiteout.ts';
import { joinPath, nameOf, parentOf, PathRules, realPath } from '../tree-selection.ts';
import type { ModeChange } from '../tree-work.ts';
import type { ChangedDirectories } from './_changed-directories.ts';
import type { FsView } from './_fs-view.ts';
import type { GivenFiles } from './_given-files.ts';
import { nodePath } from './_layer-tree.ts';
import { check, ERRNO, lastErrno, libc, systemError } from './_libc.ts';
import { changeMode } from './_mode-change.ts';
import { cPath, deviceNumber, FORMAT, setTimes, type NodeStatus } from './_node.ts';
import type { Owner } from './_tree-owner.ts';
import { readXattrs } from './_xattrs.ts';

const DIRECTORY_MODE = 0o755;
const EMPTY = Buffer.alloc(1);

export interface CopyOptions {
  /** Absent: as in the source. */
  readonly owner?: Owner;
  readonly mode?: ModeChange;
  readonly rules: PathRules;
  /** Absent: they keep the time of now. */
  readonly changed?: ChangedDirectories;
  /** What need not be copied where it stays as it is. */
  readonly given?: GivenFiles;
}

/** What directories are made with for a destination: owner and permissions of a copy go for them too, as with BuildKit under its mask. */
export interface MadeDirectories {
  readonly owner?: Owner;
  readonly mode?: ModeChange;
  readonly changed?: ChangedDirectories;
}

const MADE_MODE = 0o755;

/** Directories with parents, mode 0755 unless another is given in octal; answers the real path. One that is there stays as it is. */
export function makeDirectories(target: FsView, path: string, { owner, mode, changed }: MadeDirectories): ByteString {
  const real = realPath(target, path, true);
  let at = '' as ByteString;
  for (const part of real.split('/').filter((name) => name !== '')) {
    at = joinPath(at, part);
    const type = target.type(at);
    if (type === 'directory') continue;
    if (type !== undefined) throw new GantryError('invalid', `mkdir ${shown(at)}: not a directory`);
    check(libc.mkdir(cPath(target.at(at)), DIRECTORY_MODE), `create the directory ${shown(at)}`);
    if (owner !== undefined) check(libc.lchown(cPath(target.at(at)), owner.uid, owner.gid), `set the owner of ${shown(at)}`);
    if (mode?.kind === 'octal') check(libc.chmod(cPath(target.at(at)), mode.mode & MADE_MODE), `set the mode of ${shown(at)}`);
    changed?.madeDirectory(at);
  }
  return real;
}

/** Copies files and trees from one view into another, as COPY does: the content of a directory, and links as they are. */
export class TreeCopy {
  readonly #source: FsView;
  readonly #target: FsView;
  readonly #options: CopyOptions;
  /** Copies of files with several names, by the inode of the source. */
  readonly #linked = new Map<number, ByteString>();

  constructor(source: FsView, target: FsView, options: CopyOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  /**
   * @param destination absolute, in the target; a directory is the place of what a directory holds, and of a file by its name
   * @param isItself the directory is copied too; else one is made for what it holds
   */
  copyTo(path: ByteString, destination: string, isItself = false): void {
    const from = realPath(this.#source, path, true);
    const status = this.#source.stat(from);
    if (status === undefined) throw new GantryError('invalid', `"/${byteStringToText(path)}": not found`);
    const isDirectoryWanted = /(^|\/)\.?$/.test(destination);
    const parent = isDirectoryWanted ? destination : destination.slice(0, destination.lastIndexOf('/') + 1);
    makeDirectories(this.#target, textToByteString(parent), this.#options);
    let to = realPath(this.#target, textToByteString(destination), true);
    if (status.type !== 'directory' && this.#target.type(to) === 'directory') to = joinPath(to, nameOf(path));
    const holdsContent = status.type === 'directory' && !isItself && this.#target.type(to) === undefined;
    makeDirectories(this.#target, holdsContent ? to : parentOf(to), this.#options);
    this.#node(from, to, status, '', false);
  }

  /** Directories above a copied path, each as in the source (`--parents`). */
  copyParents(paths: readonly { readonly source: ByteString; readonly relative: ByteString }[], destination: string): void {
    const root = makeDirectories(this.#target, textToByteString(destination), this.#options);
    for (const { source, relative } of paths) {
      const to = joinPath(root, relative);
      if (this.#target.type(to) !== undefined) continue;
      const status = this.#source.stat(realPath(this.#source, source, true));
      this.#makeDirectory(to);
      if (status !== undefined) this.#attributes(realPath(this.#source, source, true), to, status);
    }
  }

  #node(from: ByteString, to: ByteString, status: NodeStatus, relative: string, overwrites: boolean): void {
    if (status.type === 'directory') {
      this.#directory(from, to, status, relative, overwrites);
      return;
    }
    if (status.type === 'socket' || (relative !== '' && this.#options.rules.excludes(relative))) return;
    this.#clear(to);
    this.#options.changed?.made(to);
    const first = status.links > 1 ? this.#linked.get(status.inode) : undefined;
    if (first !== undefined) {
      check(libc.link(cPath(this.#target.at(first)), cPath(this.#target.at(to))), `link ${shown(to)}`);
      return;
    }
    if (status.links > 1) this.#linked.set(status.inode, to);
    this.#create(from, to, status);
    this.#attributes(from, to, status);
  }

  #directory(from: ByteString, to: ByteString, status: NodeStatus, relative: string, overwrites: boolean): void {
    const { rules } = this.#options;
    const isExcluded = relative !== '' && rules.excludes(relative);
    if (isExcluded && !rules.hasExceptions) return;
    const there = this.#target.type(to);
    if (there !== undefined && there !== 'directory') throw new GantryError('invalid', `cannot copy to non-directory: /${byteStringToText(to)}`);
    const children = this.#source.children(from).map((name) => {
      const path = joinPath(from, name);
      return { path, name, status: this.#source.stat(path) };
    });
    const makes = there === undefined && !isExcluded;
    if (makes) this.#makeDirectory(to);
    for (const child of children) {
      if (child.status === undefined) continue;
      const below = relative === '' ? byteStringToText(child.name) : `${relative}/${byteStringToText(child.name)}`;
      // An excluded directory is made for the sake of what is taken back below it.
      if (isExcluded && this.#target.type(to) === undefined) {
        if (rules.excludes(below) && child.status.type !== 'directory') continue;
        this.#makeDirectory(to);
      }
      this.#node(child.path, joinPath(to, child.name), child.status, below, true);
    }
    if (makes || (overwrites && !isExcluded)) this.#attributes(from, to, status);
    // A directory that was there keeps its owner and mode, but takes the time, as with BuildKit.
    else if (!isExcluded && to !== '') this.#time(to, status);
  }

  #makeDirectory(path: ByteString): void {
    check(libc.mkdir(cPath(this.#target.at(path)), DIRECTORY_MODE), `create the directory ${shown(path)}`);
    this.#options.changed?.madeDirectory(path);
  }

  #clear(to: ByteString): void {
    const type = this.#target.type(to);
    if (type === undefined) return;
    if (type === 'directory') throw new GantryError('invalid', `cannot replace to directory /${byteStringToText(to)} with file`);
    check(libc.unlink(cPath(this.#target.at(to))), `replace ${shown(to)}`);
  }

  #create(from: ByteString, to: ByteString, status: NodeStatus): void {
    const target = cPath(this.#target.at(to));
    switch (status.type) {
      case 'file': this.#file(from, to, status); return;
      case 'symlink': check(libc.symlink(cPath(readlinkSync(nodePath(this.#source.at(from)), 'latin1') as ByteString), target), `create the link ${shown(to)}`); return;
      case 'fifo': check(libc.mknod(target, FORMAT.fifo | 0o600, 0n), `create ${shown(to)}`); return;
      case 'character':
      case 'block': check(libc.mknod(target, FORMAT[status.type] | 0o600, deviceNumber(status.deviceMajor, status.deviceMinor)), `create ${shown(to)}`); return;
      default: return;
    }
  }

  #file(from: ByteString, to: ByteString, status: NodeStatus): void {
    const { given: all } = this.#options;
    const given = all?.find(status);
    if (all === undefined || given === undefined || !this.#keeps(status)) {
      this.#content(from, to, constants.COPYFILE_EXCL);
      return;
    }
    all.standIn(given, this.#target, to, () => {
      this.#content(from, to, 0);
      this.#attributes(from, to, status);
    });
  }

  #content(from: ByteString, to: ByteString, flags: number): void {
    this.#source.waitFor(from);
    try {
      copyFileSync(nodePath(this.#source.at(from)), nodePath(this.#target.at(to)), flags | constants.COPYFILE_FICLONE);
    } catch (thrown) {
      throw systemError(-((thrown as NodeJS.ErrnoException).errno ?? 0), `copy ${shown(to)}`);
    }
  }

  /** Whether a file has the owner and the mode already that its copy is to have. */
  #keeps(status: NodeStatus): boolean {
    const { owner = status } = this.#options;
    return owner.uid === status.uid && owner.gid === status.gid && this.#bits(status) === status.mode;
  }

  #bits(status: NodeStatus): number {
    const { mode } = this.#options;
    return mode === undefined ? status.mode : changeMode(mode, status.mode, status.type === 'directory');
  }

  /** The owner first: its change takes set-id bits and file capabilities away. */
  #attributes(from: ByteString, to: ByteString, status: NodeStatus): void {
    const { owner = status } = this.#options;
    const target = cPath(this.#target.at(to));
    check(libc.lchown(target, owner.uid, owner.gid), `set the owner of ${shown(to)}`);
    if (status.type !== 'symlink') check(libc.chmod(target, this.#bits(status)), `set the mode of ${shown(to)}`);
    for (const [name, value] of readXattrs(this.#source.at(from))) if (isPortableXattr(name)) setXattr(target, name, value, to);
    this.#time(to, status);
  }

  #time(to: ByteString, { type, modified }: NodeStatus): void {
    setTimes(this.#target.at(to), modified);
    if (type === 'directory') this.#options.changed?.timed(to);
  }
}

/** Attributes that the file system does not take are left out, as BuildKit leaves them out. */
function setXattr(target: Buffer, name: ByteString, value: Uint8Array, to: ByteString): void {
  if (libc.lsetxattr(target, cPath(name), value.length === 0 ? EMPTY : value, BigInt(value.length), 0) !== -1) return;
  const errno = lastErrno();
  if (errno === ERRNO.EPERM || errno === ERRNO.EOPNOTSUPP || errno === ERRNO.EINVAL) return;
  throw systemError(errno, `set an attribute of ${shown(to)}`);
}

function shown(path: ByteString): string {
  return `/${byteStringToText(path)}`;
}
