import { closeSync, openSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { PROGRAM_ENV } from './host-context.ts';
import { identifyProcess, signalProcess } from './linux/processes.ts';
import { posixSpawn } from './linux/spawn.ts';
import { waitForExit } from './linux/wait.ts';

/** The kernel's ids end before (uid_t) -1. */
const IDS = 4_294_967_295;
const WAIT_MS = 2000;
const SIGKILL = 9;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Lines of uid_map(5) in which two ids change places and all others stay: first inside, then outside, then how many. */
export function swappedIds(one: number, other: number): string {
  const [low, high] = one < other ? [one, other] : [other, one];
  const lines = low === high ? [[0, 0, IDS]]
    : [[0, 0, low], [low, high, 1], [low + 1, low + 1, high - low - 1], [high, low, 1], [high + 1, high + 1, IDS - high - 1]];
  return lines.filter(([, , count]) => count !== 0).map((line) => `${line.join(' ')}\n`).join('');
}

/**
 * A user namespace in which the owner of a path and another one change places, for a mount whose ids are mapped by it
 * (mount_setattr(2)). Only a process can make one: it is ended as soon as the namespace is held.
 * @returns a descriptor; the caller closes it
 */
export async function openOwnerMap(path: string, owner: Owner): Promise<number> {
  const { uid, gid } = statSync(path);
  const pid = posixSpawn({ path: '/usr/bin/unshare', argv: ['unshare', '--user', 'sleep', '10'], env: PROGRAM_ENV });
  const ended = waitForExit(pid);
  try {
    await inOwnNamespace(pid);
    writeFileSync(`/proc/${pid}/uid_map`, swappedIds(uid, owner.uid));
    writeFileSync(`/proc/${pid}/gid_map`, swappedIds(gid, owner.gid));
    return openSync(`/proc/${pid}/ns/user`, 'r');
  } finally {
    const identity = identifyProcess(pid);
    if (identity !== undefined) signalProcess(identity, SIGKILL);
    await ended;
  }
}

async function inOwnNamespace(pid: number): Promise<void> {
  const ours = readlinkSync('/proc/self/ns/user');
  for (let waited = 0; waited < WAIT_MS; waited += 1) {
    if (readlinkSync(`/proc/${pid}/ns/user`) !== ours) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new GantryError('unavailable', 'a user namespace for a mount could not be made', { hint: 'see /proc/sys/user/max_user_namespaces' });
}

/** For all places of a container that want one; closed together. */
export async function openOwnerMaps(wanted: readonly { readonly target: string; readonly path: string; readonly owner: Owner }[]): Promise<{ readonly maps: ReadonlyMap<string, number>; readonly close: () => void }> {
  const maps = new Map<string, number>();
  const close = (): void => maps.forEach((fd) => closeSync(fd));
  try {
    for (const { target, path, owner } of wanted) maps.set(target, await openOwnerMap(path, owner));
    return { maps, close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}
