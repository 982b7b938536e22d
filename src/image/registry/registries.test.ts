import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isKind, type ErrorKind } from '#base/error.ts';
import { RushingClock } from '#base/rushing-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { parseReference } from '#image/oci/reference.ts';
import { NO_CREDENTIALS, type Credentials } from './credentials.ts';
import { readBytes } from './read-text.ts';
import { Registries } from './registries.ts';
import { DEFAULT_REGISTRY_CONFIG, parseMirror, type RegistryConfig } from './registry-config.ts';
import { locate, resolveImage } from './resolve.ts';
import { ScriptedTransport, type Script, type Scripted } from './scripted-transport.ts';

const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };
const digestOf = (text: string | Uint8Array): Digest => digestOfHex(hasher.sha256(Buffer.from(text)));
const password: Credentials = { kind: 'password', username: 'me', password: 'secret' };
const BASIC = `Basic ${Buffer.from('me:secret').toString('base64')}`;

function world(script: Script, config: Partial<RegistryConfig> = {}) {
  const transport = new ScriptedTransport(script);
  const clock = new RushingClock();
  const registries = new Registries({ transport, clock, timers: clock, random: new SeededRandom(1), hasher }, { ...DEFAULT_REGISTRY_CONFIG, ...config });
  return { transport, clock, registries, client: (name: string, credentials: Credentials = NO_CREDENTIALS) => registries.target(parseReference(name), credentials) };
}

const fails = (kind: ErrorKind, words: RegExp) => (error: unknown): boolean => {
  assert.ok(isKind(error, kind), `expected ${kind}: ${String(error)}`);
  assert.match((error as Error).message, words);
  return true;
};

const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf('c'), size: 1 }, layers: [] });
const found: Scripted = { status: 200, headers: { 'docker-content-digest': digestOf(manifest), 'content-length': String(manifest.length), 'content-type': MEDIA_TYPE.ociManifest } };

test('what is there is known after one HEAD', async () => {
  const { transport, client } = world(() => found);
  assert.equal((await client('r.example/a:1').head('1'))?.digest, digestOf(manifest));
  assert.deepEqual(transport.asked, ['HEAD https://r.example/v2/a/manifests/1']);
});

test('basic credentials go when they are asked for, and from then on at once', async () => {
  const { transport, client } = world(({ headers }) => (headers['Authorization'] === BASIC ? found : { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }));
  const repository = client('r.example/a:1', password);
  await repository.head('1');
  await repository.head('2');
  assert.deepEqual(transport.seen.map(({ headers }) => headers['Authorization']), [undefined, BASIC, BASIC]);
  await assert.rejects(client('r.example/a:1').head('1'), fails('forbidden', /no basic auth credentials/));
});

test('a token is fetched for the scope, kept while it is good, and fetched again when it is not', async () => {
  let tokens = 0;
  const { transport, clock, client } = world(({ url, headers }) => {
    if (url.startsWith('https://auth.example/token')) return { status: 200, body: JSON.stringify({ token: `t${tokens += 1}`, expires_in: 100 }) };
    return headers['Authorization'] === `Bearer t${tokens}` && tokens > 0 ? found : { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://auth.example/token",service="s",scope="repository:a:pull"' } };
  });
  const repository = client('r.example/a:1', password);
  await repository.head('1');
  await repository.head('1');
  clock.advance(96_000);
  await repository.head('1');
  assert.deepEqual(transport.asked.filter((line) => line.includes('auth.')), Array.from({ length: 2 }, () => 'GET https://auth.example/token?service=s&scope=repository%3Aa%3Apull&account=me'));
  assert.deepEqual(transport.seen.filter(({ url }) => url.includes('auth.')).map(({ headers }) => headers['Authorization']), [BASIC, BASIC]);
  assert.deepEqual(transport.seen.filter(({ url }) => !url.includes('auth.')).map(({ headers }) => headers['Authorization']).includes(BASIC), false);
});

test('what a token server says is said once, in words that clients know', async () => {
  const told = async (status: number, body: string): Promise<string> => {
    const { client } = world(({ url }) => (url.includes('/token') ? { status, body } : { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://auth.example/token"' } }));
    return client('r.example/a:1').head('1').then(() => '', (error: unknown) => (isKind(error, 'unauthorized') ? error.message : String(error)));
  };
  const fault = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });
  assert.equal(await told(401, fault('UNAUTHORIZED', 'incorrect username or password')), 'unauthorized: incorrect username or password');
  assert.equal(await told(403, fault('DENIED', 'access to the resource is denied')), 'denied: access to the resource is denied');
  assert.equal(await told(401, 'no'), 'unauthorized: unexpected status from auth.example: 401: no');
});

test('an identity token is posted, and never sent as a password', async () => {
  const { transport, client } = world(({ url, headers }, body) => {
    if (url === 'https://auth.example/t') {
      assert.match(body, /^grant_type=refresh_token&service=s&client_id=gantry&scope=repository%3Aa%3Apull&refresh_token=refresh$/);
      return { status: 200, body: '{"access_token":"x"}' };
    }
    return headers['Authorization'] === 'Bearer x' ? found : { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://auth.example/t",service="s"' } };
  });
  await client('r.example/a:1', { kind: 'identity-token', token: 'refresh' }).head('1');
  assert.deepEqual(transport.seen.map(({ method }) => method), ['HEAD', 'POST', 'HEAD']);
});

// S-205: what a hostile registry may try with the credentials that it is shown.
const REALMS: [realm: string, words: RegExp][] = [
  ['http://auth.example/token', /unencrypted/],
  ['http://127.0.0.1:9/token', /unencrypted/],
  ['ftp://r.example/token', /refused/],
  ['https://me:pw@auth.example/', /credentials of its own/],
  ['not a url', /no URL/],
  ['', /no URL/],
];
for (const [realm, words] of REALMS) {
  test(`S-205: no credentials go to the realm ${JSON.stringify(realm)}`, async () => {
    const { transport, client } = world(() => ({ status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"` } }));
    await assert.rejects(client('r.example/a:1', password).head('1'), (error) => isKind(error, 'forbidden', 'invalid') && words.test(error.message));
    assert.equal(transport.seen.length, 1);
  });
}

test('S-205: a realm elsewhere may be at a public address only, the registry\'s own host anywhere, and so may hosts that are trusted', async () => {
  const script: Script = ({ url, headers }) => (url.includes('/token') ? { status: 200, body: '{"token":"x"}' } : headers['Authorization'] === 'Bearer x' ? found
    : { status: 401, headers: { 'www-authenticate': `Bearer realm="https://${new URL(url).host === 'r.example' ? 'auth.example' : 'r.internal'}/token"` } });
  const reachOf = async (name: string, config: Partial<RegistryConfig> = {}): Promise<unknown> => {
    const { transport, client } = world(script, config);
    await client(name, password).head('1');
    return transport.seen.find(({ url }) => url.includes('/token'))?.reach;
  };
  assert.deepEqual(await reachOf('r.example/a'), { kind: 'public', besides: 'r.example' });
  assert.deepEqual(await reachOf('r.internal:5000/a'), { kind: 'any' });
  assert.deepEqual(await reachOf('r.example/a', { trustedHosts: ['auth.example'] }), { kind: 'any' });
});

test('S-205: a redirect takes no credentials along, also not back again', async () => {
  const content = 'layer';
  const { transport, client } = world(({ url, headers }) => {
    if (url === 'https://cdn.example/1') return { status: 307, headers: { location: 'https://r.example/v2/a/last' } };
    if (url.endsWith('/last')) return { status: 200, body: content };
    if (headers['Authorization'] === undefined) return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
    return { status: 307, headers: { location: 'https://cdn.example/1' } };
  });
  const bytes = await readBytes({ body: client('r.example/a:1', password).blob({ digest: digestOf(content), size: content.length }) }, 100);
  assert.equal(Buffer.from(bytes).toString(), content);
  assert.deepEqual(transport.seen.map(({ url, headers }) => [new URL(url).host, headers['Authorization']]), [
    ['r.example', undefined], ['r.example', BASIC], ['cdn.example', undefined], ['r.example', undefined],
  ]);
  assert.deepEqual(transport.seen[2]?.reach, { kind: 'public', besides: 'r.example' });
});

test('S-205: redirects to plain HTTP, and without end, are refused', async () => {
  const blob = { digest: digestOf(''), size: 1 };
  await assert.rejects(readBytes({ body: world(() => ({ status: 302, headers: { location: 'http://r.example/x' } })).client('r.example/a').blob(blob) }, 1), fails('forbidden', /redirects from https/));
  await assert.rejects(readBytes({ body: world(() => ({ status: 302, headers: { location: '/again' } })).client('r.example/a').blob(blob) }, 1), fails('invalid', /more than 5 times/));
});

test('S-205: an upload that the registry sends elsewhere goes without credentials', async () => {
  const { transport, client } = world(({ method, url, headers }) => {
    if (headers['Authorization'] === undefined && new URL(url).host === 'r.example') return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
    if (method === 'POST') return { status: 202, headers: { location: 'https://other.example/upload/1?state=x' } };
    return { status: 201 };
  });
  await client('r.example/a', password).uploadBytes(Buffer.from('x'), digestOf('x'));
  const put = transport.seen.find(({ method }) => method === 'PUT');
  assert.deepEqual([put?.url, put?.headers['Authorization'], put?.reach.kind], [`https://other.example/upload/1?state=x&digest=${encodeURIComponent(digestOf('x'))}`, undefined, 'public']);
});

test('S-205: a mirror sees no credentials, and is passed over where it fails', async () => {
  const { transport, registries } = world(({ url }) => (url.includes('mirror') ? { status: 500 } : found), { mirrors: [parseMirror('docker.io=https://mirror.example/hub')] });
  const reference = parseReference('nginx:1');
  const { client } = await locate(registries.sources(reference, { kind: 'registry-token', token: 'x' }), reference);
  assert.equal(client.session.endpoint.host, 'registry-1.docker.io');
  assert.equal(transport.asked[0], 'HEAD https://mirror.example/v2/hub/library/nginx/manifests/1');
  assert.equal(transport.seen.some(({ url, headers }) => url.includes('mirror') && headers['Authorization'] !== undefined), false);
});

test('blocked prefixes are asked nothing, also not for a push or a login, nor by way of a mirror', async () => {
  const { transport, registries } = world(() => found, { blocked: ['docker.io/library', 'bad.example'], mirrors: [parseMirror('bad.example=https://mirror.example')] });
  for (const name of ['nginx', 'bad.example/a/b']) {
    for (const way of ['sources', 'target'] as const) assert.throws(() => registries[way](parseReference(name), NO_CREDENTIALS), fails('forbidden', /blocked/));
  }
  await assert.rejects(registries.login('bad.example', password), fails('forbidden', /blocked/));
  assert.deepEqual(transport.seen, []);
  for (const name of ['org/nginx', 'bad.example.org/a', 'docker.io/library2/x']) assert.equal(registries.sources(parseReference(name), NO_CREDENTIALS).length, 1, name);
});

test('mirrors by prefix: the longest first, its place instead of the prefix, the registry itself last and alone for a push', async () => {
  const { registries } = world(() => found, { mirrors: ['https://hub.example', 'ghcr.io=https://a.example/all', 'ghcr.io/org=https://b.example/cache'].map(parseMirror) });
  const places = (name: string): string[] => registries.sources(parseReference(name), NO_CREDENTIALS).map(({ session: { endpoint } }) => `${endpoint.host} ${endpoint.repository}`);
  assert.deepEqual(places('ghcr.io/org/app:1'), ['b.example cache/app', 'a.example all/org/app', 'ghcr.io org/app']);
  assert.deepEqual(places('ghcr.io/organ/app'), ['a.example all/organ/app', 'ghcr.io organ/app']);
  assert.deepEqual(places('nginx'), ['hub.example library/nginx', 'registry-1.docker.io library/nginx']);
  assert.deepEqual(places('quay.io/x'), ['quay.io x']);
  assert.equal(registries.target(parseReference('ghcr.io/org/app'), NO_CREDENTIALS).session.endpoint.host, 'ghcr.io');
  for (const text of ['ghcr.io', 'x=ftp://a', 'https://me:pw@a.example', 'a b=https://c', 'https://a.example/?x']) assert.throws(() => parseMirror(text), fails('invalid', /no mirror/));
});

test('plain HTTP for loopback and where configured, after TLS was tried; the way that worked is kept', async () => {
  const script: Script = ({ url }) => (url.startsWith('https:') ? { kind: 'failure', failure: 'not-tls', message: 'no TLS' } : found);
  const { transport, client } = world(script, { insecure: ['10.1.0.0/16', 'plain.example'] });
  for (const name of ['127.0.0.9:5000/a', 'localhost:5000/a', '10.1.2.3/a', 'plain.example:80/a']) await client(name).head('1');
  await client('127.0.0.9:5000/b').head('1');
  assert.deepEqual(transport.asked.filter((line) => line.includes('127.0.0.9')), ['HEAD https://127.0.0.9:5000/v2/a/manifests/1', 'HEAD http://127.0.0.9:5000/v2/a/manifests/1', 'HEAD http://127.0.0.9:5000/v2/b/manifests/1']);
  await assert.rejects(client('10.2.0.1/a').head('1'), fails('unavailable', /no TLS/));
});

test('429 and 5xx are tried again with growing delays, as the registry asks for, and not for ever', async () => {
  let answers: Scripted[] = [{ status: 503 }, { status: 429, headers: { 'retry-after': '7' } }, found];
  const { clock, client } = world(() => answers.shift() ?? { status: 500 });
  await client('r.example/a').head('1');
  assert.ok(clock.delays[0]! >= 125 && clock.delays[0]! <= 250, String(clock.delays));
  assert.equal(clock.delays[1], 7000);
  answers = [];
  await assert.rejects(client('r.example/a').head('1'), fails('unavailable', /500/));
  assert.equal(clock.delays.length, 2 + 4);
});

const content = 'abcdefghij'.repeat(100);
const blob = { digest: digestOf(content), size: content.length };

test('S-201: a blob that breaks off goes on where it broke, by Range or from the start', async () => {
  for (const ranges of [true, false]) {
    let cuts = 3;
    const { transport, client } = world(({ headers }) => {
      const from = ranges ? Number(/\d+/.exec(headers['Range'] ?? '0')?.[0]) : 0;
      const rest = content.slice(from);
      return { status: from === 0 ? 200 : 206, headers: from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }, body: rest, ...(cuts-- > 0 ? { cut: 300 } : {}) };
    });
    const body = client('r.example/a').blob(blob);
    if (ranges) assert.equal(Buffer.from(await readBytes({ body }, 2000)).toString(), content);
    else assert.equal((await readBytes({ body }, 2000)).length, content.length);
    assert.equal(transport.seen[1]?.headers['Range'], 'bytes=300-');
  }
});

test('a blob that the registry refuses to begin with is asked for as often as anything else', async () => {
  for (const answer of [{ status: 503 }, { kind: 'failure', failure: 'broken', message: 'reset' }] as const) {
    const { transport, client } = world(() => answer);
    await assert.rejects(readBytes({ body: client('r.example/a').blob(blob) }, 5000), fails('unavailable', /503|reset/));
    assert.equal(transport.asked.length, 5);
  }
});

test('S-201: short, long and misplaced bodies are refused', async () => {
  const read = (script: Script) => readBytes({ body: world(script).client('r.example/a').blob(blob) }, 5000);
  await assert.rejects(read(() => ({ status: 200, body: content.slice(1) })), fails('unavailable', /ended after 999 bytes, expected 1000/));
  await assert.rejects(read(() => ({ status: 200, body: `${content}x` })), fails('invalid', /longer than the 1000 bytes/));
  await assert.rejects(read(({ headers }) => (headers['Range'] === undefined ? { status: 200, body: content, cut: 10 } : { status: 206, headers: { 'content-range': 'bytes 500-999/1000' }, body: content.slice(500) })), fails('invalid', /another part/));
  await assert.rejects(read(() => ({ status: 404, body: '{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}' })), fails('not-found', /^blob unknown: blob unknown to registry$/));
});

test('S-201: a manifest or config with one flipped byte is refused', async () => {
  const { client } = world(() => ({ status: 200, headers: { 'content-type': MEDIA_TYPE.ociManifest }, body: manifest.replace('"size":1', '"size":2') }));
  await assert.rejects(client('r.example/a').manifest(digestOf(manifest)), fails('invalid', /verification failed for digest/));
  await assert.rejects(client('r.example/a').smallBlob({ digest: digestOf('c'), size: manifest.length }, 4096), fails('invalid', /does not match its digest/));
});

test('S-203: no request is made for a digest that is none', async () => {
  const { transport } = world(() => found);
  for (const digest of ['sha256:../../x', 'sha256:', `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(63)}`, `md5:${'a'.repeat(32)}`, `sha256:${'a'.repeat(10_000_000)}`]) {
    assert.throws(() => parseReference(`r.example/a@${digest}`), fails('invalid', /invalid|unsupported/));
  }
  assert.equal(transport.seen.length, 0);
});

/** Serves documents by digest, the last one under the tag 1. */
function serving(...documents: { readonly text: string; readonly type: string }[]) {
  return world(({ url }) => {
    const wanted = url.slice(url.lastIndexOf('/') + 1);
    const document = wanted === '1' ? documents.at(-1) : documents.find(({ text }) => digestOf(text) === wanted);
    return document === undefined ? { status: 404 } : { status: 200, headers: { 'content-type': document.type, 'docker-content-digest': digestOf(document.text), 'content-length': String(document.text.length) }, body: document.text };
  });
}
const descriptor = (text: string, type: string, more: object = {}) => ({ mediaType: type, digest: digestOf(text), size: text.length, ...more });
const linux = { os: 'linux', architecture: 'amd64' };
async function resolve(...documents: { readonly text: string; readonly type: string }[]) {
  const reference = parseReference('r.example/a:1');
  const { registries } = serving(...documents);
  return resolveImage(await locate(registries.sources(reference, NO_CREDENTIALS), reference), linux);
}
const index = (...manifests: object[]): { text: string; type: string } => ({ type: MEDIA_TYPE.ociIndex, text: JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests }) });

test('an index leads to the manifest of the platform, past attestations', async () => {
  const config = JSON.stringify({ ...linux, rootfs: { type: 'layers', diff_ids: [] } });
  const image = { type: MEDIA_TYPE.ociManifest, text: JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: descriptor(config, MEDIA_TYPE.ociConfig), layers: [] }) };
  const statement = { type: MEDIA_TYPE.ociManifest, text: JSON.stringify({
    schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: descriptor('c', MEDIA_TYPE.ociConfig),
    layers: [descriptor('s', 'application/vnd.in-toto+json', { annotations: { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' } })],
  }) };
  const about = { platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digestOf(image.text) } };
  const top = index(descriptor(statement.text, statement.type, about), descriptor('gone', MEDIA_TYPE.ociManifest, about), descriptor(image.text, image.type, { platform: linux }));
  const resolved = await resolve({ text: config, type: MEDIA_TYPE.ociConfig }, image, statement, top);
  assert.deepEqual(resolved.attestations, [{ digest: digestOf(statement.text), predicateTypes: ['https://spdx.dev/Document'] }]);
  assert.deepEqual(resolved.documents.map(({ digest }) => digest), [digestOf(top.text), digestOf(image.text)]);
});

test('S-204: documents with two meanings, indexes in indexes, and old schemas are refused', async () => {
  const both = { type: MEDIA_TYPE.ociManifest, text: JSON.stringify({ schemaVersion: 2, config: descriptor('c', MEDIA_TYPE.ociConfig), layers: [], manifests: [] }) };
  await assert.rejects(resolve(both), fails('invalid', /ambiguous/));
  await assert.rejects(resolve({ ...index(), type: MEDIA_TYPE.ociManifest }), fails('invalid', /says it is/));
  await assert.rejects(resolve({ type: MEDIA_TYPE.ociManifest, text: manifest.replace('{', '{"layers":[],') }), fails('invalid', /twice/));
  await assert.rejects(resolve({ type: 'application/vnd.docker.distribution.manifest.v1+prettyjws', text: '{"schemaVersion":1,"fsLayers":[]}' }), fails('invalid', /schema 1/));
  let nested = index();
  for (let depth = 0; depth < 100; depth += 1) nested = index(descriptor(nested.text, nested.type, { platform: linux }));
  await assert.rejects(resolve(nested), fails('not-found', /no matching manifest/));
  const inner = index();
  const liar = index(descriptor(inner.text, MEDIA_TYPE.ociManifest, { platform: linux }));
  await assert.rejects(resolve(inner, liar), fails('invalid', /says it is/));
});

test('S-205: foreign layer URLs are never followed', async () => {
  const config = JSON.stringify({ ...linux, rootfs: { type: 'layers', diff_ids: [digestOf('l')] } });
  const image = { type: MEDIA_TYPE.dockerManifest, text: JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.dockerManifest, config: descriptor(config, MEDIA_TYPE.dockerConfig),
    layers: [descriptor('l', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', { urls: ['https://evil.example/l'] })] }) };
  const { transport, registries } = serving({ text: config, type: MEDIA_TYPE.dockerConfig }, { text: 'l', type: '' }, image);
  const reference = parseReference('r.example/a:1');
  const located = await locate(registries.sources(reference, NO_CREDENTIALS), reference);
  const { manifest: { layers } } = await resolveImage(located, linux);
  await readBytes({ body: located.client.blob(layers[0]!) }, 10);
  assert.deepEqual([...new Set(transport.seen.map(({ url }) => new URL(url).host))], ['r.example']);
});

test('a name that can be no host is refused before anything is asked', async () => {
  const { transport, client, registries } = world(() => found);
  for (const host of ['256.0.0.1', '1.2.3.4.5', 'r.example:99999']) {
    assert.throws(() => client(`${host}/a:1`), fails('invalid', /^"[^"]+" is no host: /), host);
    await assert.rejects(registries.login(host, password), fails('invalid', /is no host/), host);
  }
  assert.deepEqual(transport.asked, []);
});
