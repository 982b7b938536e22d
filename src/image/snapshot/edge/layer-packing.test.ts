import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chainHex, type ChainId } from '#image/oci/chain-id.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { collect, failsWith, hasher, streamOf } from '../contract.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';
import { NEEDS_ROOT, testRoot } from './_test-root.ts';

const root = testRoot();
const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };
const TEXT = 'all work and no play '.repeat(3000);

/** Six layers of one image; what each is on disk. */
async function image(): Promise<{ readonly snapshots: OverlaySnapshots; readonly chains: readonly ChainId[]; readonly diff: (index: number) => string }> {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, join(root.path, 'code-cache'));
  const chains: ChainId[] = [];
  for (let index = 0; index < 6; index += 1) {
    const layer = archive(member({ name: 'of/', type: 'directory' }), member({ name: 'of/passwd', body: `${index} ${TEXT.slice(index * 1000)}` }));
    const parent = chains.at(-1);
    chains.push((await snapshots.unpack(streamOf(layer, parent === undefined ? {} : { parent }))).chain);
  }
  return { snapshots, chains, diff: (index) => join(directory, 'layers', chainHex(chains[index]!), 'diff') };
}

test('layers that share processes are what they are alone, in any order', needsRoot, async () => {
  const { snapshots, chains } = await image();
  const alone = await Promise.all(chains.map((chain) => collect(snapshots.compressLayer(chain).bytes)));
  const packing = snapshots.packLayers(chains);
  for (const order of [chains, chains.toReversed()]) {
    const packed = await Promise.all(order.map((chain) => packing.pack(chain, (layer) => collect(layer.bytes))));
    assert.deepEqual(packed, order.map((chain) => alone[chains.indexOf(chain)]));
  }
  await packing.close();
});

test('a layer that fails, or that nobody wants any more, takes no other with it', needsRoot, async () => {
  const { snapshots, chains, diff } = await image();
  writeFileSync(join(diff(1), 'of/passwd'), 'x'.repeat(TEXT.length));
  const packing = snapshots.packLayers(chains);
  const packed = await Promise.allSettled(chains.map((chain, index) => packing.pack(chain, async (layer) => {
    if (index === 2) throw new RangeError('given up before it began');
    if (index !== 3) return collect(layer.bytes);
    for await (const _ of layer.bytes) throw new RangeError('given up on the way');
    return undefined;
  })));
  await packing.close();
  assert.deepEqual(packed.map(({ status }) => status), ['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled', 'fulfilled']);
  failsWith('internal', /changed on disk/)((packed[1] as PromiseRejectedResult).reason);
});

test('what is under way when it is closed ends, and what waits does not begin', needsRoot, async () => {
  const { snapshots, chains } = await image();
  const packing = snapshots.packLayers(chains);
  await packing.pack(chains[0]!, async ({ bytes }) => {
    const ended = collect(bytes);
    await packing.close();
    await assert.rejects(ended, failsWith('internal', /SIGKILL|given up/));
  });
  await assert.rejects(packing.pack(chains[1]!, (layer) => collect(layer.bytes)), failsWith('interrupted', /given up/));
});

test('paths of a layer lead to nothing of the host, whatever became of its directories', needsRoot, async () => {
  const { snapshots, chains, diff } = await image();
  const packing = snapshots.packLayers(chains);
  for (const [index, target] of ['/etc', '../../../../../../../../etc', '/proc/1/root/etc'].entries()) {
    rmSync(join(diff(index), 'of'), { recursive: true });
    symlinkSync(target, join(diff(index), 'of'));
    await assert.rejects(packing.pack(chains[index]!, (layer) => collect(layer.bytes)), failsWith('internal', /ENOENT/), target);
  }
  await packing.close();
});
