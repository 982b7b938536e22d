import { GantryError } from '#base/error.ts';
import { quoteName, textToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';

export type TreeNodeType = 'file' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo' | 'socket';

/** A file system to look at, whose root nothing leads out of. Paths have no leading slash; the root is empty. */
export interface TreeView {
  /** As lstat(2). Undefined where there is nothing. */
  type(path: ByteString): TreeNodeType | undefined;
  /** Sorted by bytes. */
  children(directory: ByteString): readonly ByteString[];
  linkTarget(path: ByteString): string;
}

/** A part of a path, as text: a name, or a pattern of names as the source of a regular expression over the name's text. */
export type NamePart = { readonly name: string } | { readonly regex: string };

/** Whether a path is left out: rules in their order, the last that fits decides. A rule that fits a directory fits all below it. */
export interface PathRule {
  /** Source of a regular expression over the whole path. */
  readonly regex: string;
  readonly excludes: boolean;
}

/** As the kernel has it. */
const MAX_LINKS = 40;
const ROOT = '' as ByteString;

export function joinPath(directory: ByteString, name: string): ByteString {
  return (directory === '' ? name : `${directory}/${name}`) as ByteString;
}

export function parentOf(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/');
  return (slash < 0 ? '' : path.slice(0, slash)) as ByteString;
}

export function nameOf(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1) as ByteString;
}

/**
 * The real path of a path: links on the way are followed inside the view, the last part only when `follow` says so. What
 * does not exist is taken as it is written.
 */
export function realPath(view: TreeView, path: string, follow: boolean): ByteString {
  const ahead = path.split('/').reverse();
  let at = ROOT;
  let links = 0;
  while (ahead.length > 0) {
    const part = ahead.pop() as string;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = parentOf(at);
      continue;
    }
    const next = joinPath(at, part);
    if ((follow || ahead.some((rest) => rest !== '' && rest !== '.')) && view.type(next) === 'symlink') {
      links += 1;
      if (links > MAX_LINKS) throw new GantryError('invalid', `${quoteName(path as ByteString)} leads through too many links`);
      const target = view.linkTarget(next);
      if (target.startsWith('/')) at = ROOT;
      ahead.push(...target.split('/').reverse());
      continue;
    }
    at = next;
  }
  return at;
}

/** Whether parts may lead to a path or to a directory above it, where there are no links. */
export function mayLeadTo(parts: readonly NamePart[], path: string): boolean {
  const names = path.split('/');
  return parts.length <= names.length && parts.every((part, index) => ('name' in part ? part.name === names[index] : new RegExp(`^(?:${part.regex})$`, 'su').test(names[index] as string)));
}

/** What a pattern names, as written but for the names that its wildcards stand for; in order. Of names alone it is one path. */
export function matchPaths(view: TreeView, parts: readonly NamePart[], decode: (name: ByteString) => string): readonly ByteString[] {
  let found: ByteString[] = [ROOT];
  for (const part of parts) {
    if ('name' in part) {
      const name = textToByteString(part.name);
      found = found.map((path) => joinPath(path, name));
      continue;
    }
    const pattern = new RegExp(`^(?:${part.regex})$`, 'su');
    found = found.flatMap((path) => {
      const directory = realPath(view, path, true);
      return view.type(directory) !== 'directory' ? [] : view.children(directory).filter((name) => pattern.test(decode(name))).map((name) => joinPath(path, name));
    });
  }
  return found.filter((path) => view.type(realPath(view, path, false)) !== undefined);
}

/** Compiled once for a walk. */
export class PathRules {
  readonly #rules: readonly { readonly pattern: RegExp; readonly excludes: boolean }[];

  constructor(rules: readonly PathRule[]) {
    this.#rules = rules.map(({ regex, excludes }) => ({ pattern: new RegExp(`^(?:${regex})$`, 'su'), excludes }));
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** A directory that is left out may have something below it that a later rule takes back. */
  get hasExceptions(): boolean {
    return this.#rules.some(({ excludes }) => !excludes);
  }

  /** @param path text, relative to where the rules stand */
  excludes(path: string): boolean {
    let excluded = false;
    for (const { pattern, excludes } of this.#rules) {
      if (excludes === excluded) continue;
      if (fits(pattern, path)) excluded = excludes;
    }
    return excluded;
  }
}

/** The path itself, or a directory above it. */
function fits(pattern: RegExp, path: string): boolean {
  if (pattern.test(path)) return true;
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) if (pattern.test(path.slice(0, at))) return true;
  return false;
}
