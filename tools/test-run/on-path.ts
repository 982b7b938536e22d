import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a folder of a PATH has a program of that name. */
export function isOnPath(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
