import { statSync, watch } from 'node:fs';
import type { LogBatches, LogQuery, LogRecord } from '../log.ts';
import { currentSequence, listOldLogs } from './log-files.ts';
import { parseLogLines, type LogLine } from './log-line.ts';
import { openSegment, type Segment } from './log-segment.ts';
import { findTail } from './log-tail.ts';

/** Where the watch of a file says nothing though it grew (a file system without events), look this often. */
const LOOK_MS = 500;
const NEWLINE = 0x0a;

/** A place in a log: a file's number, and how many of its bytes come before. */
export interface LogPlace {
  readonly sequence: number;
  readonly offset: number;
}

/** A record, and the place behind it. */
export interface PlacedRecord {
  readonly record: LogRecord;
  readonly end: LogPlace;
}

/** Records of a log in order; while following, goes on until the container is at rest and all was read. */
export async function* readConmonLog(path: string, query: LogQuery): LogBatches {
  const start = query.tail === undefined ? { sequence: firstSequence(path, query.sinceNs), offset: 0 } : await findTail(path, query.tail);
  for await (const { lines } of readBatches(path, start, query)) yield lines;
}

/** What was last written before the records that are asked for is passed over. */
function firstSequence(path: string, sinceNs: bigint | undefined): number {
  const old = listOldLogs(path);
  const first = sinceNs === undefined ? old[0] : old.find((file) => (statSync(file.path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? sinceNs) >= sinceNs);
  return first?.sequence ?? (old.at(-1)?.sequence ?? 0) + (old.length > 0 ? 1 : 0);
}

/** The same from a place on, with the place of each. */
export async function* readPlacedLog(path: string, start: LogPlace, query: LogQuery): AsyncGenerator<PlacedRecord> {
  for await (const { sequence, offset, lines } of readBatches(path, start, query)) {
    for (const record of lines) yield { record, end: { sequence, offset: offset + record.end } };
  }
}

/** Lines that were read together, which begin at a place. */
interface Batch extends LogPlace {
  readonly lines: readonly LogLine[];
}

async function* readBatches(path: string, start: LogPlace, query: LogQuery): AsyncGenerator<Batch> {
  let { sequence, offset } = start;
  // Who writes faster than we read would keep a reader who only wants what there is for ever.
  const limit = query.follow ? undefined : endOf(path);
  for (;;) {
    const segment = await openSegment(path, sequence, offset);
    if (segment === undefined) return;
    if (segment.sequence !== sequence) offset = 0;
    const wake = new Wake(path, query.follow && segment.isCurrent);
    // A generator that waits can't be left from outside (its return() waits too): so it is woken.
    const deaf = query.cancellation?.onCancel(() => wake.close());
    try {
      const isOver = yield* readSegment(segment, { offset, limit }, query, wake);
      if (isOver) return;
    } finally {
      deaf?.();
      wake.close();
      await segment.close();
    }
    sequence = segment.sequence + 1;
    offset = 0;
  }
}

function endOf(path: string): LogPlace {
  return { sequence: currentSequence(path), offset: statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
}

/** @returns whether nothing of the log that is asked for comes after this file */
async function* readSegment(segment: Segment, bounds: { readonly offset: number; readonly limit: LogPlace | undefined }, query: LogQuery, wake: Wake): AsyncGenerator<Batch, boolean> {
  let rest: Buffer = Buffer.alloc(0);
  let { offset } = bounds;
  for (;;) {
    if (query.cancellation?.isCancelled === true) return true;
    // Both looked at before the read: what was written ahead of the end, or of the change, has been read by then.
    const isLive = query.isLive();
    const isLeft = segment.isLeft();
    const chunk = await segment.read();
    if (chunk.length === 0) {
      if (!segment.isCurrent || isLeft) return false;
      if (!query.follow || !isLive) return true;
      await wake.next();
      continue;
    }
    const source: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lines = parseLogLines(source);
    const within = bytesWithin(bounds.limit, { sequence: segment.sequence, offset });
    const over = lines.findIndex((line) => line.end > within || (query.untilNs !== undefined && line.timeNs > query.untilNs));
    const wanted = (over < 0 ? lines : lines.slice(0, over)).filter((line) => query.sinceNs === undefined || line.timeNs >= query.sinceNs);
    if (wanted.length > 0) yield { sequence: segment.sequence, offset, lines: wanted };
    if (over >= 0) return true;
    const read = source.lastIndexOf(NEWLINE) + 1;
    offset += read;
    rest = source.subarray(read);
  }
}

/** How many bytes from a place on come before the limit. */
function bytesWithin(limit: LogPlace | undefined, { sequence, offset }: LogPlace): number {
  if (limit === undefined || limit.sequence > sequence) return Infinity;
  return limit.sequence === sequence ? limit.offset - offset : 0;
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
    const close = watchFile(path, () => this.#fire());
    const timer = setInterval(() => this.#fire(), LOOK_MS);
    this.#close = () => {
      close();
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

/** A file that is gone for a moment, between being put aside and being made again, is only looked at by the timer. */
function watchFile(path: string, changed: () => void): () => void {
  try {
    const watcher = watch(path, changed);
    watcher.on('error', () => {});
    return () => watcher.close();
  } catch {
    return () => {};
  }
}
