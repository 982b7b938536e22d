/** A stretch of bytes that is worth compressing, or is not. */
export interface Run {
  readonly bytes: Uint8Array;
  readonly isCompressible: boolean;
}

const BLOCK_BYTES = 4096;
/** Odd, so that records and wide characters are sampled at each of their bytes. */
const STRIDE = 7;
const SAMPLES = Math.ceil(BLOCK_BYTES / STRIDE);
/**
 * Pairs of equal samples, of all pairs. Evenly spread bytes have 1 in 256; deflate gains less than two in a hundred up to a
 * seventh more. Four standard deviations lie between the two.
 */
const MOST_EQUAL = SAMPLES + (1.14 * SAMPLES * (SAMPLES - 1)) / 256;
/** A shorter stretch goes with what is around it: ending a compressed one costs some bytes too. */
const LEAST_BYTES = 2 * BLOCK_BYTES;

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
  let even = 0;
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    if (at + BLOCK_BYTES <= bytes.length && isEven(bytes, at)) {
      even += BLOCK_BYTES;
      continue;
    }
    if (even >= LEAST_BYTES) {
      add(start, at - even, true);
      add(at - even, at, false);
      start = at;
    }
    even = 0;
  }
  const whole = bytes.length - even;
  if (even < LEAST_BYTES) add(start, bytes.length, true);
  else {
    add(start, whole, true);
    add(whole, bytes.length, false);
  }
  return runs;
}

const COUNTS = new Uint16Array(256);

/** Of one block. */
function isEven(bytes: Uint8Array, at: number): boolean {
  COUNTS.fill(0);
  // The sum of the squares of all counts, step by step.
  let squares = 0;
  for (let place = at; place < at + BLOCK_BYTES; place += STRIDE) {
    const byte = bytes[place]!;
    squares += 2 * COUNTS[byte]! + 1;
    COUNTS[byte] = COUNTS[byte]! + 1;
  }
  return squares <= MOST_EQUAL;
}
