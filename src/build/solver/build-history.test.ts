import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryStore } from '#store/memory.ts';
import { BuildHistory, type HistoryEvent, type HistoryRecord } from './build-history.ts';

const HOUR_NS = 3_600_000_000_000n;
const ALL = { ref: '', activeOnly: false, filters: [], limit: 0 } as const;
const utf8 = new TextEncoder();

function record(ref: string, startedNs: bigint, more: Partial<HistoryRecord> = {}): HistoryRecord {
  return { ref, frontend: 'dockerfile.v0', attributes: { filename: 'Dockerfile' }, exporters: [], createdNs: String(startedNs), response: {}, steps: { total: 2, completed: 2, cached: 1, warnings: 0 }, isPinned: false, ...more };
}

function over(ref: string, startedNs: bigint, more: Partial<HistoryRecord> = {}): HistoryRecord {
  return record(ref, startedNs, { completedNs: String(startedNs + 1n), ...more });
}

const refs = (events: readonly HistoryEvent[]): string[] => events.map(({ kind, record: { ref } }) => `${kind} ${ref}`);

describe('what is told of builds', () => {
  test('one that goes on is told, and when it is over its record and its words, also by the next daemon', async () => {
    const store = new MemoryStore();
    const history = new BuildHistory(store);
    history.begin(record('a', 1n));
    assert.deepEqual(refs(await history.ask({ ...ALL, activeOnly: true })), ['started a']);
    // Whoever asks now is told of the end, though the write goes on.
    void history.complete(over('a', 1n), utf8.encode('said'));
    assert.deepEqual(refs(await history.ask(ALL)), ['complete a']);
    assert.deepEqual(refs(await history.ask({ ...ALL, activeOnly: true })), []);
    const next = new BuildHistory(store);
    assert.deepEqual(await next.ask(ALL), [{ kind: 'complete', record: over('a', 1n) }]);
    assert.equal(new TextDecoder().decode(await next.log('a')), 'said');
    assert.equal(await next.log('b'), undefined);
  });

  test('the newest are first; by reference, by status, and as many as were asked for', async () => {
    const history = new BuildHistory(new MemoryStore());
    for (const [ref, at, error] of [['a', 1n, false], ['c', 3n, true], ['b', 2n, false]] as const) await history.complete(over(ref, at, error ? { error: { code: 2, message: 'no' } } : {}), utf8.encode(''));
    assert.deepEqual(refs(await history.ask(ALL)), ['complete c', 'complete b', 'complete a']);
    assert.deepEqual(refs(await history.ask({ ...ALL, limit: 2 })), ['complete c', 'complete b']);
    assert.deepEqual(refs(await history.ask({ ...ALL, ref: 'b' })), ['complete b']);
    assert.deepEqual(refs(await history.ask({ ...ALL, filters: ['status=error'] })), ['complete c']);
    assert.deepEqual(refs(await history.ask({ ...ALL, filters: ['ref==a', 'status=error'] })), ['complete c', 'complete a']);
    assert.deepEqual(refs(await history.ask({ ...ALL, filters: ['status!=error'] })), ['complete b', 'complete a']);
    await assert.rejects(history.ask({ ...ALL, filters: ['foo=bar'] }), /unsupported filter "foo=bar"/);
    await assert.rejects(history.ask({ ...ALL, limit: -1 }), /invalid limit -1/);
  });

  test('what is removed is gone with its words, and nobody removes what is not there', async () => {
    const store = new MemoryStore();
    const history = new BuildHistory(store);
    const told: string[] = [];
    history.follow((event) => told.push(...refs([event])));
    await history.complete(over('a', 1n), utf8.encode('said'));
    await history.remove('a');
    assert.deepEqual(told, ['complete a', 'deleted a']);
    assert.deepEqual((await store.list('')).entries, []);
    for (const ref of ['a', '']) await assert.rejects(history.remove(ref), { kind: 'not-found' });
    await assert.rejects(history.pin('a', true), { kind: 'not-found' });
  });

  test('beyond fifty the old ones go, those that are pinned stay, and of young ones there are two hundred', async () => {
    const history = new BuildHistory(new MemoryStore());
    await history.complete(over('pinned', 0n), utf8.encode(''));
    await history.pin('pinned', true);
    for (let index = 1; index <= 60; index += 1) await history.complete(over(`old-${index}`, BigInt(index)), utf8.encode(''));
    assert.equal((await history.ask(ALL)).length, 61, 'all are young');
    await history.complete(over('young', 49n * HOUR_NS), utf8.encode(''));
    const left = refs(await history.ask(ALL));
    assert.equal(left.length, 51);
    assert.equal(left[0], 'complete young');
    assert.ok(left.includes('complete pinned') && left.includes('complete old-60') && !left.includes('complete old-11'));
    for (let index = 0; index < 201; index += 1) await history.complete(over(`loop-${index}`, 50n * HOUR_NS + BigInt(index)), utf8.encode(''));
    assert.equal((await history.ask(ALL)).length, 201);
  });
});
