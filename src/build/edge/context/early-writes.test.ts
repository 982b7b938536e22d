import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EarlyWrites } from './early-writes.ts';

const directory = mkdtempSync(join(tmpdir(), 'gantry-early-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('parts go to disk on the way', async () => {
  const descriptor = openSync(join(directory, 'f'), 'wx');
  const early = new EarlyWrites(descriptor);
  for (let part = 0; part < 4; part += 1) {
    writeSync(descriptor, Buffer.alloc(1 << 20, 'x'));
    early.wrote(40 << 20);
  }
  await early.settled();
  closeSync(descriptor);
});

test('a sync that failed is a failure of the whole: no later one tells of it', async () => {
  const descriptor = openSync(join(directory, 'gone'), 'wx');
  closeSync(descriptor);
  const early = new EarlyWrites(descriptor);
  early.wrote(31 << 20);
  await early.settled();
  early.wrote(1 << 20);
  await assert.rejects(early.settled(), /EBADF/);
  await assert.rejects(early.settled(), /EBADF/, 'also for who asks again');
});
