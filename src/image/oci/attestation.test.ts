import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { planIndex, planSave } from './archive-save.ts';
import { attest } from './attestation.ts';
import { digestOfHex, type Digest } from './digest.ts';
import { parseImageDocument } from './image-document.ts';

const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };
const platform = { os: 'linux', architecture: 'amd64' };
const predicates = [{ type: 'https://spdx.dev/Document', value: { a: 1 } }];

test('statements lie in a manifest of no platform that names the image', () => {
  const manifest = { digest: digestOfHex('a'.repeat(64)), size: 7, mediaType: 'application/vnd.oci.image.manifest.v1+json' };
  const { blobs, manifest: statements, index } = attest({ manifest, platform, names: ['docker.io/library/app:1'], predicates }, hasher);
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
  assert.deepEqual(JSON.parse(text(blobs[0]?.bytes)), {
    _type: 'https://in-toto.io/Statement/v0.1', predicateType: 'https://spdx.dev/Document', predicate: { a: 1 },
    subject: [{ name: 'pkg:docker/app@1?platform=linux%2Famd64', digest: { sha256: 'a'.repeat(64) } }],
  });
  const read = parseImageDocument(text(statements.bytes), statements.mediaType);
  assert.ok(read.kind === 'manifest');
  assert.deepEqual([read.manifest.config, ...read.manifest.layers].map(({ digest, size }) => [digest, size]), [...blobs].reverse().map(({ digest, bytes }) => [digest, bytes.length]));
  const whole = parseImageDocument(text(index.bytes), index.mediaType);
  assert.ok(whole.kind === 'index');
  assert.deepEqual(whole.index.manifests.map(({ digest, platform: of, annotations }) => [digest, of?.os, annotations?.['vnd.docker.reference.digest']]), [[manifest.digest, 'linux', undefined], [statements.digest, 'unknown', manifest.digest]]);
});

test('an archive names an image with statements by the index of both', () => {
  const image = { configBytes: new TextEncoder().encode('{}'), layers: [{ diffId: digestOfHex('b'.repeat(64)) as Digest, size: 512 }], tags: ['docker.io/library/app:1'] };
  const names = (members: ReturnType<typeof planSave>): string[] => members.map(({ entry }) => entry.name).filter((name) => name.startsWith('blobs/sha256/') && name.length > 20);
  const [plain, attested] = [planSave([image], hasher), planSave([{ ...image, attested: { platform, predicates } }], hasher)];
  assert.equal(names(attested).length - names(plain).length, 4, 'statement, its config, its manifest, and the index');
  const index = attested.find(({ entry }) => entry.name === 'index.json')?.content;
  assert.ok(index?.kind === 'bytes');
  assert.match(new TextDecoder().decode(index.bytes), /"mediaType":"application\/vnd\.oci\.image\.index\.v1\+json","digest"/);
});

test('an archive of several platforms has one index of all; of one without statements, its manifest', () => {
  const none = { manifest: {}, manifestDescriptor: {} };
  const of = (architecture: string, more: object = {}) => ({ configBytes: new TextEncoder().encode(`{"architecture":"${architecture}"}`), layers: [], platform: { os: 'linux', architecture }, predicates: [], annotations: none, ...more });
  const read = (plan: ReturnType<typeof planIndex>, name: string): { manifests: { digest: string; platform?: { architecture: string }; annotations?: Record<string, string> }[]; annotations?: object } => {
    const content = plan.members.find(({ entry }) => entry.name === name)?.content;
    assert.ok(content?.kind === 'bytes');
    return JSON.parse(new TextDecoder().decode(content.bytes)) as ReturnType<typeof read>;
  };
  const platforms = [of('amd64', { predicates, annotations: { manifest: { a: 'b' }, manifestDescriptor: { c: 'd' } } }), of('arm64')];
  const both = planIndex({ platforms, tags: ['docker.io/library/app:1'], annotations: { index: { e: 'f' }, indexDescriptor: { g: 'h' } } }, hasher);
  const [line] = read(both, 'index.json').manifests;
  assert.deepEqual([line?.digest, line?.annotations], [both.digest, { g: 'h', 'io.containerd.image.name': 'docker.io/library/app:1', 'org.opencontainers.image.ref.name': '1' }]);
  const index = read(both, `blobs/sha256/${both.digest.slice(7)}`);
  assert.deepEqual(index.annotations, { e: 'f' });
  assert.deepEqual(index.manifests.map((one) => one.platform?.architecture), ['amd64', 'unknown', 'arm64']);
  assert.deepEqual(index.manifests[0]?.annotations, { c: 'd' });
  assert.deepEqual(read(both, `blobs/sha256/${index.manifests[0]?.digest.slice(7)}`).annotations, { a: 'b' });
  const one = planIndex({ platforms: [of('arm64')], tags: [], annotations: { index: {}, indexDescriptor: {} } }, hasher);
  assert.deepEqual(read(one, 'index.json').manifests.map(({ digest, platform: on }) => [digest, on?.architecture]), [[one.digest, 'arm64']]);
  assert.deepEqual(Object.keys(read(one, `blobs/sha256/${one.digest.slice(7)}`)), ['schemaVersion', 'mediaType', 'config', 'layers']);
});
