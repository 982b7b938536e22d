import { watch } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { LogQuery, LogRecord } from '../log.ts';

const CHUNK_BYTES = 64 * 1024;
/** Where the watch of a file says nothing though it grew (a file system without events), look this often. */
const LOOK_MS = 500;
const NEWLINE = 0x0a;
const PARTIAL = 0x50;
const SPACE = 0x20;

/** `2026-11-23T21:59:39.745372892+00:00` in nanoseconds since the epoch. */
export function parseLogTime(text: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return 0n;
  const [, seconds, fraction = '', zone] = match;
  return BigInt(Date.parse(`${seconds}${zone}`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** conmon's k8s-file format: `time stream F|P bytes`, one write a line; P has no line break of its own. */
export function parseLogLine(line: Uint8Array): LogRecord | undefined {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  const third = line.indexOf(SPACE, second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const isPartial = line[second + 1] === PARTIAL;
  const body = line.subarray(third + 1);
  const bytes = new Uint8Array(body.length + (isPartial ? 0 : 1));
  bytes.set(body);
  if (!isPartial) bytes[body.length] = NEWLINE;
  return { timeNs: parseLogTime(text.toString('latin1', 0, first)), stream: text.toString('latin1', first + 1, second) === 'stderr' ? 2 : 1, bytes };
}

/** Offset of the first of the last `count` lines: read backwards, so that a long log costs only its end. */
async function offsetOfTail(file: FileHandle, size: number, count: number): Promise<number> {
  if (count === 0) return size;
  let lines = 0;
  let end = size;
  const chunk = Buffer.alloc(CHUNK_BYTES);
  while (end > 0) {
    const start = Math.max(0, end - CHUNK_BYTES);
    await file.read(chunk, 0, end - start, start);
    for (let at = end - start - 1; at >= 0; at -= 1) {
      // A part of a line is not a line of the user's: only what ends one counts.
      if (chunk[at] === NEWLINE && start + at !== size - 1) {
        lines += 1;
        if (lines === count) return start + at + 1;
      }
    }
    end = start;
  }
  return 0;
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch {
    return undefined;
  }
}

/** Records of a log in order; while following, goes on until the container is at rest and all was read. */
export async function* readConmonLog(path: string, query: LogQuery): AsyncGenerator<LogRecord> {
  const file = await openLog(path);
  if (file === undefined) return;
  const wake = new Wake(path, query.follow);
  // A generator that waits can't be left from outside (its return() waits too): so it is woken.
  const deaf = query.cancellation?.onCancel(() => wake.close());
  try {
    let position = query.tail === undefined ? 0 : await offsetOfTail(file, (await file.stat()).size, query.tail);
    let rest: Buffer = Buffer.alloc(0);
    while (query.cancellation?.isCancelled !== true) {
      const live = query.isLive();
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
      position += bytesRead;
      if (bytesRead === 0) {
        // Looked at before the read: what was written ahead of the end has been read by now.
        if (!query.follow || !live) return;
        await wake.next();
        continue;
      }
      rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        const record = parseLogLine(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
        if (record === undefined || (query.sinceNs !== undefined && record.timeNs < query.sinceNs)) continue;
        if (query.untilNs !== undefined && record.timeNs > query.untilNs) return;
        yield record;
      }
    }
  } finally {
    deaf?.();
    wake.close();
    await file.close();
  }
}

/** Wakes a reader at the end of the file when there may be more. */
class Wake {
  readonly #close: () => void;
  #wake: (() => void) | undefined;
  #missed = false;

  constructor(path: string, follow: boolean) {
    if (!follow) {
      this.#close = () => {};
      return;
    }
    const watcher = watch(path, () => this.#fire());
    watcher.on('error', () => {});
    const timer = setInterval(() => this.#fire(), LOOK_MS);
    this.#close = () => {
      watcher.close();
      clearInterval(timer);
    };
  }

  async next(): Promise<void> {
    if (!this.#missed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#missed = false;
    this.#wake = undefined;
  }

  close(): void {
    this.#close();
    this.#fire();
  }

  #fire(): void {
    this.#missed = true;
    this.#wake?.();
  }
}
