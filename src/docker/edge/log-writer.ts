import type { LogRecord } from '#container/host/log.ts';
import { frameHeader } from '../stdcopy.ts';

export interface LogShape {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly timestamps: boolean;
  /** What each line begins with, beside its time. */
  readonly details: string;
  readonly multiplexed: boolean;
}

/** Pieces are written together up to this size. */
const LARGEST_BATCH = 64 * 1024;

/** Nanoseconds padded, so that all times of a log are equally long. */
function timestamp(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${(timeNs % 1_000_000_000n).toString().padStart(9, '0')}Z `;
}

/** A log record as the API sends it, as pieces to be written in a row. */
export function logPieces(record: LogRecord, shape: LogShape): readonly Uint8Array[] {
  if (record.stream === 1 ? !shape.stdout : !shape.stderr) return [];
  const prefix = `${shape.timestamps ? timestamp(record.timeNs) : ''}${shape.details}`;
  const before = prefix === '' ? [] : [Buffer.from(prefix)];
  const length = Buffer.byteLength(prefix) + record.bytes.length;
  return [...(shape.multiplexed ? [frameHeader(record.stream, length)] : []), ...before, record.bytes];
}

export interface Sink {
  write(bytes: Uint8Array): boolean;
  once(event: 'drain' | 'close', callback: () => void): unknown;
  off(event: 'drain' | 'close', callback: () => void): unknown;
  readonly destroyed: boolean;
}

/** Settles when the sink takes more, or never will. */
export async function drained(sink: Sink): Promise<void> {
  if (sink.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      sink.off('drain', done);
      sink.off('close', done);
      resolve();
    };
    sink.once('drain', done);
    sink.once('close', done);
  });
}

/** Writes records as they come: many at a time where they come fast, at once where they don't. */
export async function writeLog(records: AsyncIterable<LogRecord>, sink: Sink, shape: LogShape): Promise<void> {
  let batch: Uint8Array[] = [];
  let size = 0;
  let scheduled: NodeJS.Immediate | undefined;
  const flush = (): boolean => {
    clearImmediate(scheduled);
    scheduled = undefined;
    if (size === 0 || sink.destroyed) return true;
    const bytes = Buffer.concat(batch);
    batch = [];
    size = 0;
    return sink.write(bytes);
  };
  for await (const record of records) {
    if (sink.destroyed) break;
    for (const piece of logPieces(record, shape)) {
      batch.push(piece);
      size += piece.length;
    }
    if (size >= LARGEST_BATCH && !flush()) await drained(sink);
    else if (size > 0) scheduled ??= setImmediate(flush);
  }
  flush();
}
