import type { LogRecord } from '../log.ts';

const NEWLINE = 0x0a;
const PARTIAL = 0x50;
const SPACE = 0x20;
const E_OF_STDERR = 0x65;

/** Columns of conmon's k8s-file format, `time stream F|P bytes`: its times are all as long, and so are the names of the streams. */
const AFTER_TIME = 35;
const NAME_DIFFERS = 39;
const AFTER_NAME = 42;
const MARK = 43;
const BODY = 45;

/** `2026-11-23T21:59:39.745372892+00:00` in nanoseconds since the epoch. */
export function parseLogTime(text: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return 0n;
  const [, seconds, fraction = '', zone] = match;
  return BigInt(Date.parse(`${seconds}${zone}`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** A record that reads its time only where somebody asks: most readers of a log want the bytes alone. */
export class LogLine implements LogRecord {
  readonly stream: 1 | 2;
  readonly bytes: Uint8Array;
  /** Bytes up to and with its line break, of what it was parsed from. */
  readonly end: number;
  readonly #source: Buffer;
  readonly #start: number;

  constructor(source: Buffer, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.end = end;
    this.stream = source[start + NAME_DIFFERS] === E_OF_STDERR ? 2 : 1;
    // What is only the beginning of a line has its break from conmon, not from the container.
    this.bytes = source.subarray(start + BODY, source[start + MARK] === PARTIAL ? end - 1 : end);
  }

  get timeNs(): bigint {
    return parseLogTime(this.#source.toString('latin1', this.#start, this.#start + AFTER_TIME));
  }
}

/** All lines that are whole; nothing is copied. What is no line of conmon's is passed over. */
export function parseLogLines(source: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  for (let start = 0; ;) {
    const end = source.indexOf(NEWLINE, start) + 1;
    if (end === 0) return lines;
    if (end > start + BODY && source[start + AFTER_TIME] === SPACE && source[start + AFTER_NAME] === SPACE && source[start + BODY - 1] === SPACE) lines.push(new LogLine(source, start, end));
    start = end;
  }
}
