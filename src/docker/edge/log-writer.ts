import type { LogBatches, LogRecord } from '#container/host/log.ts';
import { writeFrameHeader, FRAME_HEADER_BYTES } from '../stdcopy.ts';

export interface LogShape {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly timestamps: boolean;
  /** What each line begins with, beside its time. */
  readonly details: string;
  readonly multiplexed: boolean;
}

/** Records are written together up to this size, whatever is put before each. */
const LARGEST_PIECE = 256 * 1024;
const TIMESTAMP_BYTES = 31;
const NEWLINE = 10;

/** Nanoseconds padded, so that all times of a log are equally long. */
function timestamp(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${(timeNs % 1_000_000_000n).toString().padStart(9, '0')}Z `;
}

/** A program may write a line in parts: only its beginning is told with a time and details. One object for all batches of a log. */
export class LineStarts {
  readonly #isOpen: [boolean, boolean, boolean] = [false, false, false];

  /** @returns whether the record begins a line of its stream */
  note({ stream, bytes }: LogRecord): boolean {
    const begins = !this.#isOpen[stream];
    this.#isOpen[stream] = bytes.at(-1) !== NEWLINE;
    return begins;
  }
}

/** Records as the API sends them, each in a frame of its own where there are frames: many clients take a frame for a line. */
export function* logPieces(records: readonly LogRecord[], shape: LogShape, lines: LineStarts): Generator<Uint8Array> {
  const wanted = shape.stdout && shape.stderr ? records : records.filter(({ stream }) => (stream === 1 ? shape.stdout : shape.stderr));
  const details = Buffer.from(shape.details);
  const longest = (shape.timestamps ? TIMESTAMP_BYTES : 0) + details.length;
  const header = shape.multiplexed ? FRAME_HEADER_BYTES : 0;
  for (let first = 0; first < wanted.length;) {
    let [next, size] = [first, 0];
    const heads: number[] = [];
    while (next < wanted.length && size < LARGEST_PIECE) {
      const record = wanted[next++] as LogRecord;
      const before = longest > 0 && lines.note(record) ? longest : 0;
      heads.push(before);
      size += header + before + record.bytes.length;
    }
    const piece = Buffer.alloc(size);
    let at = 0;
    for (const before of heads) {
      const record = wanted[first++] as LogRecord;
      if (shape.multiplexed) writeFrameHeader(piece, at, record.stream, before + record.bytes.length);
      at += header;
      if (before > 0 && shape.timestamps) piece.write(timestamp(record.timeNs), at, 'latin1');
      if (before > 0) piece.set(details, at + before - details.length);
      piece.set(record.bytes, at + before);
      at += before + record.bytes.length;
    }
    yield piece;
  }
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

/** Writes records as they come, and waits where the sink has enough. */
export async function writeLog(batches: LogBatches, sink: Sink, shape: LogShape): Promise<void> {
  const lines = new LineStarts();
  for await (const records of batches) {
    for (const piece of logPieces(records, shape, lines)) {
      if (sink.destroyed) return;
      if (!sink.write(piece)) await drained(sink);
    }
  }
}
