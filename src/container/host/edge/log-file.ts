import { closeSync, constants, lstatSync, openSync, rmSync } from 'node:fs';

/** Makes the file that a monitor appends to, where it is not there. What is no file goes: nobody writes through a link. */
export function makeLog(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) rmSync(path, { recursive: true, force: true });
  closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600));
}
