import { byteStringToText, type ByteString } from '#image/oci/tar/byte-string.ts';
import { joinPath, matchPaths, PathRules, realPath, type TreeView } from './tree-selection.ts';
import type { TreeSelection } from './tree-work.ts';

/** What of a node counts: kind, mode, owner, size, content, attributes. Never its times: a checkout of the same files has others. */
export type DescribeNode = (path: ByteString) => readonly (string | number)[];

/** All that selections read of a tree, a line a node, in one order. What hashes the lines has the digest of what was read. */
export function* selectionLines(view: TreeView, describe: DescribeNode, selections: readonly TreeSelection[]): Generator<string> {
  for (const selection of selections) {
    const rules = new PathRules(selection.rules);
    yield line('selection');
    for (const path of matchPaths(view, selection.parts, byteStringToText)) {
      const { keepsFrom } = selection;
      yield line('match', keepsFrom === undefined ? path.slice(path.lastIndexOf('/') + 1) : path.split('/').slice(keepsFrom).join('/'));
      if (keepsFrom !== undefined) for (const parent of parentsOf(path, keepsFrom)) yield line('', ...describe(realPath(view, parent, true)));
      yield* walk(view, describe, realPath(view, path, selection.follow), '', rules);
    }
  }
}

/** Directories above a path, from the one after `skipped` parts on. */
export function parentsOf(path: ByteString, skipped: number): readonly ByteString[] {
  const parts = path.split('/');
  return parts.slice(skipped, -1).map((_, index) => parts.slice(0, skipped + index + 1).join('/') as ByteString);
}

function* walk(view: TreeView, describe: DescribeNode, path: ByteString, relative: string, rules: PathRules): Generator<string> {
  const isExcluded = relative !== '' && rules.excludes(relative);
  const type = view.type(path);
  if (type === undefined || (isExcluded && (type !== 'directory' || !rules.hasExceptions))) return;
  if (!isExcluded) yield line(relative, ...describe(path));
  if (type !== 'directory') return;
  for (const name of view.children(path)) yield* walk(view, describe, joinPath(path, name), relative === '' ? byteStringToText(name) : `${relative}/${byteStringToText(name)}`, rules);
}

function line(...fields: readonly (string | number)[]): string {
  return `${JSON.stringify(fields)}\n`;
}
