import { readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * A log is the file that the monitor writes and, beside it, those that came before: `container.log.000007`, or `.gz` once
 * it is compressed. The higher the number the newer; a number is never given twice, so a reader knows what comes next.
 */
export interface OldLog {
  readonly sequence: number;
  readonly path: string;
  readonly isCompressed: boolean;
}

export function oldLogPath(path: string, sequence: number): string {
  return `${path}.${String(sequence).padStart(6, '0')}`;
}

/** Oldest first. One that is there twice, because it is just being compressed, is told as it was. */
export function listOldLogs(path: string): OldLog[] {
  const name = basename(path);
  const found = new Map<number, OldLog>();
  for (const entry of readNames(dirname(path))) {
    if (!entry.startsWith(`${name}.`)) continue;
    const match = /^(\d{6,9})(\.gz)?$/.exec(entry.slice(name.length + 1));
    if (match === null) continue;
    const sequence = Number(match[1]);
    const isCompressed = match[2] !== undefined;
    if (!found.has(sequence) || !isCompressed) found.set(sequence, { sequence, path: `${dirname(path)}/${entry}`, isCompressed });
  }
  return [...found.values()].sort((left, right) => left.sequence - right.sequence);
}

/** The number that the file which is written now will have when it is put aside. */
export function currentSequence(path: string): number {
  return (listOldLogs(path).at(-1)?.sequence ?? 0) + 1;
}

/** Undefined where there is no such file. */
export function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function readNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
