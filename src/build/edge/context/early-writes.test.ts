import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EarlyWrites, isMemorySlow } from './early-writes.ts';

const directory = mkdtempSync(join(tmpdir(), 'gantry-early-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('parts go to disk on the way', async () => {
  const descriptor = openSync(join(directory, 'f'), 'wx');
  const early = new EarlyWrites(descriptor);
  for (let part = 0; part < 4; part += 1) {
    writeSync(descriptor, Buffer.alloc(1 << 20, 'x'));
    early.wrote(40 << 20, 1);
  }
  await early.settled();
  closeSync(descriptor);
});

test('a sync that failed is a failure of the whole: no later one tells of it', async () => {
  const descriptor = openSync(join(directory, 'gone'), 'wx');
  closeSync(descriptor);
  const early = new EarlyWrites(descriptor);
  early.wrote(31 << 20, 1);
  await early.settled();
  early.wrote(1 << 20, 1);
  await assert.rejects(early.settled(), /EBADF/);
  await assert.rejects(early.settled(), /EBADF/, 'also for who asks again');
});

test('memory is slow where it takes longer than the disk, and longer than memory does', () => {
  const spent = (msForMebibyte: number): { bytes: number; ms: number } => ({ bytes: 64 << 20, ms: 64 * msForMebibyte });
  assert.equal(isMemorySlow(spent(3), spent(0.4)), true);
  assert.equal(isMemorySlow(spent(0.3), spent(0.05)), false, 'as a disk with a cache of its own');
  assert.equal(isMemorySlow(spent(3), spent(5)), false, 'a slow disk');
  assert.equal(isMemorySlow(spent(3), { bytes: 0, ms: 0 }), false, 'nobody knows yet');
});
