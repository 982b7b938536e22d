import { closeSync, constants, createReadStream, createWriteStream, existsSync, openSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { LogSpec } from '#container/model/container-spec.ts';
import { listOldLogs, oldLogPath } from './log-files.ts';

type Keep = NonNullable<LogSpec['keep']>;

const REOPEN_MS = 2000;
const LOOK_MS = 5;

/** conmon reads lines from its control FIFO; `2` asks it to open its log again. False where no monitor listens. */
function askToReopen(bundle: string): boolean {
  let fifo: number;
  try {
    fifo = openSync(`${bundle}/ctl`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    writeSync(fifo, '2 0 0\n');
    return true;
  } finally {
    closeSync(fifo);
  }
}

async function compress(path: string): Promise<void> {
  const { atime, mtime } = statSync(path);
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz.new`, { mode: 0o600 }));
  utimesSync(`${path}.gz.new`, atime, mtime);
  renameSync(`${path}.gz.new`, `${path}.gz`);
  rmSync(path);
}

/**
 * Those of the files put aside, oldest first, that are more than is to be kept, by number and by size: one that grew while no
 * daemon ran is as large as it got, and goes with the next. The newest always stays.
 */
function surplusOf(aside: readonly string[], keep: Keep): string[] {
  let bytes = 0;
  const kept = aside.toReversed().filter((path, age) => {
    bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return age === 0 || (age < keep.files - 1 && bytes <= keep.bytes * keep.files);
  });
  return aside.filter((path) => !kept.includes(path));
}

/**
 * Puts a log that has grown to its size aside, and drops what is more than is to be kept. Nothing is lost: the monitor
 * goes on writing to the file it has until it opens the new one. (conmon's own --log-size-max drops all of the file, and counts on after it was asked to reopen.)
 * @returns whether it did
 */
export async function rotateLog(bundle: string, path: string, keep: Keep): Promise<boolean> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < keep.bytes) return false;
  const old = listOldLogs(path);
  const aside = oldLogPath(path, (old.at(-1)?.sequence ?? 0) + 1);
  renameSync(path, aside);
  if (!askToReopen(bundle)) {
    // The container has just ended: what it said stays where it is looked for.
    renameSync(aside, path);
    return false;
  }
  for (let waited = 0; !existsSync(path) && waited < REOPEN_MS; waited += LOOK_MS) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  for (const gone of surplusOf([...old.map((log) => log.path), aside], keep)) rmSync(gone, { force: true });
  if (keep.files === 1) rmSync(aside, { force: true });
  else if (keep.compress && existsSync(path)) await compress(aside);
  return true;
}
