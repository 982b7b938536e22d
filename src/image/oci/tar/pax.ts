import { GantryError } from '#base/error.ts';
import { byteStringToBytes, bytesToByteString, quoteName, textToByteString, type ByteString } from './byte-string.ts';
import type { Timestamp } from './entry.ts';

/** One record. Order and repetition count: GNU sparse format 0.0 repeats its keys. */
export interface PaxRecord {
  readonly key: ByteString;
  readonly value: Uint8Array;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;

/**
 * Records of the form `<length> <key>=<value>\n`, where the length counts the whole record (POSIX.1-2017, pax(1),
 * "pax Extended Header"). Values stay bytes. Throws `invalid` on anything that is not exactly that.
 */
export function parsePax(body: Uint8Array): PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(SPACE, at);
    const length = space < 0 ? 0 : decimal(body, at, space);
    const end = at + length;
    if (length === 0 || end > body.length || body[end - 1] !== NEWLINE) throw malformed('a record has a wrong length');
    const equals = body.indexOf(EQUALS, space + 1);
    if (equals < 0 || equals >= end - 1 || equals === space + 1) throw malformed('a record has no key');
    records.push({ key: bytesToByteString(body.subarray(space + 1, equals)), value: body.slice(equals + 1, end - 1) });
    at = end;
  }
  return records;
}

/** The body of a PAX header, in the order given. */
export function formatPax(records: readonly PaxRecord[]): Uint8Array<ArrayBuffer> {
  const parts = records.map(formatRecord);
  const body = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

function formatRecord(record: PaxRecord): Uint8Array {
  const rest = record.key.length + record.value.length + 3;
  // The length counts its own digits.
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  const head = byteStringToBytes(`${length} ${record.key}=` as ByteString);
  const bytes = new Uint8Array(length);
  bytes.set(head);
  bytes.set(record.value, head.length);
  bytes[length - 1] = NEWLINE;
  return bytes;
}

export function textRecord(key: string, value: string): PaxRecord {
  return { key: textToByteString(key), value: byteStringToBytes(textToByteString(value)) };
}

/** `path` and `linkpath`: any bytes but NUL. */
export function paxName(record: PaxRecord): ByteString {
  if (record.value.includes(0)) throw malformed(`the value of ${quoteName(record.key)} has a NUL in it`);
  return bytesToByteString(record.value);
}

/** `size`, `uid`, `gid` and the numbers of GNU.sparse: decimal digits only. */
export function paxNumber(record: PaxRecord): number {
  const text = bytesToByteString(record.value);
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw malformed(`the value of ${quoteName(record.key)} is not a number below 2^53`);
  return value;
}

/** `mtime`: decimal seconds with any number of places, of which nine are kept, cut towards the past. */
export function paxTime(record: PaxRecord): Timestamp {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(bytesToByteString(record.value));
  if (match === null) throw malformed(`the value of ${quoteName(record.key)} is not a time`);
  const seconds = Number(match[2]);
  const fraction = match[3] ?? '';
  const nanoseconds = Number(fraction.padEnd(9, '0').slice(0, 9));
  if (match[1] === '') return { seconds, nanoseconds };
  return nanoseconds === 0 ? { seconds: 0 - seconds, nanoseconds: 0 } : { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}

function decimal(body: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 9) return 0;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = body[at]! - 0x30;
    if (digit < 0 || digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value;
}

function malformed(what: string): GantryError {
  return new GantryError('invalid', `malformed PAX header: ${what}`);
}
