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

/** `user[:group]` as numbers. Names are those of the tree's own account files; without a group it is the user's. */
export function ownerOf(view: FsView, text: string): Owner {
  const [user = '', group] = text.split(':', 2);
  const uid = numberOf(user) ?? lookUp(view, 'etc/passwd', user, 2, `unable to find user ${user}: no matching entries in passwd file`);
  if (group === undefined || group === '') return { uid, gid: uid };
  return { uid, gid: numberOf(group) ?? lookUp(view, 'etc/group', group, 2, `unable to find group ${group}: no matching entries in group file`) };
}

function numberOf(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id > LARGEST_ID) throw new GantryError('invalid', `the user or group ${text} is larger than ${LARGEST_ID}`);
  return id;
}

function lookUp(view: FsView, file: string, name: string, column: number, missing: string): number {
  const path = realPath(view, file, true);
  const status = view.stat(path);
  if (status?.type === 'file' && status.size <= ACCOUNT_FILE_BYTES) {
    for (const line of readFileSync(nodePath(view.at(path)), 'latin1').split('\n')) {
      const fields = line.split(':');
      if (fields[0] === textToByteString(name) && /^\d+$/.test(fields[column] ?? '')) return Number(fields[column]);
    }
  }
  throw new GantryError('invalid', missing);
}
