import { GantryError } from '#base/error.ts';
import { byteStringToText, type ByteString } from './byte-string.ts';
import type { EntryType, TarEntry, Timestamp } from './entry.ts';
import type { HeaderBlock } from './header.ts';
import { paxName, paxNumber, paxTime, type PaxRecord } from './pax.ts';

const XATTR_PREFIX = 'SCHILY.xattr.';

/** (uid_t)-1 means "leave as it is" to chown(2), so it is no owner. */
const MAX_ID = 0xffff_fffe;

/** What extension headers say about the next entry. Absent: the header block counts. */
export interface Extension {
  readonly name?: ByteString;
  readonly linkName?: ByteString;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly modified?: Timestamp;
  readonly xattrs: ReadonlyMap<ByteString, Uint8Array>;
  readonly sparse?: { readonly major: number; readonly minor: number; readonly name?: ByteString; readonly realSize: number };
}

/** Of an entry without such headers, as most are. */
export const NO_EXTENSION: Extension = { xattrs: new Map() };

/** A global header may not name files or lengths: implementations differ about it, so the archive would mean two things. */
export function checkGlobalRecords(records: readonly PaxRecord[]): void {
  const bad = records.find(({ key }) => ['path', 'linkpath', 'size'].includes(key) || key.startsWith('GNU.sparse.'));
  if (bad !== undefined) throw new GantryError('invalid', `a global PAX header sets ${byteStringToText(bad.key)}, which belongs to one entry`);
}

/** Global records first: later ones win, an empty value takes an earlier one back (POSIX.1-2017, pax(1)). */
export function readExtension(records: readonly PaxRecord[]): Extension {
  const last = new Map<ByteString, PaxRecord>();
  const xattrs = new Map<ByteString, Uint8Array>();
  for (const record of records) {
    // An attribute may be empty; for all else an empty value means "not set".
    if (record.key.startsWith(XATTR_PREFIX)) xattrs.set(xattrName(record.key), record.value);
    else if (record.value.length === 0) last.delete(record.key);
    else last.set(record.key, record);
  }
  const read = <T>(key: string, parse: (record: PaxRecord) => T): T | undefined => {
    const record = last.get(key as ByteString);
    return record === undefined ? undefined : parse(record);
  };
  return withoutUndefined({
    name: read('path', paxName),
    linkName: read('linkpath', paxName),
    size: read('size', paxNumber),
    uid: read('uid', paxNumber),
    gid: read('gid', paxNumber),
    modified: read('mtime', paxTime),
    xattrs,
    sparse: readSparse(read, [...last.keys()].some((key) => key.startsWith('GNU.sparse.'))),
  });
}

type Read = <T>(key: string, parse: (record: PaxRecord) => T) => T | undefined;

function readSparse(read: Read, marked: boolean): Extension['sparse'] {
  if (!marked) return undefined;
  const realSize = read('GNU.sparse.realsize', paxNumber) ?? read('GNU.sparse.size', paxNumber);
  if (realSize === undefined) throw new GantryError('invalid', 'a PAX header describes a sparse file without its size');
  const name = read('GNU.sparse.name', paxName);
  return {
    major: read('GNU.sparse.major', paxNumber) ?? 0,
    minor: read('GNU.sparse.minor', paxNumber) ?? 0,
    realSize,
    ...(name === undefined ? {} : { name }),
  };
}

function xattrName(key: ByteString): ByteString {
  const name = key.slice(XATTR_PREFIX.length) as ByteString;
  if (name === '' || name.includes('\0')) throw new GantryError('invalid', 'a PAX header has an extended attribute without a proper name');
  return name;
}

/** The type that a flag means; undefined for types that no container layer can hold. */
export function typeOf(header: HeaderBlock, name: ByteString): EntryType | undefined {
  switch (header.typeFlag) {
    case '\0': return name.endsWith('/') ? 'directory' : 'file';
    case '0': case '7': case 'S': return 'file';
    case '1': return 'hardlink';
    case '2': return 'symlink';
    case '3': return 'character';
    case '4': return 'block';
    case '5': return 'directory';
    case '6': return 'fifo';
    default: return undefined;
  }
}

/** The entry without its sparse map. `size` is what is stored. */
export function combine(header: HeaderBlock, extension: Extension): TarEntry {
  const name = extension.sparse?.name ?? extension.name ?? header.name;
  const type = typeOf(header, name);
  if (type === undefined) {
    throw new GantryError('invalid', `the entry has the unsupported type ${JSON.stringify(header.typeFlag)}`);
  }
  const size = extension.size ?? header.size;
  if (size < 0) throw new GantryError('invalid', 'the entry has a negative size');
  if (type === 'file' && name.endsWith('/')) {
    // A file to some readers, a directory to others.
    throw new GantryError('invalid', 'the entry is a file by its type and a directory by its name');
  }
  return {
    type,
    name,
    linkName: type === 'hardlink' || type === 'symlink' ? extension.linkName ?? header.linkName : '' as ByteString,
    mode: header.mode & 0o7777,
    uid: owner(extension.uid ?? header.uid),
    gid: owner(extension.gid ?? header.gid),
    size: type === 'file' ? size : 0,
    modified: extension.modified ?? { seconds: header.modifiedSeconds, nanoseconds: 0 },
    deviceMajor: header.deviceMajor,
    deviceMinor: header.deviceMinor,
    xattrs: extension.xattrs,
  };
}

function owner(id: number): number {
  if (id < 0 || id > MAX_ID) throw new GantryError('invalid', `the owner ${id} is not a user or group id`);
  return id;
}

function withoutUndefined(extension: { [K in keyof Extension]: Extension[K] | undefined }): Extension {
  return Object.fromEntries(Object.entries(extension).filter(([, value]) => value !== undefined)) as unknown as Extension;
}
