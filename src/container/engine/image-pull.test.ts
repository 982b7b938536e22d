import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import type { Platform } from '#image/oci/platform.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { NO_CREDENTIALS } from '#image/registry/credentials.ts';
import { ScriptedTransport } from '#image/registry/scripted-transport.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import type { UnpackRequest, UnpackResult } from '#image/snapshot/port.ts';
import { MemoryStore } from '#store/memory.ts';
import { HASHER, openEngine } from './_simulation.ts';
import type { TransferStep } from './transfer.ts';

const digestOf = (bytes: Uint8Array): Digest => digestOfHex(HASHER.sha256(bytes));
const text = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const layerOf = (name: string): Uint8Array => archive(member({ name, body: name.repeat(100) }));
const TWO_LAYERS = ['one', 'two'].map(layerOf);

interface World {
  /** Changes what is served as a layer. */
  readonly lie?: (bytes: Uint8Array, index: number) => Uint8Array;
  readonly layers?: readonly Uint8Array[];
  readonly snapshots?: FakeSnapshots;
  /** Types of statements about the image; there is an index of both then. */
  readonly statements?: readonly string[];
}

/** A registry with one image. */
async function world({ lie = (bytes) => bytes, layers = TWO_LAYERS, snapshots = new FakeSnapshots(HASHER), statements = [] }: World = {}) {
  const config = text({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: layers.map(digestOf) } });
  const served = layers.map(lie);
  const describe = (bytes: Uint8Array, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
  const manifestOf = (configType: string, ...described: object[]) => text({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: describe(config, configType), layers: described });
  const image = manifestOf(MEDIA_TYPE.ociConfig, ...served.map((bytes) => describe(bytes, MEDIA_TYPE.ociLayer)));
  const said = manifestOf(MEDIA_TYPE.ociConfig, ...statements.map((type) => ({ ...describe(text({ type }), 'application/vnd.in-toto+json'), annotations: { 'in-toto.io/predicate-type': type } })));
  const index = text({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [
    { ...describe(image, MEDIA_TYPE.ociManifest), platform: { os: 'linux', architecture: 'amd64' } },
    { ...describe(said, MEDIA_TYPE.ociManifest), platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digestOf(image) } },
  ] });
  const manifest = statements.length === 0 ? image : index;
  const documents = new Map([image, said, index].map((bytes) => [digestOf(bytes) as string, bytes]));
  const blobs = new Map<string, Uint8Array>([config, ...served].map((bytes) => [digestOf(bytes), bytes]));
  const transport = new ScriptedTransport(({ url }) => {
    const last = url.slice(url.lastIndexOf('/') + 1);
    const body = url.includes('/blobs/') ? blobs.get(last) : documents.get(last) ?? manifest;
    return body === undefined ? { status: 404 } : { status: 200, body, headers: { 'content-type': body === index ? MEDIA_TYPE.ociIndex : MEDIA_TYPE.ociManifest, 'docker-content-digest': digestOf(body), 'content-length': String(body.length) } };
  });
  const clock = new ManualClock();
  const { engine } = await openEngine({ host: new FakeHost(clock), store: new MemoryStore(), snapshots, seed: 1, transport, clock });
  const steps: TransferStep[] = [];
  const pull = (reference: string, platform?: Platform) => engine.images.pull({ reference, credentials: NO_CREDENTIALS, ...(platform === undefined ? {} : { platform }) }, (step) => void steps.push(step));
  return { engine, clock, transport, snapshots, steps, pull, digest: digestOf(manifest), id: digestOf(config) };
}

test('a pull brings the image once; again, and by another name, costs one request', async () => {
  const { engine, transport, steps, pull, digest, id } = await world();
  assert.deepEqual(await pull('r.example/a:1'), { id, digest, isNew: true });
  assert.deepEqual(engine.images.find('r.example/a:1').digests, [`r.example/a@${digest}`]);
  const words = steps.map((step) => (step.kind === 'message' ? step.text : step.kind === 'layer' ? step.status : ''));
  assert.deepEqual(words.filter((word) => word === 'Pull complete').length, 2);
  assert.deepEqual([words[0], words.at(-2), words.at(-1)], ['Pulling from a', `Digest: ${digest}`, 'Status: Downloaded newer image for r.example/a:1']);
  transport.seen.length = 0;
  assert.equal((await pull('r.example/a:1')).isNew, false);
  assert.equal((await pull('r.example/b:2')).isNew, true);
  assert.deepEqual(transport.asked, ['HEAD https://r.example/v2/a/manifests/1', 'HEAD https://r.example/v2/b/manifests/2']);
});

test('an image of one platform is up to date whichever is asked for', async () => {
  const { transport, pull } = await world();
  const { id } = await pull('r.example/a:1');
  transport.seen.length = 0;
  assert.deepEqual(await pull('r.example/a:1', { os: 'linux', architecture: 'arm64' }).then((pulled) => [pulled.id, pulled.isNew]), [id, false]);
  assert.deepEqual(transport.asked, ['HEAD https://r.example/v2/a/manifests/1']);
});

test('pulls of one image at the same time fetch each layer once', async () => {
  const { transport, pull } = await world();
  await Promise.all([pull('r.example/a:1'), pull('r.example/a:1'), pull('r.example/b:1')]);
  const fetched = transport.asked.filter((line) => line.startsWith('GET') && line.includes('/blobs/') && TWO_LAYERS.some((bytes) => line.endsWith(digestOf(bytes))));
  assert.equal(new Set(fetched.map((line) => line.slice(line.lastIndexOf('/')))).size, fetched.length, fetched.join('\n'));
});

test('layers come several at once, but not all, and each is unpacked while it comes', async () => {
  let [under, most, unpackedEarly] = [0, 0, 0];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => { open = resolve; });
  /** Takes the first piece of each layer, and nothing more before as many as are let in have begun. */
  class WaitingSnapshots extends FakeSnapshots {
    override async unpack(request: UnpackRequest): Promise<UnpackResult> {
      under += 1;
      most = Math.max(most, under);
      if (under === 4) open();
      const { source } = request;
      const bytes = (async function* () {
        if (source.kind !== 'stream') return;
        for await (const piece of source.bytes) {
          unpackedEarly += 1;
          await gate;
          yield piece;
        }
      })();
      const result = await super.unpack({ ...request, source: { kind: 'stream', bytes } });
      under -= 1;
      return result;
    }
  }
  const layers = Array.from({ length: 7 }, (_, index) => layerOf(`layer${index}`));
  const { pull, steps } = await world({ layers, snapshots: new WaitingSnapshots(HASHER) });
  await pull('r.example/a:1');
  // Two for each processor of the fake machine.
  assert.deepEqual([most, unpackedEarly], [4, 7]);
  const statuses = (id: string): string[] => steps.flatMap((step) => (step.kind === 'layer' && step.id === id ? [step.status] : []));
  assert.deepEqual(statuses(digestOf(layers[6]!).slice(7, 19)), ['Pulling fs layer', 'Waiting', 'Downloading', 'Verifying Checksum', 'Download complete', 'Extracting', 'Pull complete']);
});

test('S-202: a layer that is not the one of the config is refused, and nothing is kept', async () => {
  const { engine, snapshots, pull } = await world({ lie: (bytes, index) => (index === 1 ? archive(member({ name: 'other' })) : bytes) });
  await assert.rejects(pull('r.example/a:1'), (error) => isKind(error, 'invalid') && /does not match the image/.test(error.message));
  assert.deepEqual([engine.images.list(), await snapshots.list()], [[], []]);
});

test('a client that goes away ends the pull; the layers that were whole stay for the next one', async () => {
  const { engine, transport, snapshots, pull } = await world();
  let complete = 0;
  await assert.rejects(engine.images.pull({ reference: 'r.example/a:1', credentials: NO_CREDENTIALS }, (step) => {
    if (step.kind === 'layer' && step.status === 'Pull complete' && (complete += 1) === 2) throw new TypeError('gone');
  }), TypeError);
  assert.deepEqual(engine.images.list(), []);
  assert.equal((await snapshots.list()).length, 2);
  transport.seen.length = 0;
  await pull('r.example/a:1');
  assert.deepEqual(transport.asked.filter((line) => TWO_LAYERS.some((bytes) => line.endsWith(digestOf(bytes)))), []);
});

test('layers of a pull that broke off go after a day, or when somebody wants the room, but not under a pull', async () => {
  const { engine, clock, snapshots, pull } = await world();
  const pullWith = (told: (status: string, complete: number) => void) => {
    let complete = 0;
    return engine.images.pull({ reference: 'r.example/a:1', credentials: NO_CREDENTIALS }, (step) => {
      if (step.kind === 'layer') told(step.status, step.status === 'Pull complete' ? complete += 1 : 0);
    });
  };
  const breakOff = () => assert.rejects(pullWith((_, complete) => { if (complete === 2) throw new TypeError('gone'); }), TypeError);
  await breakOff();
  assert.equal(await engine.images.dropUnfinished('old'), 0);
  clock.advance(25 * 3_600_000);
  assert.equal(await engine.images.dropUnfinished('old'), 600);
  assert.deepEqual(await snapshots.list(), []);
  await breakOff();
  assert.equal(await engine.images.dropUnfinished('all'), 600);
  assert.deepEqual([await snapshots.list(), await engine.images.dropUnfinished('all')], [[], 0]);
  await breakOff();
  const dropped: Promise<number>[] = [];
  await assert.rejects(pullWith((status) => {
    if (status !== 'Already exists') return;
    dropped.push(engine.images.dropUnfinished('all'));
    if (dropped.length === 2) throw new TypeError('gone');
  }), TypeError);
  assert.deepEqual(await Promise.all(dropped), [0, 0]);
  assert.equal((await snapshots.list()).length, 2, 'for the attempt that comes now');
  await pull('r.example/a:1');
  assert.equal(await engine.images.dropUnfinished('all'), 0);
  assert.equal((await snapshots.list()).length, 2);
});

test('an image that is pulled while it is removed has all its layers', async () => {
  const removal = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  class SlowSnapshots extends FakeSnapshots {
    override async removeAll(chains: Parameters<FakeSnapshots['removeAll']>[0]): Promise<void> {
      begun.resolve();
      await removal.promise;
      return super.removeAll(chains);
    }
  }
  const { engine, snapshots, pull } = await world({ snapshots: new SlowSnapshots(HASHER) });
  await pull('r.example/a:1');
  const removed = engine.images.remove('r.example/a:1', { force: false });
  await begun.promise;
  const pulled = pull('r.example/a:1');
  // As far as it comes.
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  removal.resolve();
  await removed;
  await pulled;
  assert.deepEqual((await snapshots.list()).map(({ chain }) => chain as string).sort(), [...engine.images.find('r.example/a:1').chainIds].sort());
});

test('what is said about an image is listed with it', async () => {
  const statements = ['https://slsa.dev/provenance/v1', 'https://spdx.dev/Document'];
  const { engine, pull, digest } = await world({ statements });
  assert.equal((await pull('r.example/a:1')).digest, digest);
  assert.deepEqual(engine.images.find('r.example/a:1').attestations?.map(({ predicateTypes }) => predicateTypes), [statements]);
});

test('what is looked up is missing, or no name at all', async () => {
  const { engine } = await world();
  for (const [name, message] of [['x', 'No such image: x:latest'], ['sha256:12', 'No such image: sha256:12'], ['e'.repeat(64), `No such image: ${'e'.repeat(64)}`]] as const) {
    assert.throws(() => engine.images.find(name), { kind: 'not-found', message });
  }
  assert.throws(() => engine.images.find('Bad/Name'), { kind: 'invalid', message: 'invalid reference format: repository name (Name) must be lowercase' });
  assert.throws(() => engine.images.find('a b'), { kind: 'invalid', message: 'invalid reference format' });
});
