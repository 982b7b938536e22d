import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import type { LayerInfo } from '#image/snapshot/port.ts';
import { MemoryStore } from '#store/memory.ts';
import { HASHER, openEngine } from './_simulation.ts';

/** An engine with one image of two layers, and the chain ids that are there. */
async function world() {
  const snapshots = new FakeSnapshots(HASHER);
  const { engine } = await openEngine({ host: new FakeHost(new ManualClock()), store: new MemoryStore(), snapshots, seed: 1 });
  const add = async (name: string): Promise<void> => {
    const layers: LayerInfo[] = [];
    for (const file of ['one', 'two']) {
      const parent = layers.at(-1)?.chain;
      const bytes = (async function* () { yield archive(member({ name: file, body: file.repeat(1000) })); })();
      layers.push(await snapshots.unpack({ source: { kind: 'stream', bytes }, ...(parent === undefined ? {} : { parent }) }));
    }
    await engine.images.add({
      configJson: JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) } }),
      layers: layers.map(({ diffId, contentBytes, tarBytes }) => ({ diffId, size: contentBytes, tarSize: tarBytes })), names: [name],
    });
  };
  await add('app:1');
  const there = async (): Promise<string[]> => (await snapshots.list()).map(({ chain }) => chain);
  return { engine, add, there, chains: engine.images.find('app:1').chainIds };
}

/** What is not waited for has been done by then. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('an image that is removed while it is saved is saved whole, and its layers go then', async () => {
  const { engine, there } = await world();
  const save = async (begun: () => Promise<unknown>): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    // What comes is lent.
    for await (const piece of engine.images.save(['app:1'])) if (pieces.push(piece.slice()) === 1) await begun();
    return Buffer.concat(pieces);
  };
  const whole = await save(async () => {});
  assert.ok(whole.includes('two'.repeat(1000)));
  assert.ok((await save(() => engine.images.remove('app:1', { force: false }))).equals(whole));
  await settled();
  assert.deepEqual(await there(), []);
});

test('layers that a build lets go stay while they are read, and those of an image that is there stay then', async () => {
  const { engine, there, chains } = await world();
  const saving = engine.images.save(['app:1'])[Symbol.asyncIterator]();
  const other = engine.images.save(['app:1'])[Symbol.asyncIterator]();
  for (const each of [saving, other]) await each.next();
  await engine.images.remove('app:1', { force: false });
  await engine.images.releaseLayers(chains);
  assert.deepEqual(await there(), chains);
  await saving.return?.();
  await settled();
  assert.deepEqual(await there(), chains, 'the other one reads');
  await other.return?.();
  await settled();
  assert.deepEqual(await there(), []);
});

test('an image that came back while its layers were read has them', async () => {
  const { engine, add, there, chains } = await world();
  const saving = engine.images.save(['app:1'])[Symbol.asyncIterator]();
  await saving.next();
  await engine.images.remove('app:1', { force: false });
  await add('app:2');
  await saving.return?.();
  await settled();
  assert.deepEqual(await there(), chains);
});
