import { GantryError } from '#base/error.ts';

/**
 * A number field of a header: octal text, or base-256 when the first bit is set (GNU, POSIX pax(1) "ustar").
 * Answers undefined for an empty field. Throws `invalid` on anything else and on values beyond 2^53.
 */
export function parseNumberField(block: Uint8Array, offset: number, length: number): number | undefined {
  const first = block[offset]!;
  return (first & 0x80) === 0 ? parseOctal(block, offset, length) : parseBase256(block, offset, length);
}

const SPACE = 0x20;

function parseOctal(block: Uint8Array, offset: number, length: number): number | undefined {
  let at = offset;
  let end = offset + length;
  while (at < end && block[at] === SPACE) at += 1;
  // The number ends at the first NUL; spaces before it belong to the padding.
  for (let scan = at; scan < end; scan += 1) {
    if (block[scan] === 0) { end = scan; break; }
  }
  while (end > at && block[end - 1] === SPACE) end -= 1;
  if (at === end) return undefined;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = block[at]! - 0x30;
    if (digit < 0 || digit > 7) throw new GantryError('invalid', 'a number field holds something other than octal digits');
    value = value * 8 + digit;
  }
  return checkRange(value);
}

function parseBase256(block: Uint8Array, offset: number, length: number): number {
  const negative = (block[offset]! & 0x40) !== 0;
  let value = negative ? (block[offset]! & 0x7f) - 0x80 : block[offset]! & 0x7f;
  for (let at = offset + 1; at < offset + length; at += 1) {
    value = value * 256 + block[at]!;
    checkRange(value);
  }
  return value;
}

function checkRange(value: number): number {
  if (!Number.isSafeInteger(value)) throw new GantryError('invalid', 'a number field exceeds 2^53');
  return value;
}

/** Largest value that fits as octal digits and a NUL. */
export function octalLimit(length: number): number {
  return 8 ** (length - 1) - 1;
}

/** Octal digits with leading zeros and a NUL at the end. The value must fit (`octalLimit`). */
export function writeOctal(block: Uint8Array, offset: number, length: number, value: number): void {
  const digits = value.toString(8).padStart(length - 1, '0');
  for (let at = 0; at < digits.length; at += 1) block[offset + at] = digits.charCodeAt(at);
  block[offset + length - 1] = 0;
}
