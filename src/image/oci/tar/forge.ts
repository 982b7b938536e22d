import { concatBytes } from '#base/bytes.ts';
import { byteStringToBytes, textToByteString, type ByteString } from './byte-string.ts';
import type { TarEntry } from './entry.ts';
import { formatHeader, setChecksum } from './header.ts';
import { formatPax, type PaxRecord } from './pax.ts';
import { endOfArchive, entryHeader, paddingAfter } from './writer.ts';

/** Archives for tests: proper ones, and ones that no honest program writes. */

export interface ForgedEntry extends Partial<Omit<TarEntry, 'name' | 'linkName' | 'xattrs'>> {
  readonly name: string;
  readonly linkName?: string;
  readonly body?: string | Uint8Array;
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}

/** An entry as the writer makes it. */
export function member(entry: ForgedEntry): Uint8Array<ArrayBuffer> {
  const body = bytesOf(entry.body);
  const header = entryHeader({
    type: 'file', mode: entry.type === 'directory' ? 0o755 : 0o644, uid: 0, gid: 0, size: body.length, modified: { seconds: 1_000_000_000, nanoseconds: 0 },
    deviceMajor: 0, deviceMinor: 0,
    ...entry,
    name: textToByteString(entry.name),
    linkName: textToByteString(entry.linkName ?? ''),
    xattrs: new Map(Object.entries(entry.xattrs ?? {}).map(([key, value]) => [textToByteString(key), value])),
  });
  return concatBytes([header, body, paddingAfter(body.length)]);
}

export interface RawEntry {
  readonly name?: string;
  readonly prefix?: string;
  readonly linkName?: string;
  readonly typeFlag: string;
  readonly size?: number;
  readonly body?: string | Uint8Array;
  /** Changes the block before its checksum is set. */
  readonly patch?: (block: Uint8Array) => void;
}

/** One header block with any type, any claimed size, and then the body. */
export function rawMember(entry: RawEntry): Uint8Array<ArrayBuffer> {
  const body = bytesOf(entry.body);
  const block = formatHeader({
    name: textToByteString(entry.name ?? 'raw'), prefix: textToByteString(entry.prefix ?? ''), linkName: textToByteString(entry.linkName ?? ''),
    mode: 0o644, uid: 0, gid: 0, size: entry.size ?? body.length, modifiedSeconds: 1_000_000_000, typeFlag: entry.typeFlag,
    deviceMajor: 0, deviceMinor: 0,
  });
  entry.patch?.(block);
  setChecksum(block);
  return concatBytes([block, body, paddingAfter(body.length)]);
}

export function paxMember(records: Readonly<Record<string, string | Uint8Array>>, typeFlag: 'x' | 'g' = 'x'): Uint8Array<ArrayBuffer> {
  const list = Object.entries(records).map(([key, value]): PaxRecord => ({ key: textToByteString(key), value: bytesOf(value) }));
  return rawMember({ name: 'PaxHeaders/x', typeFlag, body: formatPax(list) });
}

/** A GNU long name (`L`) or long target (`K`). */
export function gnuLong(typeFlag: 'L' | 'K', name: string): Uint8Array<ArrayBuffer> {
  return rawMember({ name: '././@LongLink', typeFlag, body: `${name}\0`, patch: asGnu });
}

/** GNU's magic, in place of the ustar one. */
export function asGnu(block: Uint8Array): void {
  block.set(byteStringToBytes('ustar  \0' as ByteString), 257);
}

export function archive(...members: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes([...members, endOfArchive()]);
}

function bytesOf(body: string | Uint8Array | undefined): Uint8Array {
  return typeof body === 'string' ? byteStringToBytes(textToByteString(body)) : body ?? new Uint8Array(0);
}
