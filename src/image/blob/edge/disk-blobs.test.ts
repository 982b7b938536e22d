import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { testBlobStore } from '../contract.ts';
import { DiskBlobs } from './disk-blobs.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-blobs-'));
after(() => rmSync(root, { recursive: true }));
const fresh = (): string => mkdtempSync(join(root, 'store-'));

testBlobStore('disk', () => DiskBlobs.open(fresh()));

test('disk: leftovers of a crash go at the next start, and blobs stay', async () => {
  const directory = fresh();
  const first = await DiskBlobs.open(directory);
  const { digest } = await first.put((async function* () { yield Buffer.from('kept'); })());
  writeFileSync(join(directory, 'ingest', 'half'), 'rubbish');
  mkdirSync(join(directory, 'sha256', 'not-a-digest'));
  const second = await DiskBlobs.open(directory);
  assert.deepEqual(readdirSync(join(directory, 'ingest')), []);
  assert.deepEqual(await second.stat(digest), { digest, size: 4 });
  for await (const info of second.list()) assert.equal(info.digest, digest);
});

test('disk: a refused content leaves no file', async () => {
  const directory = fresh();
  const store = await DiskBlobs.open(directory);
  await assert.rejects(store.put((async function* () { yield Buffer.from('x'); })(), { size: 2 }));
  assert.deepEqual([readdirSync(join(directory, 'ingest')), readdirSync(join(directory, 'sha256'))], [[], []]);
});

test('disk: what is touched counts as used now, also for who opens the directory later', async () => {
  const directory = fresh();
  const store = await DiskBlobs.open(directory);
  const { digest } = await store.put((async function* () { yield Buffer.from('old'); })());
  const before = Date.now();
  utimesSync(store.path(digest), 1, 1);
  assert.equal(await store.usedMs(digest), 1000);
  await store.touch(digest);
  assert.ok((await (await DiskBlobs.open(directory)).usedMs(digest) ?? 0) >= before);
});
