import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { planLoad } from './archive-load.ts';
import type { Platform } from './platform.ts';
import { planSave } from './archive-save.ts';
import { digestOfHex, parseDigest } from './digest.ts';
import type { ArchiveMember, LoadedImage } from './load-plan.ts';
import { MEDIA_TYPE } from './media-type.ts';

const hasher = { sha256: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex') };
const diffIds = ['1', '2'].map((digit) => parseDigest(`sha256:${digit.repeat(64)}`));
const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } }));
const configDigest = digestOfHex(hasher.sha256(config));

type Files = Record<string, string | Buffer | Partial<ArchiveMember>>;

function load(files: Files, platform?: Platform): { images: readonly LoadedImage[]; asked: string[] } {
  const members = Object.entries(files).map(([name, file]): ArchiveMember => ({
    name, type: 'file', linkName: '', size: typeof file === 'string' || Buffer.isBuffer(file) ? Buffer.byteLength(file) : 0,
    ...(typeof file === 'string' || Buffer.isBuffer(file) ? {} : file),
  }));
  const documents = new Map<string, Uint8Array>();
  for (;;) {
    const plan = planLoad({ members, documents, hasher, ...(platform === undefined ? {} : { platform }) });
    if (plan.kind === 'plan') return { images: plan.images, asked: [...documents.keys()] };
    for (const name of plan.documents) {
      assert.equal(documents.has(name), false, `${name} was asked for twice`);
      documents.set(name, Buffer.from(files[name] as string));
    }
  }
}

function refuses(files: Files, message: RegExp): void {
  assert.throws(() => load(files), (error) => isKind(error, 'invalid', 'too-large') && message.test(error.message));
}

const docker = (item: object): string => JSON.stringify([{ Config: 'c.json', RepoTags: ['x:1'], Layers: ['a/layer.tar', 'b/layer.tar'], ...item }]);
const proper: Files = { 'manifest.json': docker({}), 'c.json': config, 'a/layer.tar': 'A', 'b/layer.tar': 'B' };

test('an archive of docker save', () => {
  const { images, asked } = load(proper);
  assert.deepEqual(asked, ['manifest.json', 'c.json']);
  assert.deepEqual(images.map(({ id, tags, layers }) => ({ id, tags, layers })), [{
    id: configDigest, tags: ['docker.io/library/x:1'], layers: [{ member: 'a/layer.tar', diffId: diffIds[0] }, { member: 'b/layer.tar', diffId: diffIds[1] }],
  }]);
});

test('names with ./ in front, no tags, and a layer that is a link to another one', () => {
  const { images } = load({
    './manifest.json': docker({ RepoTags: null }), 'manifest.json': docker({ RepoTags: null }), 'c.json': config, 'a/layer.tar': 'A',
    'b/layer.tar': { type: 'symlink', linkName: '../a/layer.tar' },
  });
  assert.deepEqual(images[0]!.layers.map(({ member }) => member), ['a/layer.tar', 'a/layer.tar']);
  assert.deepEqual(images[0]!.tags, []);
});

test('S-206: names that lead out, links that do, things that are no files, and missing members', () => {
  refuses({ ...proper, 'manifest.json': docker({ Layers: ['../../etc/shadow', 'b/layer.tar'] }) }, /leads out/);
  refuses({ ...proper, 'manifest.json': docker({ Config: '/etc/passwd' }) }, /leads out/);
  refuses({ ...proper, 'manifest.json': docker({ Layers: ['a/../../x', 'b/layer.tar'] }) }, /leads out/);
  refuses({ ...proper, 'a/layer.tar': { type: 'symlink', linkName: '/etc/shadow' } }, /not a file/);
  refuses({ ...proper, 'a/layer.tar': { type: 'symlink', linkName: '../../b/layer.tar' } }, /not a file/);
  refuses({ ...proper, 'a/layer.tar': { type: 'symlink', linkName: 'layer.tar' } }, /not a file/);
  refuses({ ...proper, 'c.json': { type: 'fifo' } }, /not a file/);
  refuses({ ...proper, 'manifest.json': { type: 'symlink', linkName: 'c.json' } }, /not a list/);
  refuses({ ...proper, 'c.json': { size: 2 ** 30 } }, /1073741824 bytes/);
  refuses({ 'manifest.json': docker({}), 'c.json': config, 'a/layer.tar': 'A' }, /has no "b\/layer.tar"/);
  refuses({ ...proper, 'manifest.json': docker({ RepoTags: ['../x:1'] }) }, /invalid reference/);
  refuses({ ...proper, 'manifest.json': docker({ RepoTags: ['x:..'] }) }, /invalid reference/);
  refuses({ ...proper, 'manifest.json': docker({ Layers: ['a/layer.tar'] }) }, /layers length mismatch: expected 2, got 1/);
  refuses({ ...proper, 'manifest.json': '{}' }, /not a list/);
  refuses({ 'c.json': config }, /neither a manifest.json nor an index.json/);
});

function layout(change: { config?: Buffer; tag?: string; nested?: boolean } = {}): Files {
  const files: Files = { 'oci-layout': '{"imageLayoutVersion": "1.0.0"}' };
  const add = (bytes: Buffer, mediaType: string): object => {
    const digest = hasher.sha256(bytes);
    files[`blobs/sha256/${digest}`] = bytes;
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
  };
  const layers = ['A', 'B'].map((text) => add(Buffer.from(text), MEDIA_TYPE.ociLayerGzip));
  const manifest = add(Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: add(change.config ?? config, MEDIA_TYPE.ociConfig), layers,
  })), MEDIA_TYPE.ociManifest);
  const missing = { mediaType: MEDIA_TYPE.ociManifest, digest: `sha256:${'f'.repeat(64)}`, size: 5, platform: { os: 'linux', architecture: 'arm64' } };
  const top = change.nested === true
    ? add(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [{ ...manifest, platform: { os: 'linux', architecture: 'amd64' } }, missing] })), MEDIA_TYPE.ociIndex)
    : manifest;
  files['index.json'] = JSON.stringify({ schemaVersion: 2, manifests: [{ ...top, annotations: { 'org.opencontainers.image.ref.name': change.tag ?? 'r.io/x:1' } }] });
  return files;
}

test('an OCI layout, also with an index whose other platforms are not there', () => {
  for (const nested of [false, true]) {
    const { images } = load(layout({ nested }));
    assert.deepEqual(images.map(({ id, tags }) => ({ id, tags })), [{ id: configDigest, tags: ['r.io/x:1'] }]);
    assert.deepEqual(images[0]!.layers.map(({ diffId }) => diffId), diffIds);
  }
  assert.deepEqual(load(layout({ tag: 'latest' })).images[0]!.tags, []);
});

test('of an index with several platforms that are there, the one that is wanted, or all', () => {
  const ofPlatform = (architecture: string): { readonly files: Files; readonly line: object; readonly id: string } => {
    const configBytes = Buffer.from(config.toString().replace('amd64', architecture));
    const files = layout({ config: configBytes });
    const [line] = (JSON.parse(files['index.json'] as string) as { manifests: { digest: string; size: number }[] }).manifests;
    return { files, line: { mediaType: MEDIA_TYPE.ociManifest, digest: line?.digest, size: line?.size, platform: { os: 'linux', architecture } }, id: `sha256:${hasher.sha256(configBytes)}` };
  };
  const [one, two] = [ofPlatform('amd64'), ofPlatform('arm64')];
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [one.line, two.line] }));
  const digest = hasher.sha256(index);
  const files = {
    ...one.files, ...two.files, [`blobs/sha256/${digest}`]: index,
    'index.json': JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: MEDIA_TYPE.ociIndex, digest: `sha256:${digest}`, size: index.length, annotations: { 'org.opencontainers.image.ref.name': 'r.io/x:1' } }] }),
  };
  const ids = (platform?: Platform): string[] => load(files, platform).images.map(({ id }) => id);
  assert.deepEqual(ids({ os: 'linux', architecture: 'arm64' }), [two.id]);
  assert.deepEqual([ids(), ids({ os: 'linux', architecture: 's390x' })], [[one.id, two.id], [one.id, two.id]]);
});

test('an OCI layout with blobs that are not what they are called', () => {
  const files = layout();
  const name = `blobs/sha256/${configDigest.slice(7)}`;
  refuses({ ...files, [name]: Buffer.from(config.toString().replace('amd64', 'amd65')) }, /does not match its digest/);
  refuses({ ...files, [name]: 'short' }, /has 5 bytes/);
  refuses({ ...files, [`blobs/sha256/${hasher.sha256(Buffer.from('A'))}`]: 'AA' }, /has 2 bytes, expected 1/);
  refuses({ ...files, 'oci-layout': '{"imageLayoutVersion":"2.0.0"}' }, /unknown version/);
  refuses({ ...files, 'oci-layout': { type: 'directory' } }, /not a file/);
});

test('an index that lists itself cannot be built; one that nests too deep is refused', () => {
  const files: Files = { 'oci-layout': '{"imageLayoutVersion": "1.0.0"}' };
  let inner: object[] = [];
  for (let depth = 0; depth < 6; depth += 1) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: inner }));
    files[`blobs/sha256/${hasher.sha256(bytes)}`] = bytes;
    inner = [{ mediaType: MEDIA_TYPE.ociIndex, digest: `sha256:${hasher.sha256(bytes)}`, size: bytes.length }];
  }
  files['index.json'] = JSON.stringify({ schemaVersion: 2, manifests: inner });
  refuses(files, /more than 3 deep/);
});

test('what is saved can be loaded, in both formats', () => {
  const members = planSave([
    { configBytes: config, layers: diffIds.map((diffId) => ({ diffId, size: 7 })), tags: ['docker.io/library/x:1', 'r.io/y:2'] },
  ], hasher);
  const files: Files = Object.fromEntries(members.map(({ entry, content }) => [
    entry.name, content.kind === 'bytes' ? Buffer.from(content.bytes) : content.kind === 'layer' ? { size: entry.size } : { type: 'directory' as const },
  ]));
  assert.deepEqual(Object.keys(files).filter((name) => !name.startsWith('blobs/')), ['index.json', 'manifest.json', 'oci-layout', 'repositories']);
  const asDocker = load(files).images;
  assert.deepEqual(asDocker.map(({ id, tags }) => ({ id, tags })), [{ id: configDigest, tags: ['docker.io/library/x:1', 'r.io/y:2'] }]);
  assert.deepEqual(asDocker[0]!.layers.map(({ member }) => member), diffIds.map((diffId) => `blobs/sha256/${diffId.slice(7)}`));
  const { 'manifest.json': _, ...oci } = files;
  assert.deepEqual(load(oci).images.map(({ id, tags }) => ({ id, tags })), [
    { id: configDigest, tags: ['docker.io/library/x:1'] }, { id: configDigest, tags: ['r.io/y:2'] },
  ]);
});
