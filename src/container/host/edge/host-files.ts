import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import type { StepOf } from '../step.ts';

/** What is there already keeps its mode and owner. */
export function makeDirectory({ path, mode, uid, gid }: StepOf<'make-directory'>): void {
  if (mkdirSync(path, { recursive: true, mode }) === undefined) return;
  chmodSync(path, mode);
  if (uid !== undefined) chownSync(path, uid, gid ?? 0);
}

export function writeFiles({ files }: StepOf<'write-files'>): void {
  for (const { path, text, mode } of files) writeFileSync(path, text, { mode });
}

/** Undefined where there is no such file, or none that can be read. */
export function readHostFile(path: string, maxBytes: number): string | undefined {
  try {
    return readFileSync(path, 'utf8').slice(0, maxBytes);
  } catch {
    return undefined;
  }
}

/** @throws GantryError invalid for a path that no file can have */
export function kindOfFile(path: string): 'directory' | 'file' | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? undefined : found.isDirectory() ? 'directory' : 'file';
  } catch (thrown) {
    // Too long, or links without end: a fault of the path, not of the machine.
    throw new GantryError('invalid', `the path cannot be used: ${messageOf(thrown)}`, { cause: thrown });
  }
}
