import { readdirSync, readlinkSync, type PathLike } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { baseName, parentPath } from '#image/oci/entry-path.ts';
import { quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';
import { isOverlayWhiteout } from '#image/oci/whiteout.ts';
import { check, ERRNO, lastErrno, libc, systemError } from './_libc.ts';
import { cPath, FORMAT, setTimes, statNode, type NodeStatus } from './_node.ts';

/** As in the kernel. */
const MAX_LINKS = 40;
const IMPLIED_MODE = 0o755;
const ROOT = '' as ByteString;

/** Called before a regular file of this layer goes away, so that its content can be kept. */
export type OnRetire = (path: ByteString, inode: number) => void;

/**
 * The directory that a layer is unpacked into, which is this process's root. All paths that it gives out are real ones:
 * no part of them is a link. Links on the way of an entry are followed inside the layer, as for Docker; the kernel keeps
 * them inside in any case.
 */
export class LayerTree {
  readonly #onRetire: OnRetire;
  /** Directories known to be there and to be no links. */
  readonly #real = new Set<ByteString>([ROOT]);
  readonly #times = new Map<ByteString, Timestamp>();
  readonly #opaque = new Set<ByteString>();

  constructor(onRetire: OnRetire) {
    this.#onRetire = onRetire;
  }

  get opaque(): ReadonlySet<ByteString> {
    return this.#opaque;
  }

  /** The real path of an entry. Directories on the way that no entry made are created. */
  resolve(path: ByteString): ByteString {
    const parent = parentPath(path);
    if (this.#real.has(parent)) return path;
    return join(this.#resolveDirectory(parent, path, true), baseName(path));
  }

  /** The same for a path that has to be there already. */
  resolveExisting(path: ByteString): ByteString {
    const parent = parentPath(path);
    return this.#real.has(parent) ? path : join(this.#resolveDirectory(parent, path, false), baseName(path));
  }

  /** Makes a node with `create`, which answers -1 where the call failed. What stands in its place goes first. */
  place(path: ByteString, create: (path: Buffer) => number, what: string): number {
    if (path === ROOT) throw new GantryError('invalid', `the root of the layer is ${what}, not a directory`, { subject: 'entry "./"' });
    const name = cPath(path);
    const result = create(name);
    if (result !== -1) return result;
    const errno = lastErrno();
    if (errno !== ERRNO.EEXIST) throw systemError(errno, `create ${what} ${quoteName(path)}`, subject(path));
    this.retire(path);
    return check(create(name), `create ${what} ${quoteName(path)}`, subject(path));
  }

  /** Makes the directory, or keeps one that is there. In the place of a whiteout it also hides what is below. */
  directory(path: ByteString): void {
    if (this.#real.has(path)) return;
    if (libc.mkdir(cPath(path), IMPLIED_MODE) === -1) {
      const errno = lastErrno();
      if (errno !== ERRNO.EEXIST) throw systemError(errno, `create the directory ${quoteName(path)}`, subject(path));
      this.#replaceByDirectory(path, statNode(path));
    }
    this.#real.add(path);
  }

  /** A file that the same layer has stays: a whiteout hides only what is below (OCI image spec, layer.md). */
  whiteout(path: ByteString): void {
    const status = statNode(path);
    if (status?.type === 'directory') this.#opaque.add(path);
    if (status !== undefined) return;
    check(libc.mknod(cPath(path), FORMAT.character, 0n), `create a whiteout for ${quoteName(path)}`, subject(path));
  }

  /** Hides what the layers below have in the directory. A link on the way, also the last part, is followed. */
  markOpaque(path: ByteString): void {
    this.#opaque.add(this.#real.has(path) ? path : this.#resolveDirectory(path, path, true));
  }

  /** Set at the end: every entry below would change it. */
  setTimesAtEnd(directory: ByteString, time: Timestamp): void {
    this.#times.set(directory, time);
  }

  finish(): void {
    for (const [path, time] of this.#times) setTimes(path, time);
  }

  /** Removes what the path names, with all below it, and forgets it. */
  retire(path: ByteString): void {
    const status = statNode(path);
    if (status === undefined) return;
    if (status.type === 'directory') {
      for (const child of readdirSync(nodePath(path), 'latin1')) this.retire(join(path, child as ByteString));
      check(libc.rmdir(cPath(path)), `remove the directory ${quoteName(path)}`, subject(path));
      this.#real.delete(path);
      this.#times.delete(path);
      this.#opaque.delete(path);
      return;
    }
    if (status.type === 'file') this.#onRetire(path, status.inode);
    check(libc.unlink(cPath(path)), `remove ${quoteName(path)}`, subject(path));
  }

  #replaceByDirectory(path: ByteString, status: NodeStatus | undefined): void {
    if (status?.type === 'directory') return;
    this.retire(path);
    check(libc.mkdir(cPath(path), IMPLIED_MODE), `create the directory ${quoteName(path)}`, subject(path));
    if (status !== undefined && isOverlayWhiteout(status)) this.#opaque.add(path);
  }

  /** Directories that the entry names are made; those that only a link names are not, and Docker makes none there either. */
  #resolveDirectory(path: ByteString, entry: ByteString, create: boolean): ByteString {
    let at = ROOT;
    let links = 0;
    /** Parts still to go, last first. Those from `linkEnd` on came from a link. */
    const ahead = path.split('/').reverse();
    let linkEnd = Infinity;
    while (ahead.length > 0) {
      const part = ahead.pop()!;
      if (ahead.length < linkEnd) linkEnd = Infinity;
      if (part === '' || part === '.') continue;
      if (part === '..') { at = parentPath(at); continue; }
      const next = join(at, part as ByteString);
      const status = this.#real.has(next) ? undefined : statNode(next);
      if (status?.type === 'symlink') {
        links += 1;
        if (links > MAX_LINKS) throw refused(entry, 'leads through too many links');
        const target = readlinkSync(nodePath(next), 'latin1');
        if (target.startsWith('/')) at = ROOT;
        linkEnd = Math.min(linkEnd, ahead.length);
        ahead.push(...target.split('/').reverse());
        continue;
      }
      if (!this.#real.has(next)) this.#enter(next, status, entry, create && linkEnd === Infinity);
      at = next;
    }
    return at;
  }

  #enter(directory: ByteString, status: NodeStatus | undefined, entry: ByteString, create: boolean): void {
    if (status === undefined && !create) throw refused(entry, `leads through ${quoteName(directory)}, which is not in the layer`);
    if (status !== undefined && status.type !== 'directory' && !isOverlayWhiteout(status)) {
      throw refused(entry, `lies below ${quoteName(directory)}, which is not a directory`);
    }
    this.directory(directory);
  }
}

function join(directory: ByteString, name: ByteString): ByteString {
  return (directory === '' ? name : `${directory}/${name}`) as ByteString;
}

/** A path for Node's own calls, byte for byte. */
export function nodePath(path: ByteString): PathLike {
  return Buffer.from(path === '' ? '.' : path, 'latin1');
}

function subject(path: ByteString): string {
  return `entry ${quoteName(path)}`;
}

function refused(entry: ByteString, why: string): GantryError {
  return new GantryError('invalid', `${quoteName(entry)} ${why}`, { subject: subject(entry) });
}
