import { createHash } from 'node:crypto';
import { GantryError } from '#base/error.ts';
import { textToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';
import { selectionLines } from '#image/snapshot/tree-lines.ts';
import { nameOf, parentOf, type TreeNodeType, type TreeView } from '#image/snapshot/tree-selection.ts';
import type { TreeSelection } from '#image/snapshot/tree-work.ts';

/** One node of a context, as the client told of it. */
export interface ContextEntry {
  /** Relative, without a slash at either end. */
  readonly path: string;
  readonly type: TreeNodeType;
  readonly mode: number;
  readonly size: number;
  /** Nanoseconds since the epoch, as text: more than a number holds. */
  readonly modified: string;
  /** Target of a symbolic link; of a file, the earlier name that it shares its content with. */
  readonly link: string;
  readonly device: string;
  /** Hex, of a file's content. */
  readonly sha256: string;
}

const LARGE_FILE = 8 << 20;

/** One that is worth not to be written twice. Not a further name of one. */
export function isLargeFile({ type, link, size }: ContextEntry): boolean {
  return type === 'file' && link === '' && size >= LARGE_FILE;
}

/** Everything in a context. */
export class ContextIndex implements TreeView {
  readonly #entries = new Map<ByteString, ContextEntry>();
  #large: readonly string[] | undefined;
  #children: Map<ByteString, ByteString[]> | undefined;
  /** Builds that change nothing ask for the same again. */
  readonly #digests = new Map<string, string>();

  constructor(entries: Iterable<ContextEntry>) {
    for (const entry of entries) this.#entries.set(textToByteString(entry.path), entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): Iterable<ContextEntry> {
    return this.#entries.values();
  }

  get(path: string): ContextEntry | undefined {
    return this.#entries.get(textToByteString(path));
  }

  /** Paths of large files; of one with several names, the first. */
  largeFiles(): readonly string[] {
    this.#large ??= [...this.#entries.values()].filter(isLargeFile).map(({ path }) => path);
    return this.#large;
  }

  type(path: ByteString): TreeNodeType | undefined {
    return path === '' ? 'directory' : this.#entries.get(path)?.type;
  }

  children(directory: ByteString): readonly ByteString[] {
    this.#children ??= this.#group();
    return this.#children.get(directory) ?? [];
  }

  linkTarget(path: ByteString): string {
    return textToByteString(this.#entries.get(path)?.link ?? '');
  }

  /** Hex of the digest of all that the selections read. */
  digest(selections: readonly TreeSelection[]): string {
    const name = JSON.stringify(selections);
    const known = this.#digests.get(name);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    for (const line of selectionLines(this, (path) => this.#describe(path), selections)) hash.update(line);
    const digest = hash.digest('hex');
    this.#digests.set(name, digest);
    return digest;
  }

  #describe(path: ByteString): readonly (string | number)[] {
    const entry = this.#entries.get(path);
    // The root's own mode is the client's affair, and no copy takes it.
    if (entry === undefined) return ['directory', 0o755, 0, 0, 0, ''];
    const content = entry.type === 'file' ? entry.sha256 : entry.type === 'symlink' ? entry.link : entry.device;
    return [entry.type, entry.type === 'symlink' ? 0 : entry.mode, 0, 0, entry.type === 'file' ? entry.size : 0, content];
  }

  #group(): Map<ByteString, ByteString[]> {
    const groups = new Map<ByteString, ByteString[]>();
    for (const path of this.#entries.keys()) {
      const parent = parentOf(path);
      const group = groups.get(parent);
      if (group === undefined) groups.set(parent, [nameOf(path)]);
      else group.push(nameOf(path));
    }
    for (const group of groups.values()) group.sort();
    return groups;
  }
}

/** The name that a client gave, checked: it becomes part of a path. Throws `invalid`. */
export function checkedPath(path: string): string {
  const isClean = path !== '' && !path.startsWith('/') && !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isClean) throw new GantryError('invalid', `the context has a file named ${JSON.stringify(path.slice(0, 200))}, which is no relative path`);
  return path;
}

