import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isKind, type ErrorKind } from '#base/error.ts';
import { compaction } from './contract/compaction.ts';
import { fails, take, type Scenario } from './contract/scenario.ts';
import { MAX_TRANSACTION_OPS, MAX_VALUE_LENGTH, type Entry, type Store, type WriteOp } from './store.ts';

export interface ContractOptions {
  /** Why there is no such store here. */
  readonly skip?: string | false;
  /** Entries of the large case, and how long it may take. */
  readonly many?: { readonly entries: number; readonly withinMs: number };
}

/** What every store must do. `open` answers with an empty one. */
export function storeContract(name: string, open: () => Promise<Store>, { skip = false, many = { entries: 10_000, withinMs: 6000 } }: ContractOptions = {}): void {
  const scenario = (title: string, body: (store: Store) => Promise<void>): void =>
    void test(title, { skip }, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  describe(`${name} keeps the store's contract`, () => {
    writes(scenario);
    reads(scenario);
    watches(scenario);
    compaction(scenario);
    limits(scenario);
    large(scenario, many);
  });
}

function writes(scenario: Scenario): void {
  scenario('each change adds one to the revision', async (store) => {
    assert.equal(await store.revision(), 0);
    assert.deepEqual(await store.create('a', '1'), { key: 'a', value: '1', revision: 1, created: 1 });
    assert.deepEqual(await store.put('b', '1'), { key: 'b', value: '1', revision: 2, created: 2 });
    assert.deepEqual(await store.update('a', '2'), { key: 'a', value: '2', revision: 3, created: 1 });
    assert.deepEqual(await store.put('a', '3'), { key: 'a', value: '3', revision: 4, created: 1 });
    assert.deepEqual(await store.delete('a'), { revision: 5, previous: { key: 'a', value: '3', revision: 4, created: 1 } });
    assert.deepEqual(await store.create('a', '4'), { key: 'a', value: '4', revision: 6, created: 6 });
    assert.equal(await store.revision(), 6);
  });

  scenario('a write that its condition forbids changes nothing', async (store) => {
    await store.create('a', '1');
    await store.update('a', '2');
    await fails(store.create('a', 'x'), 'conflict');
    await fails(store.update('b', 'x'), 'not-found');
    await fails(store.update('a', 'x', 1), 'conflict');
    await fails(store.delete('a', 1), 'conflict');
    await fails(store.delete('b'), 'not-found');
    await fails(store.delete('b', 1), 'not-found');
    assert.equal(await store.revision(), 2);
    assert.equal((await store.update('a', '3', 2)).revision, 3);
    assert.equal((await store.delete('a', 3)).previous.value, '3');
    await fails(store.update('a', 'x', 3), 'not-found');
  });

  scenario('a transaction is all or nothing, at one revision', async (store) => {
    await store.create('old', '1');
    const revision = await store.transact([
      { kind: 'create', key: 'new', value: '1' }, { kind: 'update', key: 'old', value: '2', expectedRevision: 1 }, { kind: 'check', key: 'absent', expectedRevision: 0 },
    ]);
    assert.equal(revision, 2);
    assert.deepEqual((await store.list('')).entries.map((entry) => [entry.key, entry.value, entry.revision]), [['new', '1', 2], ['old', '2', 2]]);
    const failing: [WriteOp, ErrorKind][] = [
      [{ kind: 'create', key: 'old', value: 'x' }, 'conflict'], [{ kind: 'update', key: 'absent', value: 'x' }, 'not-found'],
      [{ kind: 'delete', key: 'absent' }, 'not-found'], [{ kind: 'check', key: 'old', expectedRevision: 1 }, 'conflict'],
      [{ kind: 'check', key: 'absent', expectedRevision: 2 }, 'conflict'], [{ kind: 'put', key: 'ok', value: 'twice' }, 'invalid'],
    ];
    for (const [op, kind] of failing) await fails(store.transact([{ kind: 'put', key: 'ok', value: 'x' }, op]), kind);
    assert.equal(await store.get('ok'), undefined);
    assert.equal(await store.transact([]), 2);
    assert.equal(await store.transact([{ kind: 'check', key: 'old', expectedRevision: 2 }]), 2);
  });

  scenario('writes that are made together happen each for itself, those of one key in the order of their calls', async (store) => {
    const results = await Promise.allSettled([store.create('a', '1'), store.create('a', '2'), store.update('a', '3'), store.delete('b'), store.put('c', '4'), store.get('nothing')]);
    assert.deepEqual(results.map((result) => result.status), ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    const { revision, entries } = await store.list('');
    assert.deepEqual([revision, entries.map((entry) => [entry.key, entry.value])], [3, [['a', '3'], ['c', '4']]]);
    const [first, , last, , other] = results.map((result) => result.status === 'fulfilled' ? (result.value as Entry | undefined)?.revision : undefined);
    assert.deepEqual([first, last, other].toSorted(), [1, 2, 3]);
    assert.ok((first as number) < (last as number));
  });

  scenario('of many who write over what they read, one at a time succeeds', async (store) => {
    await store.create('counter', '0');
    const add = async (): Promise<void> => {
      for (;;) {
        const { value, revision } = await store.get('counter') as Entry;
        try {
          await store.update('counter', String(Number(value) + 1), revision);
          return;
        } catch (thrown) {
          if (!isKind(thrown, 'conflict')) throw thrown;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, add));
    assert.equal((await store.get('counter'))?.value, '8');
  });

  scenario('values come back as they were', async (store) => {
    for (const value of ['', ' ', '{"a":1}', '\0inside\0', '\u00e9\u{1f6a2}\uffff', "'; DROP TABLE entry; --", 'x'.repeat(100_000)]) {
      await store.put('k', value);
      assert.equal((await store.get('k'))?.value, value);
    }
  });

  scenario('keys that are names in JavaScript are keys like others', async (store) => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      assert.equal(await store.get(key), undefined);
      await store.create(key, key);
      assert.equal((await store.get(key))?.value, key);
    }
    assert.deepEqual((await store.list('__proto__')).entries.map((entry) => entry.key), ['__proto__']);
  });
}

function reads(scenario: Scenario): void {
  scenario('a prefix is a prefix, not a pattern', async (store) => {
    for (const key of ['/a', '/a/', '/a/1', '/a/2', '/a0', '/b', '/a%', '/a_', '/a~', '/A/1', '!']) await store.put(key, '');
    const keys = async (prefix: string): Promise<string> => (await store.list(prefix)).entries.map((entry) => entry.key).join(' ');
    assert.equal(await keys('/a/'), '/a/ /a/1 /a/2');
    assert.equal(await keys('/a'), '/a /a% /a/ /a/1 /a/2 /a0 /a_ /a~');
    assert.equal(await keys('/a_'), '/a_');
    assert.equal(await keys('/a~'), '/a~');
    assert.equal(await keys('/c'), '');
    assert.equal(await keys(''), '! /A/1 /a /a% /a/ /a/1 /a/2 /a0 /a_ /a~ /b');
  });

  scenario('a list has the revision of the store, and pages do not overlap', async (store) => {
    for (const key of ['p/a', 'p/b', 'p/c', 'p/d', 'q']) await store.put(key, '1');
    const first = await store.list('p/', { limit: 2 });
    assert.deepEqual([first.revision, first.more, first.entries.map((entry) => entry.key)], [5, true, ['p/a', 'p/b']]);
    assert.equal((await store.list('p/', { limit: 2, counts: true })).remaining, 2);
    await store.delete('p/c');
    assert.deepEqual([(await store.list('p/', { limit: 2, counts: true })).remaining, (await store.list('p/', { limit: 1, at: first.revision, afterKey: 'p/b', counts: true })).remaining, (await store.list('p/', { counts: true })).remaining], [1, 1, 0]);
    await store.put('p/bb', 'later');
    const second = await store.list('p/', { limit: 2, at: first.revision, afterKey: 'p/b' });
    assert.deepEqual([second.revision, second.more, second.entries.map((entry) => entry.key)], [5, false, ['p/c', 'p/d']]);
    const now = await store.list('p/', { afterKey: 'p/b' });
    assert.deepEqual([now.revision, now.entries.map((entry) => entry.key)], [7, ['p/bb', 'p/d']]);
    assert.deepEqual((await store.list('p/', { afterKey: 'a' })).entries.length, 4);
    assert.deepEqual((await store.list('p/', { afterKey: 'z' })).entries.length, 0);
    assert.deepEqual((await store.list('none/')).revision, 7);
  });

  scenario('the past can be read', async (store) => {
    await store.put('a', '1');
    await store.put('a', '2');
    await store.delete('a');
    await store.put('a', '3');
    const values = await Promise.all([0, 1, 2, 3, 4].map(async (at) => (await store.get('a', at))?.value));
    assert.deepEqual(values, [undefined, '1', '2', undefined, '3']);
    assert.deepEqual((await store.list('', { at: 2 })).entries, [{ key: 'a', value: '2', revision: 2, created: 1 }]);
    for (const at of [5, -1, 1.5, Number.NaN]) await fails(store.get('a', at), 'invalid');
    await fails(store.list('', { at: 5 }), 'invalid');
  });

  scenario('reads agree with a plain map, at every revision', async (store) => {
    const step = fc.record({ key: fc.constantFrom('a', 'a/', 'a/b', 'b', 'ba'), value: fc.option(fc.string({ unit: 'grapheme' })) });
    const states: Map<string, string>[] = [new Map()];
    for (const { key, value } of fc.sample(step, { numRuns: 200, seed: 7 })) {
      const next = new Map(states.at(-1));
      if (value !== null) await store.put(key, value);
      else if (next.has(key)) await store.delete(key);
      else continue;
      if (value === null) next.delete(key);
      else next.set(key, value);
      states.push(next);
    }
    for (const [at, state] of states.entries()) {
      for (const prefix of ['', 'a', 'a/', 'b']) {
        const expected = [...state].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual((await store.list(prefix, { at })).entries.map((entry) => [entry.key, entry.value]), expected);
      }
    }
  });
}

function watches(scenario: Scenario): void {
  scenario('a watch shows changes from the past, then as they happen, in order', async (store) => {
    await store.put('w/a', '1');
    await store.put('other', '1');
    await store.put('w/a', '2');
    const watch = store.watch('w/', 1);
    assert.deepEqual(await take(watch, 1), ['3: w/a 1@1 -> 2@3']);
    const later = take(watch, 3);
    await store.delete('w/a');
    await store.put('other', '2');
    await store.transact([{ kind: 'create', key: 'w/b', value: '1' }, { kind: 'put', key: 'other', value: '3' }, { kind: 'create', key: 'w/a', value: '3' }]);
    await store.put('w/b', '2');
    assert.deepEqual(await later, ['4: w/a 2@3 -> none', '6: w/b none -> 1@6, w/a none -> 3@6', '7: w/b 1@6 -> 2@7']);
  });

  scenario('a watch knows its position where nothing concerns it', async (store) => {
    const watch = store.watch('w/', 0);
    const reading = take(watch, 1);
    for (let index = 0; index < 300; index++) await store.put('other', String(index));
    assert.equal(watch.position(), 300);
    await store.put('w/a', '1');
    assert.deepEqual(await reading, ['301: w/a none -> 1@301']);
    await fails(Promise.resolve().then(() => store.watch('', 302)), 'invalid');
    watch.close();
  });

  scenario('a reader that is slow after a long quiet time loses nothing to compaction', async (store) => {
    const watch = store.watch('w/', 0);
    const reading = take(watch, 1);
    for (let index = 0; index < 50; index++) await store.put('other', String(index));
    await store.put('w/a', '0');
    assert.deepEqual(await reading, ['51: w/a none -> 0@51']);
    for (let index = 0; index < 50; index++) await store.put('other', String(index));
    await store.compact(101);
    for (let index = 1; index <= 200; index++) await store.put('w/a', String(index));
    const lines = await take(watch, 200);
    assert.deepEqual([lines[0], lines[199]], ['102: w/a 0@51 -> 1@102', '301: w/a 199@300 -> 200@301']);
    watch.close();
  });

  scenario('a slow reader gets everything once', async (store) => {
    const watch = store.watch('', 0);
    const iterator = watch[Symbol.asyncIterator]();
    const revisions: number[] = [];
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 250 }, (_, index) => store.put(`k${index % 7}`, `${round}`)));
      for (let count = 0; count < 40; count++) revisions.push((await iterator.next()).value!.revision);
    }
    assert.ok(watch.position() < 1000);
    while (revisions.length < 1000) revisions.push((await iterator.next()).value!.revision);
    assert.deepEqual(revisions, Array.from({ length: 1000 }, (_, index) => index + 1));
    assert.equal(watch.position(), 1000);
    watch.close();
  });

  scenario('a large transaction is never torn apart by catching up', async (store) => {
    for (let round = 0; round < 5; round++) {
      await store.transact(Array.from({ length: 100 }, (_, index) => ({ kind: 'put' as const, key: `k${index}`, value: `${round}` })));
    }
    const sizes: number[] = [];
    for await (const batch of store.watch('', 0)) {
      sizes.push(batch.events.length);
      if (batch.revision === 5) break;
    }
    assert.deepEqual(sizes, [100, 100, 100, 100, 100]);
  });

  scenario('many watches, readers that leave, and a store that closes', async (store) => {
    const ended = Array.from({ length: 20 }, async (_, index) => {
      const seen: number[] = [];
      for await (const batch of store.watch('', 0)) {
        seen.push(batch.revision);
        if (index % 2 === 0 && seen.length === 3) break;
      }
      return seen;
    });
    const closed = store.watch('', 0);
    closed.close();
    assert.deepEqual(await take(closed, 1), []);
    for (let index = 0; index < 5; index++) {
      await store.put('a', String(index));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await store.close();
    const all = await Promise.all(ended);
    assert.deepEqual(all.map((seen) => seen.length), Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 3 : 5)));
    await fails(store.get('a'), 'unavailable');
    await fails(store.put('a', 'x'), 'unavailable');
  });
}

function limits(scenario: Scenario): void {
  scenario('what does not fit is refused with its reason', async (store) => {
    const ops = Array.from({ length: MAX_TRANSACTION_OPS + 1 }, (_, index): WriteOp => ({ kind: 'put', key: `k${index}`, value: '' }));
    await fails(store.transact(ops), 'too-large');
    assert.equal(await store.transact(ops.slice(1)), 1);
    await fails(store.put('k', 'x'.repeat(MAX_VALUE_LENGTH + 1)), 'too-large');
    await fails(store.put('k', '\ud800'), 'invalid');
    for (const key of ['', 'k'.repeat(1025), 'a\nb', '\u00e9', 'a\0', '\x7f']) {
      await fails(store.put(key, ''), 'invalid');
      await fails(store.get(key), 'invalid');
    }
    assert.equal(await store.revision(), 1);
  });
}

function large(scenario: Scenario, { entries: count, withinMs }: { readonly entries: number; readonly withinMs: number }): void {
  scenario(`${count} keys are written, listed, watched and compacted in reasonable time`, async (store) => {
    const started = performance.now();
    const value = JSON.stringify({ spec: 'x'.repeat(200) });
    for (let first = 0; first < count; first += 1000) {
      await Promise.all(Array.from({ length: 1000 }, (_, index) => store.create(`/registry/pods/ns${index % 10}/pod-${first + index}`, value)));
    }
    assert.equal((await store.list('/registry/pods/')).entries.length, count);
    assert.equal((await store.list('/registry/pods/ns3/')).entries.length, count / 10);
    let seen = 0;
    for await (const batch of store.watch('/registry/pods/', 0)) {
      seen += batch.events.length;
      if (batch.revision === count) break;
    }
    assert.equal(seen, count);
    await Promise.all(Array.from({ length: 1000 }, (_, index) => store.delete(`/registry/pods/ns${index % 10}/pod-${index}`)));
    await store.compact(count + 1000);
    assert.equal((await store.list('')).entries.length, count - 1000);
    assert.ok(performance.now() - started < withinMs, `${performance.now() - started} ms`);
  });
}
