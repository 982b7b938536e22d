import assert from 'node:assert/strict';
import { fails, failsCompacted, take, type Scenario } from './scenario.ts';

/** How a store forgets. */
export function compaction(scenario: Scenario): void {
  scenario('compaction forgets the past and keeps the present', async (store) => {
    for (const value of ['1', '2', '3']) await store.put('a', value); // 1-3
    await store.put('b', '1'); // 4
    await store.put('gone', '1'); // 5
    await store.delete('gone'); // 6
    await store.put('a', '4'); // 7
    await store.compact(6);
    assert.equal((await store.get('a', 6))?.value, '3');
    assert.deepEqual((await store.list('', { at: 6 })).entries.map((entry) => entry.key), ['a', 'b']);
    assert.deepEqual((await store.list('')).entries.map((entry) => [entry.key, entry.value, entry.revision]), [['a', '4', 7], ['b', '1', 4]]);
    await failsCompacted(store.get('a', 5), 6);
    await failsCompacted(store.list('', { at: 1 }), 6);
    await fails(store.update('b', 'x', 3), 'conflict');
    assert.equal((await store.update('b', '2', 4)).created, 4);
    assert.deepEqual(await store.create('gone', '2'), { key: 'gone', value: '2', revision: 9, created: 9 });
    await store.compact(2);
    await fails(store.compact(10), 'invalid');
    assert.equal(await store.revision(), 9);
    await store.compact(9);
    assert.deepEqual((await store.list('')).entries.map((entry) => entry.value), ['4', '2', '2']);
  });

  scenario('a watch loses nothing over a compaction, or says that it did', async (store) => {
    for (let index = 1; index <= 10; index++) await store.put('a', String(index));
    const quiet = store.watch('quiet/', 10);
    const caughtUp = store.watch('', 8);
    assert.deepEqual(await take(caughtUp, 2), ['9: a 8@8 -> 9@9', '10: a 9@9 -> 10@10']);
    const behind = store.watch('', 4);
    await store.compact(9);
    await failsCompacted(take(behind, 1), 9);
    assert.deepEqual(await take(behind, 1), [], 'after its error a watch is over');
    await failsCompacted(take(store.watch('', 8), 1), 9);
    assert.deepEqual(await take(store.watch('', 9), 1), ['10: a 9@9 -> 10@10']);
    await store.put('a', '11');
    await store.compact(11);
    await store.put('quiet/x', '1');
    assert.deepEqual(await take(quiet, 1), ['12: quiet/x none -> 1@12'], 'a quiet watch is not behind');
    assert.deepEqual(await take(caughtUp, 2), ['11: a 10@10 -> 11@11', '12: quiet/x none -> 1@12'], 'what was on its way is delivered');
    for (const watch of [quiet, caughtUp]) watch.close();
  });

  scenario('a store that begins anew after a revision knows nothing of before', async (store) => {
    await store.put('a', '1');
    await fails(store.startAfter(1000), 'conflict');
    await store.delete('a');
    for (const revision of [-1, 1.5, 2 ** 50]) await fails(store.startAfter(revision), 'invalid');
    await store.startAfter(1000);
    assert.equal(await store.revision(), 1000);
    await failsCompacted(store.list('', { at: 2 }), 1000);
    await failsCompacted(take(store.watch('', 999), 1), 1000);
    const watch = store.watch('', 1000);
    assert.deepEqual(await store.create('a', '2'), { key: 'a', value: '2', revision: 1001, created: 1001 });
    await store.update('a', '3', 1001);
    assert.deepEqual(await take(watch, 2), ['1001: a none -> 2@1001', '1002: a 2@1001 -> 3@1002']);
    assert.deepEqual(await take(store.watch('', 1001), 1), ['1002: a 2@1001 -> 3@1002']);
    assert.deepEqual((await store.list('', { at: 1001 })).entries.map(({ value }) => value), ['2']);
    await store.delete('a');
    await store.startAfter(500);
    assert.equal(await store.revision(), 1003, 'it never goes back');
    watch.close();
  });

  scenario('compaction in the middle of a history changes no later event', async (store) => {
    const keys = ['a', 'b', 'c'];
    for (let index = 0; index < 60; index++) {
      const key = keys[index % 3]!;
      if (index % 7 === 3 && (await store.get(key)) !== undefined) await store.delete(key);
      else await store.put(key, String(index));
    }
    const before = await take(store.watch('', 40), 20);
    const state = await store.list('', { at: 40 });
    await store.compact(25);
    await store.compact(40);
    assert.deepEqual(await take(store.watch('', 40), 20), before);
    assert.deepEqual(await store.list('', { at: 40 }), state);
  });
}
