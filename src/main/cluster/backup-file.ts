import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';

/**
 * A backup of a cluster: lines of JSON, compressed with gzip, so that people can look at one with zcat. The first says what it
 * is, the last how much there was and the SHA-256 of all lines before it.
 */
export interface BackupHeader {
  /** The state that it shows. */
  readonly revision: number;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Of the program that made it. */
  readonly gantry: string;
}

export type BackupRecord =
  | { readonly kind: 'entry'; readonly key: string; readonly value: string }
  /** Keys and certificates, by the name of their file in the cluster's directory. */
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  /** A piece of the tar of a volume's files, in base64; all of one volume follow each other. */
  | { readonly kind: 'volume'; readonly name: string; readonly data: string };

export interface BackupSummary extends BackupHeader {
  readonly entries: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

const FORMAT = 'gantry cluster backup';
/** 2 where files of volumes are in it. */
const VERSION = 2;
/** Above what the store takes as a value, escaped. */
const LONGEST_LINE = 32 << 20;
const NEWLINE = 10;

export async function* writeBackup(header: BackupHeader, records: AsyncIterable<BackupRecord>, hasVolumes = false): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pipeline(Readable.from(linesOf({ version: hasVolumes ? VERSION : 1, ...header }, records)), createGzip({ level: 4 }), ignore) as AsyncIterable<Uint8Array>;
}

/** Pieces of some size, so that each object costs no turn of the loop. */
const PIECE = 64 << 10;

async function* linesOf(header: BackupHeader & { readonly version: number }, records: AsyncIterable<BackupRecord>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let entries = 0;
  let text = `${JSON.stringify({ format: FORMAT, ...header })}\n`;
  const flush = (): Buffer => {
    const piece = Buffer.from(text);
    hash.update(piece);
    text = '';
    return piece;
  };
  for await (const record of records) {
    if (record.kind === 'entry') entries++;
    text += `${JSON.stringify(record)}\n`;
    if (text.length >= PIECE) yield flush();
  }
  yield flush();
  yield Buffer.from(`${JSON.stringify({ kind: 'end', entries, sha256: hash.digest('hex') })}\n`);
}

/**
 * The records, and at the end the summary. What it yields is not to be trusted before that: only then is the sum known to be right.
 * @throws GantryError invalid for what is damaged or no backup, unavailable for what a newer version wrote
 */
export async function* readBackup(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<BackupRecord, BackupSummary, undefined> {
  const hash = createHash('sha256');
  let header: BackupHeader | undefined;
  let entries = 0;
  let summary: BackupSummary | undefined;
  for await (const line of lines(bytes)) {
    if (summary !== undefined) throw damaged('something follows its end');
    const value = parsed(line, header === undefined);
    if (header === undefined) {
      header = headerOf(value);
      hash.update(line);
      continue;
    }
    if (value['kind'] === 'end') {
      const sha256 = hash.digest('hex');
      if (value['sha256'] !== sha256 || value['entries'] !== entries) throw damaged('its checksum is wrong');
      summary = { ...header, entries, sha256 };
      continue;
    }
    hash.update(line);
    const record = recordOf(value);
    if (record.kind === 'entry') entries++;
    yield record;
  }
  if (summary === undefined) throw damaged('it ends too early');
  return summary;
}

/** Reads all of it. */
export async function verifyBackup(bytes: AsyncIterable<Uint8Array>): Promise<BackupSummary> {
  const records = readBackup(bytes);
  for (;;) {
    const { done, value } = await records.next();
    if (done === true) return value;
  }
}

/** With their ends. */
async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const unzipped = pipeline(Readable.from(bytes), createGunzip(), ignore) as AsyncIterable<Buffer>;
  let held: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of unzipped) {
      let at = 0;
      for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, at)) {
        const rest = piece.subarray(at, end + 1);
        yield held.length === 0 ? rest : Buffer.concat([...held, rest]);
        [held, size, at] = [[], 0, end + 1];
      }
      if (at === piece.length) continue;
      held.push(piece.subarray(at));
      size += piece.length - at;
      if (size > LONGEST_LINE) throw damaged('it has a line without an end');
    }
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown) || !/^Z_/.test(String(thrown.code))) throw thrown;
    throw thrown.code === 'Z_BUF_ERROR' ? damaged('it ends too early', thrown) : damaged(`it can't be unpacked: ${thrown.message}`, thrown);
  }
  if (size > 0) throw damaged('it ends in the middle of a line');
}

function parsed(line: Buffer, isFirst: boolean): Readonly<Record<string, Json | undefined>> {
  try {
    const value = JSON.parse(line.toString()) as Json;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, Json>;
  } catch {
    // Refused below.
  }
  throw isFirst ? noBackup() : damaged('it has a line that is no record');
}

function headerOf({ format, version, revision, createdAt, gantry }: Readonly<Record<string, Json | undefined>>): BackupHeader {
  if (format !== FORMAT || typeof version !== 'number') throw noBackup();
  if (version > VERSION) throw new GantryError('unavailable', `the backup was written by a newer Gantry (format ${version}, this one reads ${VERSION})`, { hint: 'Restore it with that version.' });
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 0 || typeof createdAt !== 'string' || typeof gantry !== 'string') throw damaged('its first line lacks something');
  return { revision, createdAt, gantry };
}

function recordOf({ kind, key, value, name, text, data }: Readonly<Record<string, Json | undefined>>): BackupRecord {
  if (kind === 'entry' && typeof key === 'string' && typeof value === 'string') return { kind, key, value };
  if (kind === 'file' && typeof name === 'string' && typeof text === 'string') return { kind, name, text };
  if (kind === 'volume' && typeof name === 'string' && typeof data === 'string') return { kind, name, data };
  throw damaged('it has a line that is no record');
}

function damaged(how: string, cause?: unknown): GantryError {
  return new GantryError('invalid', `the backup is damaged: ${how}`, { hint: 'Use another copy of it, or an older backup.', ...(cause === undefined ? {} : { cause }) });
}

function noBackup(): GantryError {
  return new GantryError('invalid', 'this is no backup of a cluster', { hint: 'gantry cluster backup FILE makes one' });
}

/** Whoever reads the end of the pipeline is told. */
function ignore(): void {}
