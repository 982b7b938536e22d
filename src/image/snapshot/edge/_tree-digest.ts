import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import { isPortableXattr } from '#image/oci/whiteout.ts';
import { selectionLines } from '../tree-lines.ts';
import type { TreeSelection } from '../tree-work.ts';
import type { FsView } from './_fs-view.ts';
import { nodePath } from './_layer-tree.ts';
import { Sha256 } from './_sha256.ts';
import { readXattrs } from './_xattrs.ts';

const CHUNK = Buffer.allocUnsafe(1 << 20);

/** Hex of the digest of all that the selections read. */
export function digestTree(view: FsView, selections: readonly TreeSelection[]): string {
  const hash = new Sha256();
  for (const line of selectionLines(view, (path) => describe(view, path), selections)) hash.update(Buffer.from(line));
  return hash.end();
}

function describe(view: FsView, path: ByteString): readonly (string | number)[] {
  const status = view.stat(path);
  if (status === undefined) return ['nothing'];
  const { type, mode, uid, gid, deviceMajor, deviceMinor, size } = status;
  const xattrs = [...readXattrs(view.at(path))].filter(([name]) => isPortableXattr(name)).map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`);
  const content = type === 'file' ? hashFile(view.at(path)) : type === 'symlink' ? readlinkSync(nodePath(view.at(path)), 'latin1') : `${deviceMajor}:${deviceMinor}`;
  return [type, type === 'symlink' ? 0 : mode, uid, gid, type === 'file' ? size : 0, content, ...xattrs];
}

function hashFile(path: ByteString): string {
  const hash = new Sha256();
  const descriptor = openSync(nodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    for (let size = readSync(descriptor, CHUNK); size > 0; size = readSync(descriptor, CHUNK)) hash.update(CHUNK.subarray(0, size));
  } finally {
    closeSync(descriptor);
  }
  return hash.end();
}
