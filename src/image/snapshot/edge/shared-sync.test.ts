import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SharedSync } from './_shared-sync.ts';

/** Syncs that end when they are told to. */
function world(earlyMs = 1) {
  const running: PromiseWithResolvers<void>[] = [];
  let begun = 0;
  const shared = new SharedSync(() => {
    begun += 1;
    const sync = Promise.withResolvers<void>();
    running.push(sync);
    return sync.promise;
  }, earlyMs);
  const until = async (count: number): Promise<void> => { while (begun < count) await sleep(1); };
  return { shared, running, until, begun: () => begun };
}

test('who asks while one is under way waits for the next, and all of them for the same', async () => {
  const { shared, running, begun } = world();
  const first = shared.run();
  const later = Promise.all([shared.run(), shared.run()]);
  running[0]!.resolve();
  await first;
  await sleep(0);
  assert.equal(begun(), 2);
  running[1]!.resolve();
  await later;
  assert.equal(begun(), 2);
});

test('work has what it writes go to disk meanwhile, by one sync at a time, and none is left behind', async () => {
  const { shared, running, until, begun } = world();
  const work = Promise.withResolvers<string>();
  const done = Promise.all([shared.during(() => work.promise), shared.during(() => work.promise)]);
  for (let count = 1; count <= 3; count += 1) {
    await until(count);
    await sleep(5);
    assert.equal(begun(), count, 'one at a time');
    running[count - 1]!.resolve();
  }
  work.resolve('done');
  await sleep(5);
  running.at(-1)!.resolve();
  assert.deepEqual(await done, ['done', 'done']);
  const after = begun();
  await sleep(5);
  assert.equal(begun(), after);
  assert.equal(await world(1000).shared.during(async () => 'short'), 'short');
});

test('a sync that failed meanwhile is the failure of the work, and what the work throws comes out', async () => {
  const { shared, running, until } = world();
  const work = Promise.withResolvers<void>();
  const done = shared.during(() => work.promise);
  await until(1);
  running[0]!.reject(new Error('the disk is broken'));
  await sleep(2);
  work.resolve();
  await assert.rejects(done, /the disk is broken/);
  await assert.rejects(world(1000).shared.during(() => Promise.reject(new Error('its own'))), /its own/);
});
