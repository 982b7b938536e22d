import type { LogRecord } from '../log.ts';

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

/** The fifth byte of `stderr`, which `stdout` has otherwise. */
const E_OF_STDERR = 0x65;

/** A record that reads its time only where somebody asks: most readers of a log want the bytes alone. */
class LogLine implements LogRecord {
  readonly stream: 1 | 2;
  readonly bytes: Uint8Array;
  readonly #time: Uint8Array;

  constructor(time: Uint8Array, stream: 1 | 2, bytes: Uint8Array) {
    this.#time = time;
    this.stream = stream;
    this.bytes = bytes;
  }

  get timeNs(): bigint {
    return parseLogTime(Buffer.from(this.#time.buffer, this.#time.byteOffset, this.#time.byteLength).toString('latin1'));
  }
}

/**
 * conmon's k8s-file format: `time stream F|P bytes`, one write a line; P has no line break of its own. With the line's
 * break, where it has one, nothing is copied.
 */
export function parseLogLine(line: Uint8Array): LogRecord | undefined {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  const third = line.indexOf(SPACE, second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  const isPartial = line[second + 1] === PARTIAL;
  const hasBreak = line[line.length - 1] === NEWLINE;
  const stream = line[first + 4] === E_OF_STDERR ? 2 : 1;
  const body = line.subarray(third + 1, hasBreak && isPartial ? line.length - 1 : line.length);
  return new LogLine(line.subarray(0, first), stream, isPartial || hasBreak ? body : withBreak(body));
}

function withBreak(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 1);
  bytes.set(body);
  bytes[body.length] = NEWLINE;
  return bytes;
}
