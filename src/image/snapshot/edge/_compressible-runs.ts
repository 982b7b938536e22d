/** A stretch of bytes that is worth compressing, or is not. */
export interface Run {
  readonly bytes: Uint8Array;
  readonly isCompressible: boolean;
}

interface Sampling {
  readonly bytes: number;
  readonly stride: number;
  /** Pairs of equal samples, of all pairs, that evenly spread bytes have at most; and each sample with itself. */
  readonly mostEqual: number;
}

/** The stride is odd, so that records and wide characters are sampled at each of their bytes. */
const BLOCK = sampling(4096, 7);
/** Where in a block one ends and the other begins: files begin at such places of a tar. */
const RECORD = sampling(512, 1);
/** A shorter stretch goes with what is around it: ending a compressed one costs some bytes too. */
const LEAST_BYTES = 2 * BLOCK.bytes;

/**
 * Evenly spread bytes have 1 equal pair in 256; deflate gains less than two in a hundred up to a seventh more. That is four
 * standard deviations away for a block, and three for a record.
 */
function sampling(bytes: number, stride: number): Sampling {
  const samples = Math.ceil(bytes / stride);
  // Whole, or each comparison would be one of floating numbers.
  return { bytes, stride, mostEqual: Math.floor(samples + (1.14 * samples * (samples - 1)) / 256) };
}

/**
 * Parts what is compressed or encrypted already from the rest, by how evenly its bytes are spread. Compressing such bytes takes
 * ten times as long as anything else, for nothing. The same bytes give the same runs; together they are the bytes.
 */
export function compressibleRuns(bytes: Uint8Array): Run[] {
  const runs: Run[] = [];
  const add = (start: number, end: number, isCompressible: boolean): void => {
    if (start < end) runs.push({ bytes: bytes.subarray(start, end), isCompressible });
  };
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const end = endOfEven(bytes, at, BLOCK);
    let to = end;
    if (end - at >= LEAST_BYTES) {
      const from = startOfEven(bytes, at, start);
      to = endOfEven(bytes, end, RECORD);
      add(start, from, true);
      add(from, to, false);
      start = to;
    }
    // The block at the end is no even one, but all of its records may be.
    at = Math.max(end + BLOCK.bytes, Math.ceil(to / BLOCK.bytes) * BLOCK.bytes);
  }
  add(start, bytes.length, true);
  return runs;
}

/** Where the even stretch that begins at `at` ends, in whole blocks or records. */
function endOfEven(bytes: Uint8Array, at: number, by: Sampling): number {
  while (at + by.bytes <= bytes.length && isEven(bytes, at, by)) at += by.bytes;
  return at;
}

/** Where it begins, if in the block before `at`, and not before `least`. */
function startOfEven(bytes: Uint8Array, at: number, least: number): number {
  while (at - RECORD.bytes >= least && isEven(bytes, at - RECORD.bytes, RECORD)) at -= RECORD.bytes;
  return at;
}

const COUNTS = new Uint16Array(256);

function isEven(bytes: Uint8Array, at: number, { bytes: length, stride, mostEqual }: Sampling): boolean {
  COUNTS.fill(0);
  // The sum of the squares of all counts, step by step.
  let squares = 0;
  const end = at + length;
  for (let place = at; place < end; place += stride) {
    const byte = bytes[place]!;
    const count = COUNTS[byte]!;
    squares = (squares + count + count + 1) | 0;
    if (squares > mostEqual) return false;
    COUNTS[byte] = count + 1;
  }
  return true;
}
