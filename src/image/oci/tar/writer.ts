import { concatBytes } from '#base/bytes.ts';
import { GantryError } from '#base/error.ts';
import { byteStringToBytes, type ByteString } from './byte-string.ts';
import type { EntryType, TarEntry } from './entry.ts';
import { BLOCK, DEVICE_LIMIT, formatHeader, ID_LIMIT, NAME_BYTES, PREFIX_BYTES, SIZE_LIMIT } from './header.ts';
import { formatPax, textRecord, type PaxRecord } from './pax.ts';

const TYPE_FLAG: Readonly<Record<EntryType, string>> = {
  file: '0', hardlink: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6',
};
const EMPTY = '' as ByteString;

/**
 * The blocks that stand before the content of an entry: a ustar header, and a PAX header before it where a value does not
 * fit or cannot be said otherwise. The same entry gives the same bytes. Sparse files are written whole.
 */
export function entryHeader(entry: TarEntry): Uint8Array<ArrayBuffer> {
  const fitted = splitName(entry.name);
  const records = paxRecords(entry, fitted !== undefined);
  const block = formatHeader({
    name: fitted?.name ?? entry.name.slice(0, NAME_BYTES) as ByteString,
    prefix: fitted?.prefix ?? EMPTY,
    linkName: entry.linkName.slice(0, NAME_BYTES) as ByteString,
    mode: entry.mode,
    uid: fit(entry.uid, ID_LIMIT),
    gid: fit(entry.gid, ID_LIMIT),
    size: fit(entry.size, SIZE_LIMIT),
    modifiedSeconds: fit(entry.modified.seconds, SIZE_LIMIT),
    typeFlag: TYPE_FLAG[entry.type],
    deviceMajor: device(entry.deviceMajor),
    deviceMinor: device(entry.deviceMinor),
  });
  return records.length === 0 ? block : concatBytes([paxHeader(entry.name, records), block]);
}

/** What follows the content of an entry. */
export function paddingAfter(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What stands at the end of an archive. */
export function endOfArchive(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(2 * BLOCK);
}

function paxRecords(entry: TarEntry, nameFits: boolean): PaxRecord[] {
  const records: PaxRecord[] = [];
  const value = (key: string, bytes: ByteString) => records.push({ key: key as ByteString, value: byteStringToBytes(bytes) });
  if (!nameFits) value('path', entry.name);
  if (entry.linkName.length > NAME_BYTES) value('linkpath', entry.linkName);
  if (entry.size > SIZE_LIMIT) records.push(textRecord('size', String(entry.size)));
  if (entry.uid > ID_LIMIT) records.push(textRecord('uid', String(entry.uid)));
  if (entry.gid > ID_LIMIT) records.push(textRecord('gid', String(entry.gid)));
  const { seconds, nanoseconds } = entry.modified;
  if (nanoseconds !== 0 || seconds < 0 || seconds > SIZE_LIMIT) records.push(textRecord('mtime', decimalTime(seconds, nanoseconds)));
  for (const name of [...entry.xattrs.keys()].sort()) {
    records.push({ key: `SCHILY.xattr.${name}` as ByteString, value: entry.xattrs.get(name)! });
  }
  return records;
}

function decimalTime(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return String(seconds);
  const negative = seconds < 0;
  const whole = negative ? -seconds - 1 : seconds;
  const fraction = (negative ? 1e9 - nanoseconds : nanoseconds).toString().padStart(9, '0').replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}.${fraction}`;
}

function paxHeader(name: ByteString, records: readonly PaxRecord[]): Uint8Array {
  const body = formatPax(records);
  const base = name.replace(/\/+$/, '').split('/').at(-1)!;
  const header = formatHeader({
    name: `PaxHeaders.0/${base}`.slice(0, NAME_BYTES) as ByteString, prefix: EMPTY, linkName: EMPTY,
    mode: 0o644, uid: 0, gid: 0, size: body.length, modifiedSeconds: 0, typeFlag: 'x', deviceMajor: 0, deviceMinor: 0,
  });
  return concatBytes([header, body, paddingAfter(body.length)]);
}

/** The name whole, or cut at a slash so that both parts fit; undefined where neither works. */
function splitName(name: ByteString): { prefix: ByteString; name: ByteString } | undefined {
  if (name.length <= NAME_BYTES) return { prefix: EMPTY, name };
  // A slash at the very end belongs to the name of a directory.
  const cut = name.lastIndexOf('/', Math.min(PREFIX_BYTES, name.length - 2));
  if (cut <= 0 || name.length - cut - 1 > NAME_BYTES) return undefined;
  return { prefix: name.slice(0, cut) as ByteString, name: name.slice(cut + 1) as ByteString };
}

/** A value that a PAX record says in full. */
function fit(value: number, limit: number): number {
  return value < 0 || value > limit ? 0 : value;
}

function device(number: number): number {
  if (number > DEVICE_LIMIT) throw new GantryError('invalid', `the device number ${number} does not fit into an archive`);
  return number;
}
