import { execFileSync } from 'node:child_process';
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

/** What the docker CLI that is installed says: the newest (28) and Debian 12's (20.10) word some things in their own ways. */
export function wordOf<T>(word: { readonly newest: T; readonly debian: T }): T {
  return whyOlderCli(23) === false ? word.newest : word.debian;
}

/** What the client at a path calls itself. Asking takes it some 20 ms, and each scenario asks. */
const versions = new Map<string, { readonly major: number; readonly text: string }>();

function versionOf(path: string): { readonly major: number; readonly text: string } {
  const known = versions.get(path);
  if (known !== undefined) return known;
  const told = /version (\d+)[\d.]*/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }));
  const version = { major: Number(told?.[1]), text: told?.[0] ?? 'of no known version' };
  versions.set(path, version);
  return version;
}

/** Why a test that needs this major version of the docker CLI is skipped: Debian 12 has 20.10. False: it is there. */
export function whyOlderCli(major: number): string | false {
  const path = findDockerCli();
  if (path === undefined) return 'needs the docker CLI';
  const version = versionOf(path);
  return version.major >= major ? false : `needs a docker CLI of ${major} or newer; this is ${version.text}`;
}
