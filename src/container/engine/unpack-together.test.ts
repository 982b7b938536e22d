import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpackTogether } from './unpack-together.ts';

test('so many have no files yet at a time, and none goes to disk before all have', async () => {
  const log: string[] = [];
  let [running, most] = [0, 0];
  await unpackTogether(['a', 'b', 'c', 'd'], 2, async (item, arrive) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`files ${item}`);
    running -= 1;
    await arrive();
    log.push(`disk ${item}`);
  }, async () => void log.push('all'));
  assert.equal(most, 2);
  assert.deepEqual(log.slice(0, 4).toSorted(), ['files a', 'files b', 'files c', 'files d']);
  assert.equal(log[4], 'all');
  assert.deepEqual(log.slice(5).toSorted(), ['disk a', 'disk b', 'disk c', 'disk d']);
  await unpackTogether([], 2, async () => assert.fail(), async () => assert.fail());
});

test('where one fails none goes to disk, soon nothing more begins, and the failure is thrown', async () => {
  const log: string[] = [];
  await assert.rejects(unpackTogether(['a', 'b', 'c', 'd'], 2, async (item, arrive) => {
    log.push(item);
    if (item === 'b') throw new RangeError('b is damaged');
    await arrive();
    log.push(`disk ${item}`);
  }, async () => void log.push('all')), /b is damaged/);
  assert.ok(log.length < 4 && !log.some((line) => line === 'all' || line.startsWith('disk')), log.join());
  await assert.rejects(unpackTogether(['a'], 1, (_, arrive) => arrive(), () => Promise.reject(new Error('no room'))), /no room/);
});
