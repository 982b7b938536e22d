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
