import { GantryError } from '#base/error.ts';
import { bytesToByteString, type ByteString } from './byte-string.ts';
import { octalLimit, parseNumberField, writeOctal } from './number-field.ts';

export const BLOCK = 512;

/** One 512-byte block, as it stands: extension headers are not applied here. */
export interface HeaderBlock {
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly modifiedSeconds: number;
  /** One character; NUL (V7) stays NUL. */
  readonly typeFlag: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly format: 'v7' | 'ustar' | 'gnu';
}

interface Field { readonly at: number; readonly length: number }

/** POSIX.1-2017, pax(1), "ustar Interchange Format". */
const FIELD = {
  name: { at: 0, length: 100 },
  mode: { at: 100, length: 8 },
  uid: { at: 108, length: 8 },
  gid: { at: 116, length: 8 },
  size: { at: 124, length: 12 },
  modified: { at: 136, length: 12 },
  checksum: { at: 148, length: 8 },
  typeFlag: { at: 156, length: 1 },
  linkName: { at: 157, length: 100 },
  magic: { at: 257, length: 6 },
  version: { at: 263, length: 2 },
  deviceMajor: { at: 329, length: 8 },
  deviceMinor: { at: 337, length: 8 },
  prefix: { at: 345, length: 155 },
} as const satisfies Record<string, Field>;

/** Access and change time of a GNU header, twelve digits each. */
const GNU_TIMES = { at: 345, length: 24 } as const;

export const NAME_BYTES = FIELD.name.length;
export const PREFIX_BYTES = FIELD.prefix.length;
export const ID_LIMIT = octalLimit(FIELD.uid.length);
export const SIZE_LIMIT = octalLimit(FIELD.size.length);
export const DEVICE_LIMIT = octalLimit(FIELD.deviceMajor.length);

/** Throws `invalid` on a wrong checksum or an unreadable number. */
export function parseHeader(block: Uint8Array): HeaderBlock {
  if (!checksumMatches(block)) throw new GantryError('invalid', 'the checksum of the header does not match');
  const format = formatOf(block);
  refuseOtherMeanings(block, format);
  const name = textField(block, FIELD.name);
  // GNU headers use the place of the prefix for times and the sparse map.
  const prefix = format === 'ustar' ? textField(block, FIELD.prefix) : '';
  return {
    name: (prefix === '' ? name : `${prefix}/${name}`) as ByteString,
    linkName: textField(block, FIELD.linkName),
    mode: number(block, FIELD.mode),
    uid: number(block, FIELD.uid),
    gid: number(block, FIELD.gid),
    size: number(block, FIELD.size),
    modifiedSeconds: number(block, FIELD.modified),
    typeFlag: String.fromCharCode(block[FIELD.typeFlag.at]!),
    deviceMajor: format === 'v7' ? 0 : number(block, FIELD.deviceMajor),
    deviceMinor: format === 'v7' ? 0 : number(block, FIELD.deviceMinor),
    format,
  };
}

export interface HeaderFields extends Omit<HeaderBlock, 'format'> {
  readonly prefix: ByteString;
}

/** A ustar block. The caller has made sure that every value fits its field. */
export function formatHeader(fields: HeaderFields): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  writeText(block, FIELD.name, fields.name);
  writeOctal(block, FIELD.mode.at, FIELD.mode.length, fields.mode);
  writeOctal(block, FIELD.uid.at, FIELD.uid.length, fields.uid);
  writeOctal(block, FIELD.gid.at, FIELD.gid.length, fields.gid);
  writeOctal(block, FIELD.size.at, FIELD.size.length, fields.size);
  writeOctal(block, FIELD.modified.at, FIELD.modified.length, fields.modifiedSeconds);
  writeText(block, FIELD.typeFlag, fields.typeFlag);
  writeText(block, FIELD.linkName, fields.linkName);
  writeText(block, FIELD.magic, 'ustar\0');
  writeText(block, FIELD.version, '00');
  writeOctal(block, FIELD.deviceMajor.at, FIELD.deviceMajor.length, fields.deviceMajor);
  writeOctal(block, FIELD.deviceMinor.at, FIELD.deviceMinor.length, fields.deviceMinor);
  writeText(block, FIELD.prefix, fields.prefix);
  setChecksum(block);
  return block;
}

/** Puts the right checksum into a block: six octal digits, NUL, space. */
export function setChecksum(block: Uint8Array): void {
  block.fill(0x20, FIELD.checksum.at, FIELD.checksum.at + FIELD.checksum.length);
  let sum = 0;
  for (const byte of block) sum += byte;
  writeOctal(block, FIELD.checksum.at, 7, sum);
}

export function isZeroBlock(block: Uint8Array): boolean {
  for (let at = 0; at < BLOCK; at += 1) if (block[at] !== 0) return false;
  return true;
}

/** Some old writers summed signed bytes; readers take both. */
function checksumMatches(block: Uint8Array): boolean {
  const { at: start, length } = FIELD.checksum;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at += 1) {
    const byte = at >= start && at < start + length ? 0x20 : block[at]!;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const digits = /^[ 0]*([0-7]+)[ \0]*$/.exec(bytesToByteString(block.subarray(start, start + length)))?.[1];
  const stored = digits === undefined ? -1 : Number.parseInt(digits, 8);
  return stored === unsigned || stored === signed;
}

/**
 * Readers take the place of the prefix for one where they do not know the magic, and where GNU's times in it are no numbers.
 * No writer makes such headers.
 */
function refuseOtherMeanings(block: Uint8Array, format: HeaderBlock['format']): void {
  const isOdd = format === 'v7'
    ? block.subarray(FIELD.magic.at).some((byte) => byte !== 0)
    : format === 'gnu' && !/^[0-7 \0]*$/.test(bytesToByteString(block.subarray(GNU_TIMES.at, GNU_TIMES.at + GNU_TIMES.length)));
  if (isOdd) throw new GantryError('invalid', 'the header is of no known format');
}

function formatOf(block: Uint8Array): HeaderBlock['format'] {
  const magic = bytesToByteString(block.subarray(FIELD.magic.at, FIELD.version.at + FIELD.version.length));
  if (magic === 'ustar  \0') return 'gnu';
  return magic.startsWith('ustar\0') ? 'ustar' : 'v7';
}

function number(block: Uint8Array, field: Field): number {
  return parseNumberField(block, field.at, field.length) ?? 0;
}

function textField(block: Uint8Array, field: Field): ByteString {
  let end = field.at;
  while (end < field.at + field.length && block[end] !== 0) end += 1;
  return bytesToByteString(block.subarray(field.at, end));
}

function writeText(block: Uint8Array, field: Field, text: string): void {
  for (let at = 0; at < text.length; at += 1) block[field.at + at] = text.charCodeAt(at);
}
