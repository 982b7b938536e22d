import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { CompactedError } from './compacted-error.ts';
import { Compactor } from './compactor.ts';
import { MemoryStore } from './memory.ts';

const INTERVAL_MS = 300_000;

test('what is older than the interval is forgotten, what is younger stays', async () => {
  const [store, timers] = [new MemoryStore(), new ManualClock()];
  await store.put('a', '1');
  const compactor = new Compactor({ store, timers, log: assert.fail });
  await compactor.open();
  await store.put('a', '2');
  await timers.run(INTERVAL_MS - 1);
  assert.equal(await store.get('a', 0), undefined);
  await timers.run(1);
  await assert.rejects(store.get('a', 0), CompactedError);
  assert.equal((await store.get('a', 1))?.value, '1');
  await store.put('a', '3');
  await timers.run(INTERVAL_MS);
  await assert.rejects(store.get('a', 1), CompactedError);
  assert.equal((await store.get('a', 2))?.value, '2');
  compactor.close();
  assert.equal(timers.pendingTimers(), 0);
});

test('a store that cannot is asked again, and said so', async () => {
  const [store, timers, lines] = [new MemoryStore(), new ManualClock(), [] as string[]];
  let works = false;
  const flaky = { revision: () => store.revision(), compact: async (revision: number) => works ? await store.compact(revision) : await Promise.reject(new Error('the disk is on fire')) };
  await store.put('a', '1');
  const compactor = new Compactor({ store: flaky, timers, log: (line) => void lines.push(line) });
  await compactor.open();
  await timers.run(INTERVAL_MS);
  assert.deepEqual(lines, ['history was not compacted, and is tried again: the disk is on fire']);
  works = true;
  await timers.run(INTERVAL_MS);
  await assert.rejects(store.get('a', 0), CompactedError);
  compactor.close();
  await timers.run(INTERVAL_MS);
  assert.equal(timers.pendingTimers(), 0);
});
