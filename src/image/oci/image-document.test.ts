import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { parseImageDocument } from './image-document.ts';
import { selectManifest } from './index.ts';
import { checkRunnable } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { formatPlatform, platformMatch } from './platform.ts';

const digest = `sha256:${'1'.repeat(64)}`;
const config = { mediaType: MEDIA_TYPE.ociConfig, digest, size: 10 };
const layer = { mediaType: MEDIA_TYPE.ociLayerGzip, digest, size: 20 };
const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [layer] };
const entry = (platform?: object): object => ({ mediaType: MEDIA_TYPE.ociManifest, digest, size: 1, ...(platform === undefined ? {} : { platform }) });
const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [entry({ os: 'linux', architecture: 'amd64' })] };

function refuses(document: object | string, message: RegExp, contentType?: string): void {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  assert.throws(() => parseImageDocument(text, contentType), (error) => isKind(error, 'invalid', 'too-large') && message.test(error.message));
}

test('manifests and indexes of both families', () => {
  const document = parseImageDocument(JSON.stringify(manifest), `${MEDIA_TYPE.ociManifest}; charset=utf-8`);
  assert.ok(document.kind === 'manifest');
  assert.deepEqual(document.manifest, { mediaType: MEDIA_TYPE.ociManifest, config, layers: [layer] });
  checkRunnable(document.manifest);
  const docker = { ...manifest, mediaType: MEDIA_TYPE.dockerManifest };
  assert.equal(parseImageDocument(JSON.stringify(docker), MEDIA_TYPE.dockerManifest).kind, 'manifest');
  assert.equal(parseImageDocument(JSON.stringify(index)).kind, 'index');
  assert.equal(parseImageDocument(JSON.stringify({ schemaVersion: 2, manifests: [] })).kind, 'index');
  assert.equal(parseImageDocument(JSON.stringify({ ...manifest, mediaType: null, annotations: null })).kind, 'manifest');
});

test('S-204: one document, one meaning', () => {
  refuses({ ...manifest, manifests: [] }, /ambiguous/);
  refuses({ ...index, layers: null }, /ambiguous/);
  refuses({ ...index, config }, /ambiguous/);
  refuses(manifest, /came as/, MEDIA_TYPE.dockerManifest);
  refuses(manifest, /came as/, MEDIA_TYPE.ociIndex);
  refuses({ ...manifest, mediaType: MEDIA_TYPE.ociIndex }, /fields of an image/);
  refuses({ ...index, mediaType: MEDIA_TYPE.ociManifest }, /fields of an index/);
  refuses({ ...manifest, mediaType: undefined }, /fields of an image/, MEDIA_TYPE.ociIndex);
  refuses({ ...manifest, mediaType: 'text/html' }, /has the type/);
  refuses(`{"schemaVersion":2,"config":${JSON.stringify(config)},"layers":[],"layers":[${JSON.stringify(layer)}]}`, /key "layers" twice/);
  refuses(`{"schemaVersion":2,"config":${JSON.stringify(config)},"layers":[],"l\\u0061yers":[]}`, /twice/);
  refuses({ ...manifest, Layers: [] }, /some readers take for "layers"/);
  refuses({ ...manifest, config: { ...config, Digest: digest } }, /some readers take for "digest"/);
});

test('schema 1 is refused', () => {
  refuses({ schemaVersion: 1, name: 'x', fsLayers: [] }, /schema 1/);
  refuses({ schemaVersion: 2, fsLayers: [] }, /schema 1/);
  refuses(manifest, /schema 1/, 'application/vnd.docker.distribution.manifest.v1+prettyjws');
});

test('malformed documents', () => {
  refuses('', /not JSON/);
  refuses('[]', /not an object/);
  refuses('null', /not an object/);
  refuses({ config, layers: [] }, /schema version none/);
  refuses({ schemaVersion: 2 }, /neither/);
  refuses({ ...manifest, layers: [{ ...layer, digest: 'sha256:../../x' }] }, /invalid digest/);
  refuses({ ...manifest, layers: [{ ...layer, size: -1 }] }, /layer 1 has a field "size"/);
  refuses({ ...manifest, layers: [{ ...layer, size: 2 ** 60 }] }, /"size"/);
  refuses({ ...manifest, layers: {} }, /"layers" that is not a list/);
  refuses({ ...manifest, layers: Array.from({ length: 501 }, () => layer) }, /501 layers/);
  refuses('['.repeat(100) + ']'.repeat(100), /nested/);
  refuses(' '.repeat(5 << 20), /more than/);
});

test('an artifact is no container image', () => {
  const document = parseImageDocument(JSON.stringify({ ...manifest, config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } }));
  assert.ok(document.kind === 'manifest');
  assert.throws(() => checkRunnable(document.manifest), /no container image/);
});

test('a platform as it is written', () => {
  const arm = { os: 'linux', architecture: 'arm64' };
  assert.deepEqual([formatPlatform(arm), formatPlatform({ ...arm, variant: '' }), formatPlatform({ ...arm, variant: 'v8' })], ['linux/arm64', 'linux/arm64', 'linux/arm64/v8']);
  assert.ok(platformMatch(arm, { ...arm, variant: '' }) > 0 && platformMatch({ os: 'linux', architecture: 'amd64', variant: '' }, { os: 'linux', architecture: 'amd64' }) > 0);
});

test('the manifest for a platform', () => {
  const select = (wanted: { os: string; architecture: string; variant?: string }, ...platforms: (object | undefined)[]): unknown => {
    const document = parseImageDocument(JSON.stringify({ ...index, manifests: platforms.map(entry) }));
    assert.ok(document.kind === 'index');
    return selectManifest(document.index, wanted).platform;
  };
  const amd64 = { os: 'linux', architecture: 'amd64' };
  const attestation = { os: 'unknown', architecture: 'unknown' };
  assert.deepEqual(select(amd64, attestation, { os: 'linux', architecture: 'arm64' }, amd64), amd64);
  assert.deepEqual(select({ os: 'linux', architecture: 'arm64' }, { os: 'linux', architecture: 'arm64', variant: 'v8' }), { os: 'linux', architecture: 'arm64', variant: 'v8' });
  assert.deepEqual(select({ os: 'linux', architecture: 'arm', variant: 'v7' },
    { os: 'linux', architecture: 'arm', variant: 'v5' }, { os: 'linux', architecture: 'arm', variant: 'v6' }, { os: 'linux', architecture: 'arm64' }), { os: 'linux', architecture: 'arm', variant: 'v6' });
  assert.deepEqual(select(amd64, { os: 'linux', architecture: 'amd64', variant: 'v3' }, amd64), amd64);
  assert.equal(select(amd64, undefined), undefined);
  assert.throws(() => select(amd64, attestation, { os: 'linux', architecture: 's390x' }), (error) => isKind(error, 'not-found') && /s390x/.test(error.hint ?? ''));
});
