import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORY = '/proc/sys/fs/binfmt_misc';

/** What the kernel runs foreign programs with, as it describes them; none where it can't, or shows nothing. */
export function binfmtHandlers(): readonly string[] {
  try {
    return readdirSync(DIRECTORY).filter((name) => name !== 'register' && name !== 'status').map((name) => readFileSync(join(DIRECTORY, name), 'utf8'));
  } catch {
    return [];
  }
}
