import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { MemoryBlobs } from '#image/blob/memory.ts';
import type { Uploads } from '#image/blob/uploads.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { MemoryStore } from '#store/memory.ts';
import { CacheEviction } from './cache-eviction.ts';
import { RegistryMetrics } from './metrics.ts';
import { StoredContent } from './stored-content.ts';

const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };
const utf8 = new TextEncoder();
const GRACE_MS = 3_600_000;
const LAYER_BYTES = 100_000;
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> { yield bytes; }

/** A cache of at most `size` bytes, with images that came one grace after the other. */
async function world(size: number, images: Readonly<Record<string, readonly string[]>>) {
  const clock = new ManualClock();
  const nowMs = (): number => Number(clock.nowNs() / 1_000_000n);
  const blobs = new MemoryBlobs(hasher, nowMs);
  const content = new StoredContent({ blobs, uploads: { idleSince: async () => [] } as unknown as Uploads, store: new MemoryStore() });
  const metrics = new RegistryMetrics();
  const log: string[] = [];
  const put = async (bytes: Uint8Array, mediaType: string) => {
    const { digest } = await blobs.put(once(bytes));
    await content.linkIfThere('lib', digest);
    return { mediaType, digest, size: bytes.length };
  };
  const manifests = new Map<string, Digest>();
  for (const [name, layers] of Object.entries(images)) {
    const document = {
      schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, annotations: { name }, config: await put(utf8.encode('{}'), MEDIA_TYPE.ociConfig),
      layers: await Promise.all(layers.map((layer) => put(utf8.encode(layer.repeat(LAYER_BYTES)), MEDIA_TYPE.ociLayer))),
    };
    const bytes = utf8.encode(JSON.stringify(document));
    const digest = digestOfHex(hasher.sha256(bytes));
    await content.putManifest('lib', { digest, mediaType: MEDIA_TYPE.ociManifest, bytes }, name, {});
    manifests.set(name, digest);
    clock.advance(GRACE_MS + 1);
  }
  const limits = [{ what: 'the cache', use: async (bytes: number) => ({ total: size, free: size - bytes }), watermarks: { high: 100, low: 90 } }];
  const evicted = metrics.evicted.bind(metrics);
  const eviction = new CacheEviction({ content, blobs, limits, graceMs: GRACE_MS, clock, metrics, log: (line) => log.push(line) });
  return {
    clock, metrics, log, eviction, evicted, content,
    use: (name: string) => content.touchManifest('lib', manifests.get(name)!),
    there: async () => (await content.tags('lib', { last: '', limit: 100 })).names,
    collect: () => content.collect(nowMs(), GRACE_MS),
    digestOf: (name: string) => manifests.get(name)!,
  };
}

const THREE = { one: ['b', '1', '1'], two: ['b', '2'], three: ['3'] };

test('a cache that is full gives up the images that were asked for longest ago, and what only they need', async () => {
  const { eviction, use, there, collect, log, metrics, digestOf, content } = await world(400_000, THREE);
  await use('one');
  assert.equal(await eviction.run(), 1);
  assert.deepEqual(await there(), ['one', 'three']);
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', new RegExp(`^evicted lib@${digestOf('two')} \\(100\\d{3} bytes\\): the cache is 100 % full, more than 100 %$`));
  assert.ok(await collect() > LAYER_BYTES);
  const shared = digestOfHex(hasher.sha256(utf8.encode('b'.repeat(LAYER_BYTES))));
  assert.equal(await content.blobSize('lib', shared), LAYER_BYTES);
  assert.equal(await eviction.run(), 0);
  assert.match(metrics.render(), /^gantry_registry_cache_bytes 30\d{4}\n(?:#.*\n)+gantry_registry_evictions_total 1\n(?:#.*\n)+gantry_registry_evicted_bytes_total 100\d{3}$/m);
});

test('below the limit nothing goes', async () => {
  const { eviction, there } = await world(410_000, THREE);
  assert.equal(await eviction.run(), 0);
  assert.deepEqual(await there(), ['one', 'three', 'two']);
});

test('what was asked for during the grace stays, and that is said once where it is not enough', async () => {
  const { eviction, clock, use, there, log } = await world(100_000, THREE);
  for (const name of ['one', 'two', 'three']) await use(name);
  clock.advance(GRACE_MS - 1);
  assert.equal(await eviction.run(), 0);
  assert.equal(await eviction.run(), 0);
  assert.match(log.join('\n'), /^the cache is 40\d % full, more than 100 %, and nothing can be removed[^\n]*$/);
  clock.advance(2);
  assert.equal(await eviction.run(), 3);
  assert.deepEqual(await there(), []);
});

test('what is asked for while others go stays', async () => {
  const { eviction, metrics, use, there, evicted } = await world(100_000, THREE);
  let used: Promise<boolean> | undefined;
  metrics.evicted = (bytes) => {
    used ??= use('two');
    evicted(bytes);
  };
  assert.equal(await eviction.run(), 2);
  assert.equal(await used, true);
  assert.deepEqual(await there(), ['two']);
});

test('what no manifest needs any more is on its way out, and nothing goes in its place', async () => {
  const { eviction, there, use, content, clock, collect } = await world(400_000, THREE);
  await content.removeTag('lib', 'one');
  assert.equal(await eviction.run(), 1);
  assert.deepEqual(await there(), ['three', 'two']);
  // A collection that came too early for what only the first had.
  await use('two');
  assert.equal(await eviction.run(), 0);
  clock.advance(2 * GRACE_MS);
  assert.equal(await eviction.run(), 0);
  assert.ok(await collect() > LAYER_BYTES);
  assert.deepEqual(await there(), ['three', 'two']);
});
