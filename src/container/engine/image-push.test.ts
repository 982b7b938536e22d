import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { RushingClock } from '#base/rushing-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { NO_CREDENTIALS, type Credentials } from '#image/registry/credentials.ts';
import { ScriptedTransport, type Scripted } from '#image/registry/scripted-transport.ts';
import type { Exchange, HttpRequest } from '#image/registry/transport.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import { MemoryStore } from '#store/memory.ts';
import { HASHER, openEngine } from './_simulation.ts';
import type { TransferStep } from './transfer.ts';

const utf8 = new TextEncoder();
const digestOf = (bytes: Uint8Array): Digest => digestOfHex(HASHER.sha256(bytes));
const LAYERS = ['one', 'two'].map((name) => archive(member({ name, body: name.repeat(100) })));
const describe = (bytes: Uint8Array, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
const PASSWORD: Credentials = { kind: 'password', username: 'me', password: 'secret' };

type Fault = (request: HttpRequest, body: string) => Scripted | Exchange | undefined;

/** A registry by the specification, of which `fault` answers first. It has an image at `any host/from/here:1`. */
async function world(fault: Fault = () => undefined, layers: readonly Uint8Array[] = LAYERS) {
  const config = utf8.encode(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: layers.map(digestOf) } }));
  const manifest = utf8.encode(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: describe(config, MEDIA_TYPE.ociConfig), layers: layers.map((bytes) => describe(bytes, MEDIA_TYPE.ociLayer)) }));
  const blobs = new Map<string, Uint8Array>([config, ...layers].map((bytes) => [`/v2/from/here/blobs/${digestOf(bytes)}`, bytes]));
  const manifests = new Map<string, Uint8Array>([['/v2/from/here/manifests/1', manifest], [`/v2/from/here/manifests/${digestOf(manifest)}`, manifest]]);
  const uploads = new Map<string, string>();
  const serve = ({ method, url, body }: HttpRequest, text: string): Scripted => {
    const { pathname, searchParams } = new URL(url);
    const upload = /^(\/v2\/.*\/blobs\/)uploads\/(.*)$/.exec(pathname);
    if (method === 'POST' && upload !== null) {
      const mounted = blobs.get(`/v2/${searchParams.get('from')}/blobs/${searchParams.get('mount')}`);
      if (mounted !== undefined) blobs.set(`${upload[1]}${searchParams.get('mount')}`, mounted);
      if (mounted !== undefined) return { status: 201 };
      uploads.set(String(uploads.size + 1), '');
      return { status: 202, headers: { location: `${pathname}${uploads.size}` } };
    }
    if (method === 'PATCH') uploads.set(upload?.[2] ?? '', text);
    if (method === 'PATCH') return { status: 202, headers: { location: pathname } };
    if (method === 'PUT' && upload !== null) {
      const bytes = utf8.encode((uploads.get(upload[2] ?? '') ?? '') + text);
      if (digestOf(bytes) !== searchParams.get('digest')) return { status: 400, body: '{"errors":[{"code":"DIGEST_INVALID","message":"other bytes"}]}' };
      blobs.set(`${upload[1]}${digestOf(bytes)}`, bytes);
      return { status: 201 };
    }
    if (method === 'PUT') manifests.set(pathname, body as Uint8Array);
    if (method === 'PUT') return { status: 201 };
    const found = manifests.get(pathname) ?? blobs.get(pathname);
    return found === undefined ? { status: 404 } : { status: 200, body: found, headers: { 'content-type': MEDIA_TYPE.ociManifest, 'docker-content-digest': digestOf(found), 'content-length': String(found.length) } };
  };
  const transport = new ScriptedTransport((request, text) => fault(request, text) ?? serve(request, text));
  const clock = new RushingClock();
  const { engine } = await openEngine({ host: new FakeHost(clock), store: new MemoryStore(), snapshots: new FakeSnapshots(HASHER), seed: 1, transport, clock });
  await engine.images.pull({ reference: 'r.example/from/here:1', credentials: PASSWORD }, () => {});
  transport.seen.length = 0;
  clock.delays.length = 0;
  const steps: TransferStep[] = [];
  const push = async (name: string, credentials: Credentials = NO_CREDENTIALS): Promise<void> => {
    await engine.images.tag('r.example/from/here:1', `${name}:1`);
    await engine.images.push({ repository: name, tag: '1', credentials }, (step) => void steps.push(step));
  };
  const statuses = (): string[] => steps.flatMap((step) => (step.kind === 'layer' && step.status !== 'Pushing' ? [step.status] : []));
  const asked = (method: string): string[] => transport.asked.filter((line) => line.startsWith(`${method} `));
  return { engine, clock, blobs, manifests, push, statuses, asked, delays: () => clock.delays };
}

const layerUploads = (request: HttpRequest): boolean => request.method === 'PATCH';

test('a push to another registry sends all, the manifest last, and a second one nothing', async () => {
  const { push, blobs, manifests, statuses, asked } = await world();
  await push('s.example/to/there');
  assert.equal([...blobs.keys()].filter((path) => path.startsWith('/v2/to/there/')).length, 3);
  assert.equal(manifests.has('/v2/to/there/manifests/1'), true);
  assert.deepEqual(statuses(), ['Preparing', 'Preparing', 'Pushed', 'Pushed']);
  assert.equal(asked('PATCH').length, 2);
  await push('s.example/to/there');
  assert.deepEqual([asked('PATCH').length, statuses().slice(-2)], [2, ['Layer already exists', 'Layer already exists']]);
});

test('the largest layers go first, so that none of them is alone at the end', async () => {
  const layers = [1, 5, 3, 7, 2, 6, 4].map((size) => archive(member({ name: String(size), body: 'x'.repeat(size * 2000) })));
  const sent: number[] = [];
  const { push, statuses } = await world((request, body) => {
    if (layerUploads(request)) sent.push(body.length);
    return undefined;
  }, layers);
  await push('s.example/to/there');
  assert.deepEqual(sent, sent.toSorted((a, b) => b - a));
  assert.equal(new Set(sent).size, layers.length);
  assert.equal(statuses().filter((status) => status === 'Waiting').length, 2);
});

test('layers of another repository of the registry are mounted; where that is refused they are sent to the upload that it began', async () => {
  const mounting = await world();
  await mounting.push('r.example/to/there');
  assert.deepEqual(mounting.statuses().slice(2), ['Mounted from from/here', 'Mounted from from/here']);
  assert.deepEqual(mounting.asked('PATCH'), []);
  let begun = 0;
  const refusing = await world(({ method, url }) => (method === 'POST' && url.includes('mount=') ? { status: 202, headers: { location: `/v2/to/there/blobs/uploads/begun${begun += 1}` } } : undefined));
  await refusing.push('r.example/to/there');
  assert.deepEqual(refusing.statuses().slice(2), ['Pushed', 'Pushed']);
  assert.deepEqual(refusing.asked('PATCH').sort(), ['PATCH https://r.example/v2/to/there/blobs/uploads/begun1', 'PATCH https://r.example/v2/to/there/blobs/uploads/begun2']);
});

test('an upload that breaks off, or that the registry has no time for, begins anew with the whole layer, later each time', async () => {
  const failures: (Scripted | Exchange)[] = [{ status: 503 }, { kind: 'failure', failure: 'broken', message: 'reset' }, { status: 429 }];
  const { push, blobs, asked, delays } = await world((request) => (layerUploads(request) ? failures.shift() : undefined));
  await push('s.example/to/there');
  assert.equal([...blobs.keys()].filter((path) => path.startsWith('/v2/to/there/')).length, 3);
  assert.equal(asked('PATCH').length, 2 + 3);
  assert.equal(new Set(asked('PATCH')).size, 5, 'no upload is gone on with');
  assert.equal(delays().length, 3);
});

test('what stays broken is given up, and what is wrong is not tried again', async () => {
  const broken = await world((request) => (layerUploads(request) ? { status: 500 } : undefined));
  await assert.rejects(broken.push('s.example/to/there'), (error) => isKind(error, 'unavailable') && /500/.test(error.message));
  assert.equal(broken.manifests.has('/v2/to/there/manifests/1'), false);
  assert.ok(broken.asked('PATCH').length <= 2 * 5, String(broken.asked('PATCH').length));
  for (const [status, kind, body] of [[403, 'forbidden', '{"errors":[{"code":"DENIED","message":"not yours"}]}'], [413, 'too-large', ''], [400, 'invalid', '{"errors":[{"code":"DIGEST_INVALID","message":"other bytes"}]}']] as const) {
    const wrong = await world((request) => (layerUploads(request) ? { status, body } : undefined));
    await assert.rejects(wrong.push('s.example/to/there'), (error) => isKind(error, kind), String(status));
    assert.ok(wrong.asked('PATCH').length <= 2, `${status}: each layer once at most`);
    assert.deepEqual([wrong.delays(), wrong.manifests.has('/v2/to/there/manifests/1')], [[], false]);
    assert.deepEqual(wrong.engine.images.find('s.example/to/there:1').digests.filter((digest) => digest.startsWith('s.example')), []);
  }
});

test('a token that is over in the middle of a layer is fetched again, and the layer sent again', async () => {
  let [given, refusals] = [0, 2];
  const { push, blobs, asked } = await world(({ method, url, headers }) => {
    if (url.startsWith('https://auth.example/')) return { status: 200, body: JSON.stringify({ token: `t${given += 1}`, expires_in: 300 }) };
    const isLost = method === 'PATCH' && refusals-- > 0;
    return headers['Authorization'] === undefined || isLost ? { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://auth.example/token",service="s.example"' } } : undefined;
  });
  await push('s.example/to/there', PASSWORD);
  assert.equal([...blobs.keys()].filter((path) => path.startsWith('/v2/to/there/')).length, 3);
  assert.equal(asked('PATCH').length, 2 + 2);
});
