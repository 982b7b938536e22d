import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isKind, type ErrorKind } from '#base/error.ts';
import { readBackup, verifyBackup, writeBackup, type BackupRecord, type BackupSummary } from './backup-file.ts';

const HEADER = { revision: 7, createdAt: '2026-01-02T03:04:05Z', gantry: '0.1.0' };
const RECORDS: readonly BackupRecord[] = [
  { kind: 'file', name: 'pki.json', text: '{"ca":"x"}' }, { kind: 'entry', key: 'a', value: '' }, { kind: 'entry', key: 'b', value: 'ü🚢\n"\0' },
  ...Array.from({ length: 300 }, (_, index): BackupRecord => ({ kind: 'entry', key: `k${index}`, value: String(index).repeat(400) })),
];

async function* each<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function written(records: readonly BackupRecord[] = RECORDS): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(writeBackup(HEADER, each(...records))));
}

async function read(...pieces: readonly Uint8Array[]): Promise<{ records: BackupRecord[]; summary: BackupSummary }> {
  const reader = readBackup(each(...pieces));
  const records: BackupRecord[] = [];
  for (;;) {
    const { done, value } = await reader.next();
    if (done === true) return { records, summary: value };
    records.push(value);
  }
}

const refuses = async (bytes: Uint8Array, kind: ErrorKind, message: RegExp): Promise<void> => {
  await assert.rejects(verifyBackup(each(bytes)), (error) => isKind(error, kind) && message.test(error.message) && error.hint !== undefined);
};

test('what was written is read again, however it comes', async () => {
  const bytes = await written();
  const { records, summary } = await read(bytes);
  assert.deepEqual(records, RECORDS);
  assert.deepEqual({ ...summary, sha256: summary.sha256.length }, { ...HEADER, entries: 302, sha256: 64 });
  assert.deepEqual((await read(...Array.from(bytes.subarray(0, 200), (byte) => Uint8Array.of(byte)), bytes.subarray(200))).records, RECORDS);
  assert.deepEqual((await read(await written([]))).records, []);
});

test('it is lines that people can read', async () => {
  const [first = '', second = ''] = gunzipSync(await written()).toString().split('\n');
  assert.deepEqual(JSON.parse(first), { format: 'gantry cluster backup', version: 1, ...HEADER });
  assert.deepEqual(JSON.parse(second), RECORDS[0]);
});

test('wherever a byte is another, or the rest is missing, it is refused', async () => {
  const bytes = await written(RECORDS.slice(0, 12));
  for (let at = 10; at < bytes.length - 8; at += 7) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0x10;
    await assert.rejects(verifyBackup(each(damaged)), (error) => isKind(error, 'invalid', 'unavailable'), `byte ${at}`);
  }
  for (let size = 0; size < bytes.length; size += 11) await refuses(bytes.subarray(0, size), 'invalid', /damaged/);
});

test('lines that were taken out, added or changed are noticed, also where the packing is right', async () => {
  const lines = gunzipSync(await written(RECORDS.slice(0, 5))).toString().trimEnd().split('\n');
  const packed = (changed: readonly string[]): Buffer => gzipSync(`${changed.join('\n')}\n`);
  await verifyBackup(each(packed(lines)));
  await refuses(packed(lines.toSpliced(2, 1)), 'invalid', /checksum is wrong/);
  await refuses(packed(lines.with(2, (lines[2] as string).replace('"a"', '"z"'))), 'invalid', /checksum is wrong/);
  await refuses(packed(lines.with(0, (lines[0] as string).replace('7', '8'))), 'invalid', /checksum is wrong/);
  await refuses(packed(lines.slice(0, -1)), 'invalid', /ends too early/);
  await refuses(packed([...lines, lines[1] as string]), 'invalid', /follows its end/);
  await refuses(packed(lines.with(2, 'no json')), 'invalid', /no record/);
  await refuses(packed(lines.with(2, '{"kind":"entry","key":1,"value":""}')), 'invalid', /no record/);
  await refuses(gzipSync(lines.join('\n')), 'invalid', /middle of a line/);
});

test('files of volumes make it one that an older Gantry does not take for whole', async () => {
  const volume = { kind: 'volume', name: 'pvc-1', data: 'AAEC' } as const;
  const pieces = await Array.fromAsync(writeBackup(HEADER, each<BackupRecord>(volume), true));
  assert.equal((JSON.parse(gunzipSync(Buffer.concat(pieces)).toString().split('\n', 1)[0] ?? '') as { version: number }).version, 2);
  assert.deepEqual((await read(...pieces)).records, [volume]);
});

test('what is something else, or newer, is named so', async () => {
  await refuses(Buffer.from('hello'), 'invalid', /damaged: it can't be unpacked/);
  await refuses(gzipSync('hello\n'), 'invalid', /no backup of a cluster/);
  await refuses(gzipSync('{"format":"other","version":1}\n'), 'invalid', /no backup of a cluster/);
  await refuses(gzipSync('{"format":"gantry cluster backup","version":1}\n'), 'invalid', /first line lacks/);
  await refuses(gzipSync(`${JSON.stringify({ format: 'gantry cluster backup', version: 3, ...HEADER })}\n`), 'unavailable', /newer Gantry \(format 3, this one reads 2\)/);
});
