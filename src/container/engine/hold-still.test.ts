import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import { MemoryStore } from '#store/memory.ts';
import { HASHER, openEngine, request, seedImage } from './_simulation.ts';

const COMMIT = { container: 'web', comment: '', author: '', changes: {}, pause: true };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function world() {
  const clock = new ManualClock();
  const host = new FakeHost(clock);
  const store = new MemoryStore();
  await seedImage(store);
  return { host, ...await openEngine({ host, store, snapshots: new FakeSnapshots(HASHER), seed: 1, clock }) };
}

test('a container that ends while it is to be held still for a commit is committed as it ended', async () => {
  const { engine, host } = await world();
  const { id } = await engine.containers.create(request('web'));
  await engine.containers.start('web');
  host.pause = async () => {
    host.end(id, 0);
    throw new GantryError('internal', 'crun pause: the container is gone');
  };
  assert.match(await engine.images.commit(COMMIT), /^sha256:/);
  await turn();
  assert.equal(engine.containers.find('web').state.phase, 'exited');
  await engine.containers.start('web');
  host.pause = async () => { throw new GantryError('internal', 'crun pause: no luck'); };
  await assert.rejects(engine.images.commit(COMMIT), /no luck/);
  assert.equal(engine.containers.find('web').state.freezing, false);
});

test('one that is killed while it is held still has nothing to go on with, and one that lives must go on', async () => {
  const { engine, host } = await world();
  const { id } = await engine.containers.create(request('web'));
  await engine.containers.start('web');
  const failing = (ends: boolean) => async (): Promise<void> => {
    if (ends) host.end(id, 137);
    throw new GantryError('internal', 'crun resume: no luck');
  };
  host.resume = failing(false);
  await assert.rejects(engine.images.commit(COMMIT), /no luck/);
  host.resume = failing(true);
  assert.match(await engine.images.commit(COMMIT), /^sha256:/);
});
