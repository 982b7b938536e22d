import { accessSync, constants } from 'node:fs';

/** The real docker CLI, which scenarios are run with where it is installed. */
export function findDockerCli(): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const path = `${directory}/docker`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}
