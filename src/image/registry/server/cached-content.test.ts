import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { MemoryBlobs } from '#image/blob/memory.ts';
import type { Uploads } from '#image/blob/uploads.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { MemoryStore } from '#store/memory.ts';
import { NO_CREDENTIALS } from '../credentials.ts';
import { readBytes } from '../read-text.ts';
import { Registries } from '../registries.ts';
import { DEFAULT_REGISTRY_CONFIG } from '../registry-config.ts';
import { ScriptedTransport, type Scripted } from '../scripted-transport.ts';
import type { Exchange } from '../transport.ts';
import { CachedContent } from './cached-content.ts';
import { StoredContent } from './stored-content.ts';

const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };
const digestOf = (bytes: Uint8Array): Digest => digestOfHex(hasher.sha256(bytes));
const utf8 = new TextEncoder();
const LAYER = utf8.encode('the bytes of a layer');
const CONFIG = utf8.encode('{}');
const describe = (bytes: Uint8Array, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
const manifestOf = (more: object = {}): Uint8Array => utf8.encode(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: describe(CONFIG, MEDIA_TYPE.ociConfig), layers: [describe(LAYER, MEDIA_TYPE.ociLayer)], ...more }));
const MANIFEST = manifestOf();
const NO_UPLOADS = { idleSince: async () => [] } as unknown as Uploads;
const DOWN: Exchange = { kind: 'failure', failure: 'unreachable', message: 'no route' };

/** A cache before a registry that `answer` speaks for first; it has what is in `served`, by the end of its path. */
function world(served: Map<string, Uint8Array>, answer: (path: string) => Scripted | Exchange | undefined = () => undefined) {
  const transport = new ScriptedTransport(({ url }) => {
    const { pathname } = new URL(url);
    const body = served.get(pathname.slice('/v2/'.length));
    return answer(pathname) ?? (body === undefined ? { status: 404 } : { status: 200, body, headers: { 'content-type': MEDIA_TYPE.ociManifest, 'docker-content-digest': digestOf(body), 'content-length': String(body.length) } });
  });
  const clock = new ManualClock();
  const blobs = new MemoryBlobs(hasher, () => Number(clock.nowNs() / 1_000_000n));
  const local = new StoredContent({ blobs, uploads: NO_UPLOADS, store: new MemoryStore() });
  const registries = new Registries({ transport, clock, timers: clock, random: new SeededRandom(1), hasher }, DEFAULT_REGISTRY_CONFIG);
  const cache = new CachedContent({ local, blobs, registries, upstream: 'up.example', credentials: NO_CREDENTIALS, clock });
  return { cache, clock, transport, blobs, local };
}

const image = (): Map<string, Uint8Array> => new Map([
  ['a/b/manifests/1', MANIFEST], [`a/b/manifests/${digestOf(MANIFEST)}`, MANIFEST], [`a/b/blobs/${digestOf(CONFIG)}`, CONFIG], [`a/b/blobs/${digestOf(LAYER)}`, LAYER],
]);

test('a tag is asked for once a minute, a digest and a blob once; blobs once too where several ask at the same time', async () => {
  const served = image();
  const { cache, clock, transport } = world(served);
  const digest = digestOf(MANIFEST);
  assert.equal((await cache.manifest('a/b', '1'))?.digest, digest);
  const first = transport.asked.length;
  clock.advance(59_000);
  for (const reference of ['1', digest]) assert.equal((await cache.manifest('a/b', reference))?.digest, digest);
  assert.equal(transport.asked.length, first);
  const layer = digestOf(LAYER);
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => cache.blobSize('a/b', layer))), [20, 20, 20]);
  assert.equal(await cache.blobSize('a/b', layer), 20);
  assert.equal(transport.asked.filter((line) => line.endsWith(layer)).length, 1);
  assert.equal(Buffer.from(await readBytes({ body: cache.blob('a/b', layer) }, 100)).toString(), 'the bytes of a layer');
  // The tag goes to another image, and is then no more.
  const other = manifestOf({ annotations: { a: 'b' } });
  for (const key of ['a/b/manifests/1', `a/b/manifests/${digestOf(other)}`]) served.set(key, other);
  clock.advance(2000);
  assert.equal((await cache.manifest('a/b', '1'))?.digest, digestOf(other));
  served.delete('a/b/manifests/1');
  clock.advance(61_000);
  assert.equal(await cache.manifest('a/b', '1'), undefined);
  assert.equal((await cache.manifest('a/b', digest))?.digest, digest);
});

test('what was given up is fetched again, and what is asked for is used', async () => {
  const { cache, clock, transport, local } = world(image());
  const digest = digestOf(MANIFEST);
  const nowMs = (): number => Number(clock.nowNs() / 1_000_000n);
  const giveUp = (): Promise<boolean> => local.removeUnusedManifest('a/b', digest, nowMs(), 60_000);
  const pull = async (): Promise<void> => {
    assert.equal((await cache.manifest('a/b', '1'))?.digest, digest);
    assert.equal(await cache.blobSize('a/b', digestOf(LAYER)), LAYER.length);
  };
  await pull();
  clock.advance(50_000);
  for (const reference of ['1', digest]) {
    await cache.manifest('a/b', reference);
    clock.advance(50_000);
    assert.equal(await giveUp(), false, reference);
  }
  clock.advance(50_000);
  assert.equal(await giveUp(), true);
  assert.equal(await local.collect(nowMs(), 60_000), MANIFEST.length + LAYER.length);
  transport.seen.length = 0;
  await pull();
  assert.deepEqual(transport.asked.filter((line) => line.startsWith('GET')).length, 2);
});

test('while the other registry is down there is what was asked for before, and nothing else', async () => {
  let isDown = false;
  const statement = manifestOf({ artifactType: 'application/x', subject: describe(MANIFEST, MEDIA_TYPE.ociManifest), annotations: { by: 'me' } });
  const { cache, clock } = world(new Map([...image(), [`a/b/manifests/${digestOf(statement)}`, statement], ['a/b/tags/list', utf8.encode('{"name":"a/b","tags":["2","1"]}')]]), () => (isDown ? DOWN : undefined));
  await cache.manifest('a/b', '1');
  await cache.manifest('a/b', digestOf(statement));
  await cache.blobSize('a/b', digestOf(LAYER));
  assert.deepEqual(await cache.tags('a/b', { last: '', limit: 10 }), { names: ['1', '2'], more: false });
  isDown = true;
  clock.advance(3_600_000);
  assert.equal((await cache.manifest('a/b', '1'))?.digest, digestOf(MANIFEST));
  assert.equal(await cache.blobSize('a/b', digestOf(LAYER)), LAYER.length);
  assert.deepEqual(await cache.tags('a/b', { last: '', limit: 10 }), { names: ['1'], more: false });
  assert.deepEqual(await cache.referrers('a/b', digestOf(MANIFEST)), [{ ...describe(statement, MEDIA_TYPE.ociManifest), artifactType: 'application/x', annotations: { by: 'me' } }]);
  await assert.rejects(cache.manifest('a/b', '2'), (error) => isKind(error, 'unavailable'));
  await assert.rejects(cache.blobSize('a/b', digestOf(CONFIG)), (error) => isKind(error, 'unavailable'));
});

test('what the other registry gives to everybody no longer is not given here', async () => {
  let isClosed = false;
  const { cache, clock } = world(image(), () => (isClosed ? { status: 403 } : undefined));
  await cache.manifest('a/b', '1');
  isClosed = true;
  clock.advance(61_000);
  await assert.rejects(cache.manifest('a/b', '1'), (error) => isKind(error, 'forbidden'));
});

test('what is not what it says it is, is not kept: neither manifests nor blobs', async () => {
  const lies = image();
  lies.set(`a/b/blobs/${digestOf(LAYER)}`, utf8.encode('the bytes of a lawyer'));
  const lying = world(lies);
  await lying.cache.manifest('a/b', '1');
  await assert.rejects(lying.cache.blobSize('a/b', digestOf(LAYER)), (error) => isKind(error, 'invalid'));
  assert.equal(await lying.blobs.stat(digestOf(LAYER)), undefined);
  lies.set(`a/b/blobs/${digestOf(LAYER)}`, LAYER);
  assert.equal(await lying.cache.blobSize('a/b', digestOf(LAYER)), LAYER.length, 'the next one who asks gets it');
  const other = manifestOf({ annotations: { other: 'one' } });
  const served = image();
  const swapped = world(served, (path) => (path.endsWith(digestOf(MANIFEST)) ? { status: 200, body: other, headers: { 'content-type': MEDIA_TYPE.ociManifest } } : undefined));
  await assert.rejects(swapped.cache.manifest('a/b', '1'), (error) => isKind(error, 'invalid'));
  assert.deepEqual([await swapped.blobs.stat(digestOf(MANIFEST)), await swapped.blobs.stat(digestOf(other))], [undefined, undefined]);
});

test('a blob that no manifest of the repository names is none', async () => {
  const { cache, transport } = world(image());
  await cache.manifest('a/b', '1');
  transport.seen.length = 0;
  assert.equal(await cache.blobSize('a/b', digestOf(utf8.encode('unheard of'))), undefined);
  assert.equal(await cache.blobSize('other', digestOf(LAYER)), undefined);
  assert.deepEqual(transport.asked, []);
});
