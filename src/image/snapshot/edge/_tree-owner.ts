import { readFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { textToByteString } from '#image/oci/tar/byte-string.ts';
import { realPath } from '../tree-selection.ts';
import type { FsView } from './_fs-view.ts';
import { nodePath } from './_layer-tree.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A hostile image may bring account files of any size. */
const ACCOUNT_FILE_BYTES = 4 << 20;
const LARGEST_ID = 2 ** 32 - 2;

/**
 * `user[:group]` as numbers, by BuildKit's rules (solver/llbsolver/ops/user_linux.go): names are those of the tree's own account
 * files, a user brings the group that is his, and a name that is not there is root's.
 */
export function ownerOf(view: FsView, text: string): Owner {
  const [user = '', group = ''] = text.split(':', 2);
  const id = numberOf(user);
  const owner = id !== undefined ? { uid: id, gid: id } : accountOf(view, 'etc/passwd', user, ([, , uid, gid]) => ({ uid: Number(uid), gid: Number(gid) })) ?? { uid: 0, gid: 0 };
  if (group === '') return owner;
  return { uid: owner.uid, gid: numberOf(group) ?? accountOf(view, 'etc/group', group, ([, , gid]) => Number(gid)) ?? owner.gid };
}

function numberOf(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id > LARGEST_ID) throw new GantryError('invalid', `the user or group ${text} is larger than ${LARGEST_ID}`);
  return id;
}

function accountOf<T>(view: FsView, file: string, name: string, read: (fields: readonly string[]) => T): T | undefined {
  const path = realPath(view, file, true);
  const status = view.stat(path);
  if (status?.type !== 'file' || status.size > ACCOUNT_FILE_BYTES) return undefined;
  for (const line of readFileSync(nodePath(view.at(path)), 'latin1').split('\n')) {
    const fields = line.split(':');
    if (fields[0] === textToByteString(name) && /^\d+$/.test(fields[2] ?? '')) return read(fields);
  }
  return undefined;
}
