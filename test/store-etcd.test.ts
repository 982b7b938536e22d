import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isKind } from '#base/error.ts';
import { storeContract } from '#store/contract.ts';
import type { Store } from '#store/store.ts';
import { openEtcdStore } from '#store/edge/etcd/etcd.ts';
import { startEtcd, whyNoEtcd, type RunningEtcd } from './world/etcd.ts';

const skip = whyNoEtcd();
const counter = { bases: 0 };
let etcd: RunningEtcd | undefined;

before(async () => {
  if (skip === false) etcd = await startEtcd();
});
after(() => etcd?.stop());

const openAt = (base: string): Promise<Store> => openEtcdStore({ endpoints: [etcd?.url ?? ''], tls: {}, base });
const newBase = (): string => `/t${counter.bases++}/`;

storeContract('the store in etcd', () => openAt(newBase()), { skip, many: { entries: 2000, withinMs: Infinity } });

test('what was written is there after the store was closed, also its past, and it can be watched', { skip }, async () => {
  const base = newBase();
  const first = await openAt(base);
  await first.create('a', '1');
  await first.update('a', '2');
  await first.close();
  const again = await openAt(base);
  assert.deepEqual(await again.get('a'), { key: 'a', value: '2', revision: 2, created: 1 });
  assert.equal((await again.get('a', 1))?.value, '1');
  const revisions: number[] = [];
  for await (const { revision, events } of again.watch('', 0)) {
    revisions.push(revision, events.length);
    if (revision === 2) break;
  }
  assert.deepEqual(revisions, [1, 1, 2, 1]);
  await again.close();
});

test('two who have the same base open see what the other writes', { skip }, async () => {
  const base = newBase();
  const [one, other] = [await openAt(base), await openAt(base)];
  const watch = other.watch('', await other.revision());
  const { revision } = await one.create('a', '1');
  for await (const batch of watch) {
    assert.deepEqual([batch.revision, batch.events.map(({ key }) => key)], [revision, ['a']]);
    break;
  }
  await one.compact(revision);
  await other.put('a', '2');
  await assert.rejects(other.get('a', revision - 1), (error) => isKind(error, 'conflict') && /compacted/.test(error.message));
  await Promise.all([one.close(), other.close()]);
});

test('an etcd that comes back is used again: watches go on, and miss nothing', { skip }, async () => {
  const own = await startEtcd();
  try {
    const store = await openEtcdStore({ endpoints: [own.url], tls: {}, base: '/' });
    const before = await store.create('a', '1');
    const watch = store.watch('', before.revision)[Symbol.asyncIterator]();
    const next = watch.next();
    await own.kill();
    await assert.rejects(store.put('a', 'x'), (error) => isKind(error, 'unavailable') && /can't be reached/.test(error.message));
    await own.startAgain();
    const after = await store.put('a', '2');
    const { value } = await next;
    assert.deepEqual([value?.revision, value?.events[0]?.entry?.value, value?.events[0]?.previous?.value], [after.revision, '2', '1']);
    await store.close();
  } finally {
    await own.stop();
  }
});

test('nobody there is said at once', async () => {
  await assert.rejects(openEtcdStore({ endpoints: ['http://127.0.0.1:1'], tls: {}, base: '/' }), (error) => isKind(error, 'unavailable') && /127\.0\.0\.1:1 can't be reached: .*ECONNREFUSED/.test(error.message));
});
