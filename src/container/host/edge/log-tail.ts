import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { listOldLogs } from './log-files.ts';

const CHUNK_BYTES = 64 * 1024;
/** Time, stream and mark come within so many bytes. */
const HEAD_BYTES = 64;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const PARTIAL = 0x50;

interface Tail {
  readonly lines: number;
  /** Of the first of them. */
  readonly offset: number;
}

/** Whether the record ends a line: a long one, or one that came in pieces, is several records. */
function endsLine(bytes: Uint8Array, start: number): boolean {
  const second = bytes.indexOf(SPACE, bytes.indexOf(SPACE, start) + 1);
  return bytes[second + 1] !== PARTIAL;
}

/** Where the last `count` lines of a log begin: read backwards, so that a long log costs only its end. */
export async function findTail(path: string, count: number): Promise<{ readonly sequence: number; readonly offset: number }> {
  const newestFirst = listOldLogs(path).reverse();
  const sequence = (newestFirst[0]?.sequence ?? 0) + 1;
  const files = [{ sequence, path, isCompressed: false }, ...newestFirst];
  let left = count;
  for (const file of files) {
    const found = file.isCompressed ? await tailOfCompressed(file.path, left) : await tailOfPlain(file.path, left);
    if (found.lines >= left) return { sequence: file.sequence, offset: found.offset };
    left -= found.lines;
  }
  return { sequence: files.at(-1)?.sequence ?? sequence, offset: 0 };
}

async function tailOfPlain(path: string, count: number): Promise<Tail> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return { lines: 0, offset: 0 };
  try {
    const { size } = await file.stat();
    if (count === 0) return { lines: 0, offset: size };
    const chunk = Buffer.alloc(CHUNK_BYTES + HEAD_BYTES);
    let lines = 0;
    // The record after the newline that is looked for; what the file ends with is none.
    let next = size;
    for (let end = size; end > 0;) {
      const start = Math.max(0, end - CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, Math.min(end - start + HEAD_BYTES, size - start), start);
      const bytes = chunk.subarray(0, bytesRead);
      for (let at = end - start - 1; at >= -1; at -= 1) {
        const isStart = at >= 0 ? bytes[at] === NEWLINE : start === 0;
        if (!isStart || start + at + 1 === size) continue;
        const record = at + 1;
        if (endsLine(bytes, record) || next === size) {
          if (lines === count) return { lines, offset: next };
          lines += 1;
        }
        next = start + record;
      }
      end = start;
    }
    return { lines, offset: 0 };
  } finally {
    await file.close();
  }
}

/** Backwards is no way through a compressed file: where its last lines begin is remembered on the way forwards. */
async function tailOfCompressed(path: string, count: number): Promise<Tail> {
  let starts: number[] = [0];
  let rest = Buffer.alloc(0);
  let position = 0;
  let lines = 0;
  for await (const chunk of createReadStream(path).pipe(createGunzip()) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      position += end + 1;
      if (endsLine(rest, 0)) {
        lines += 1;
        starts.push(position);
      }
      rest = rest.subarray(end + 1);
    }
    if (starts.length > 2 * count + 2) starts = starts.slice(-count - 1);
  }
  return lines >= count ? { lines, offset: starts.at(-1 - count) ?? 0 } : { lines, offset: 0 };
}
