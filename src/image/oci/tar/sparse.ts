import { GantryError } from '#base/error.ts';
import { bytesToByteString } from './byte-string.ts';
import type { Segment } from './entry.ts';
import { parseNumberField } from './number-field.ts';
import { paxNumber, type PaxRecord } from './pax.ts';

/** Runs in one file. A map of this size takes a few megabytes. */
export const MAX_SEGMENTS = 1 << 18;

/** Format 1.0 keeps its map in front of the data: a count, then offset and length, one decimal number a line. */
export const MAX_MAP_BYTES = 8 << 20;

const PAIR_BYTES = 24;
const NUMBER_BYTES = 12;
/** GNU tar manual, "Storing Sparse Files": four pairs in the header, then blocks of 21 while a flag says that more follow. */
const OLD_GNU = { headerMap: 386, headerPairs: 4, headerMore: 482, realSize: 483, blockPairs: 21, blockMore: 504 } as const;

/** Adds the pairs of an old GNU header (`first`) or of one that continues it. Answers whether another block follows. */
export function readOldGnuMap(block: Uint8Array, first: boolean, into: Segment[]): boolean {
  const start = first ? OLD_GNU.headerMap : 0;
  const pairs = first ? OLD_GNU.headerPairs : OLD_GNU.blockPairs;
  for (let index = 0; index < pairs; index += 1) {
    const at = start + index * PAIR_BYTES;
    const offset = parseNumberField(block, at, NUMBER_BYTES);
    const length = parseNumberField(block, at + NUMBER_BYTES, NUMBER_BYTES);
    if (offset === undefined || length === undefined) break;
    into.push({ offset, length });
  }
  if (into.length > MAX_SEGMENTS) throw tooMany();
  return block[first ? OLD_GNU.headerMore : OLD_GNU.blockMore] === 1;
}

export function oldGnuRealSize(block: Uint8Array): number {
  return parseNumberField(block, OLD_GNU.realSize, NUMBER_BYTES) ?? 0;
}

/** Formats 0.0 (repeated keys) and 0.1 (one list), from the records of the PAX header; undefined where there are none. */
export function readPaxMap(records: readonly PaxRecord[]): Segment[] | undefined {
  const list = records.findLast(({ key }) => key === 'GNU.sparse.map');
  if (list !== undefined) return pairs(bytesToByteString(list.value).split(','));
  const numbers = records.filter(({ key }) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes');
  if (numbers.length === 0) return undefined;
  const alternate = numbers.every(({ key }, index) => (key === 'GNU.sparse.offset') === (index % 2 === 0));
  if (!alternate || numbers.length % 2 !== 0) throw wrong('its offsets and lengths do not alternate');
  const map: Segment[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    map.push({ offset: paxNumber(numbers[at]!), length: paxNumber(numbers[at + 1]!) });
  }
  if (map.length > MAX_SEGMENTS) throw tooMany();
  return map;
}

/**
 * Format 1.0: block after block until the map is whole. Lines are counted as they come and parsed once, so that a long map
 * costs no more than its length.
 */
export class MapReader {
  #text = '';
  #lines = 0;
  #needed: number | undefined;

  /** How many bytes the map has taken so far, a multiple of the block. */
  bytes = 0;

  /** The map, or undefined while more blocks are needed. */
  add(block: Uint8Array): Segment[] | undefined {
    this.bytes += block.length;
    if (this.bytes > MAX_MAP_BYTES) throw tooMany();
    for (const byte of block) if (byte === 0x0a) this.#lines += 1;
    this.#text += bytesToByteString(block);
    if (this.#needed === undefined) {
      if (this.#lines === 0) throw wrong('it does not begin with a count');
      const count = decimal(this.#text.slice(0, this.#text.indexOf('\n')));
      if (count > MAX_SEGMENTS) throw tooMany();
      this.#needed = 1 + 2 * count;
    }
    return this.#lines < this.#needed ? undefined : pairs(this.#text.split('\n', this.#needed).slice(1));
  }
}

/** In order, without overlap, inside the file, and as many bytes as are stored; else `invalid`. Drops empty runs. */
export function checkSegments(segments: readonly Segment[], size: number, stored: number): Segment[] {
  let end = 0;
  let sum = 0;
  for (const { offset, length } of segments) {
    if (offset < end || length < 0 || offset + length > size) throw wrong('its runs overlap, go backwards or pass the end of the file');
    end = offset + length;
    sum += length;
  }
  if (sum !== stored) throw wrong(`it describes ${sum} bytes of data, ${stored} are there`);
  return segments.filter(({ length }) => length > 0);
}

function pairs(numbers: readonly string[]): Segment[] {
  if (numbers.length % 2 !== 0) throw wrong('an offset has no length');
  if (numbers.length > 2 * MAX_SEGMENTS) throw tooMany();
  const map: Segment[] = [];
  for (let at = 0; at < numbers.length; at += 2) map.push({ offset: decimal(numbers[at]!), length: decimal(numbers[at + 1]!) });
  return map;
}

function decimal(text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw wrong('it holds something other than numbers below 2^53');
  return value;
}

function wrong(why: string): GantryError {
  return new GantryError('invalid', `malformed map of a sparse file: ${why}`);
}

function tooMany(): GantryError {
  return new GantryError('too-large', `a sparse file has more than ${MAX_SEGMENTS} runs`);
}
