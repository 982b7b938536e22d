import { readFileSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import { identifyProcess } from '#container/host/edge/linux/processes.ts';

/** @throws GantryError invalid, with what the file was to be */
export function readFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new GantryError('invalid', `could not read the ${what}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * The group whose members may use the sockets, and so are root. One that is missing is nobody's, if it was only the default.
 * @throws GantryError invalid for a missing one that was asked for
 */
export function groupIdOf({ name, isAsked }: { readonly name: string; readonly isAsked: boolean }, log: (line: string) => void): number {
  if (/^\d+$/.test(name)) return Number(name);
  const row = readFileSync('/etc/group', 'utf8').split('\n').find((line) => line.startsWith(`${name}:`));
  const gid = Number(row?.split(':')[2]);
  if (row !== undefined && Number.isInteger(gid)) return gid;
  if (isAsked && name !== '') throw new GantryError('invalid', `could not get GID for group ${name}: group ${name} not found`, { hint: `make it: groupadd --system ${name}` });
  if (name !== '') log(`there is no group ${name}: only root can use the socket`);
  return 0;
}

/** @throws GantryError conflict where the process that the file names still runs */
export function takePidFile(path: string): void {
  if (path === '') return;
  let pid: number;
  try {
    pid = Number(readFileSync(path, 'utf8').trim());
  } catch {
    return;
  }
  if (Number.isInteger(pid) && pid > 1 && pid !== process.pid && identifyProcess(pid) !== undefined) {
    throw new GantryError('conflict', `process with PID ${pid} is still running`, { subject: `pid file ${path}`, hint: `end it, or give another file with --pidfile` });
  }
}
