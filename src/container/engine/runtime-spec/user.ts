import { GantryError } from '#base/error.ts';

/** Numbers for the runtime, from `user[:group]` and the image's own files. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  /** Home directory by /etc/passwd, `/` where it says nothing. */
  readonly home: string;
}

/** A uid above this wraps to root in programs that keep it signed (CVE-2024-40635). */
const LARGEST_ID = 2 ** 31 - 1;

interface PasswdRow { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string }
interface GroupRow { readonly name: string; readonly gid: number; readonly members: readonly string[] }

function rows(text: string): string[][] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'));
}

function passwdRows(text: string): PasswdRow[] {
  return rows(text).flatMap(([name, , uid, gid, , home]) =>
    name !== undefined && uid !== undefined && /^\d+$/.test(uid) ? [{ name, uid: Number(uid), gid: Number(gid ?? 0), home: home ?? '' }] : []);
}

function groupRows(text: string): GroupRow[] {
  return rows(text).flatMap(([name, , gid, members]) =>
    name !== undefined && gid !== undefined && /^\d+$/.test(gid) ? [{ name, gid: Number(gid), members: (members ?? '').split(',').filter(Boolean) }] : []);
}

function numericId(text: string, what: string): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id < 0 || id > LARGEST_ID) {
    throw new GantryError('invalid', `uids and gids must be in range 0-${LARGEST_ID}`, { subject: `${what} ${text}` });
  }
  return id;
}

/**
 * @param request `user`, `uid`, `user:group`, `uid:gid` and mixtures; empty is root
 * @param extraGroups names or numbers of `--group-add`
 * @param imageGroups whether the user is in the groups that have it as a member; absent: where no group is asked for
 */
export function resolveUser(request: string, extraGroups: readonly string[], passwd: string, group: string, imageGroups?: boolean): ResolvedUser {
  const users = passwdRows(passwd);
  const groups = groupRows(group);
  const [userText = '', groupText] = request.split(':');
  const wantedUid = numericId(userText, 'user');
  const row = userText === '' ? users.find((user) => user.uid === 0)
    : wantedUid !== undefined ? users.find((user) => user.uid === wantedUid)
    : users.find((user) => user.name === userText);
  if (row === undefined && userText !== '' && wantedUid === undefined) {
    throw new GantryError('invalid', `unable to find user ${userText}: no matching entries in passwd file`, {
      hint: 'name a user of the image, or a number',
    });
  }
  const gidOf = (name: string): number => {
    const found = numericId(name, 'group') ?? groups.find((candidate) => candidate.name === name)?.gid;
    if (found === undefined) throw new GantryError('invalid', `unable to find group ${name}: no matching entries in group file`);
    return found;
  };
  const uid = wantedUid ?? row?.uid ?? 0;
  const gid = groupText === undefined || groupText === '' ? row?.gid ?? 0 : gidOf(groupText);
  // Groups of membership count only where no group was asked for by name: `user:group` means that one alone.
  const memberships = (imageGroups ?? groupText === undefined) && row !== undefined
    ? groups.filter((candidate) => candidate.members.includes(row.name)).map((candidate) => candidate.gid) : [];
  const additionalGids = [...new Set([gid, ...memberships, ...extraGroups.map(gidOf)])];
  return { uid, gid, additionalGids, home: row?.home || '/' };
}
