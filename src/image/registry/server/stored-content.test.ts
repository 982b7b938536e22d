import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { MemoryBlobs } from '#image/blob/memory.ts';
import type { Uploads } from '#image/blob/uploads.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { MemoryStore } from '#store/memory.ts';
import { StoredContent } from './stored-content.ts';

const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };
const utf8 = new TextEncoder();
const LAYER = utf8.encode('a layer');
const layer = digestOfHex(hasher.sha256(LAYER));
const GRACE_MS = 3_600_000;
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> { yield bytes; }

/** A registry that has the layer in `app` since long ago, needed by no manifest. `before` is done when a collection looks at, or takes, a blob. */
async function world() {
  const clock = new ManualClock();
  const nowMs = (): number => Number(clock.nowNs() / 1_000_000n);
  const before = { usedMs: (): unknown => undefined, remove: (_digest: Digest): unknown => undefined };
  class WatchedBlobs extends MemoryBlobs {
    override async usedMs(digest: Digest): Promise<number | undefined> {
      const found = await super.usedMs(digest);
      before.usedMs();
      return found;
    }
    override async remove(digest: Digest): Promise<boolean> {
      await before.remove(digest);
      return super.remove(digest);
    }
  }
  let agoMs = 0;
  const blobs = new WatchedBlobs(hasher, () => nowMs() - agoMs);
  /** Its bytes came some time before. */
  const commit = async (): Promise<void> => {
    agoMs = GRACE_MS;
    await blobs.put(once(LAYER));
    agoMs = 0;
  };
  const uploads = { begin: async () => 'upload', commit, idleSince: async () => [] } as unknown as Uploads;
  const content = new StoredContent({ blobs, uploads, store: new MemoryStore() });
  await content.commitUpload('app', await content.beginUpload('app'), layer);
  clock.advance(2 * GRACE_MS);
  return { content, clock, before, collect: () => content.collect(nowMs(), GRACE_MS) };
}

const CONFIG = utf8.encode('{}');
async function pushManifest(content: StoredContent): Promise<Digest> {
  const describe = (bytes: Uint8Array, mediaType: string) => ({ mediaType, digest: digestOfHex(hasher.sha256(bytes)), size: bytes.length });
  const bytes = utf8.encode(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: describe(CONFIG, MEDIA_TYPE.ociConfig), layers: [describe(LAYER, MEDIA_TYPE.ociLayer)] }));
  const digest = digestOfHex(hasher.sha256(bytes));
  await content.putManifest('app', { digest, mediaType: MEDIA_TYPE.ociManifest, bytes }, '1', {});
  return digest;
}

test('what nobody asked for goes after the grace', async () => {
  const { content, collect } = await world();
  assert.equal(await collect(), LAYER.length);
  assert.equal(await content.blobSize('app', layer), undefined);
});

test('a blob that a client was told is there, or that it mounted, is there when its manifest comes', async () => {
  for (const use of [(content: StoredContent) => content.blobSize('app', layer), (content: StoredContent) => content.mount('app', layer, 'app')]) {
    const { content, clock, collect } = await world();
    assert.ok(await use(content));
    clock.advance(GRACE_MS - 1);
    assert.equal(await collect(), 0);
    await pushManifest(content);
    clock.advance(10 * GRACE_MS);
    assert.equal(await collect(), 0);
    assert.equal(await content.blobSize('app', layer), LAYER.length);
  }
});

test('who asks while a collection decides is told what comes of it', async () => {
  const asks = { size: (content: StoredContent) => content.blobSize('app', layer), mount: (content: StoredContent) => content.mount('app', layer, 'app') };
  for (const moment of ['usedMs', 'remove'] as const) {
    for (const [what, ask] of Object.entries(asks)) {
      const { content, before, collect } = await world();
      let asked: Promise<unknown> | undefined;
      before[moment] = () => { asked ??= ask(content); };
      await collect();
      assert.equal(Boolean(await asked), await content.blobSize('app', layer) !== undefined, `${what} ${moment}`);
    }
  }
});

test('the grace of a blob begins when its upload is over', async () => {
  const { content, clock, collect } = await world();
  await content.commitUpload('app', await content.beginUpload('app'), layer);
  clock.advance(GRACE_MS);
  assert.equal(await collect(), 0);
});

test('a blob that is pushed again while a collection takes it is there', async () => {
  const { content, before, collect } = await world();
  let pushed: Promise<void> | undefined;
  before.remove = async () => {
    pushed ??= content.beginUpload('app').then((id) => content.commitUpload('app', id, layer));
    // As far as it comes meanwhile.
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  };
  await collect();
  await pushed;
  assert.equal(await content.blobSize('app', layer), LAYER.length);
});

test('a manifest that is pushed again while a collection takes it is there', async () => {
  const { content, clock, before, collect } = await world();
  const digest = await pushManifest(content);
  await content.removeManifest('app', digest);
  clock.advance(2 * GRACE_MS);
  let pushed: Promise<Digest> | undefined;
  before.remove = async (taken) => {
    if (taken === digest) pushed ??= pushManifest(content);
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  };
  await collect();
  await pushed;
  assert.equal((await content.manifest('app', '1'))?.digest, digest);
  assert.equal(await collect(), 0);
});
