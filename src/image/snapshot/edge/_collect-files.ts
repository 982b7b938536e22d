import { readFileSync } from 'node:fs';
import { byteStringToText, type ByteString } from '#image/oci/tar/byte-string.ts';
import { joinPath } from '../tree-selection.ts';
import type { CollectedFile } from '../tree-work.ts';
import type { FsView } from './_fs-view.ts';
import { nodePath } from './_layer-tree.ts';

/** All that is answered goes through memory. */
const MOST_BYTES = 256 << 20;

/** Walks the whole tree for files whose paths match. */
export function collectFiles(view: FsView, patterns: readonly string[], maxBytes: number): readonly CollectedFile[] {
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  const found: CollectedFile[] = [];
  let left = MOST_BYTES;
  const walk = (directory: ByteString): void => {
    for (const name of view.children(directory)) {
      const at = joinPath(directory, name);
      const status = view.stat(at);
      if (status?.type === 'directory') walk(at);
      if (status?.type !== 'file' || status.size > Math.min(maxBytes, left)) continue;
      const path = byteStringToText(at);
      if (!expressions.some((expression) => expression.test(path))) continue;
      left -= status.size;
      found.push({ path, text: readFileSync(nodePath(view.at(at)), 'utf8') });
    }
  };
  walk('' as ByteString);
  return found;
}
