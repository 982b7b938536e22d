import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { openDisk } from '#image/blob/edge/open-disk.ts';
import { type Answer, ask, codeOf, conformanceRegistry, digestOf, INDEX, manifestOf, nothingFailed, OCI, pathOf, pushBlob, pushImage, pushManifest, registry } from './_conformance-registry.ts';

// Content discovery and management of the OCI distribution spec 1.1, in its order, each as a request and what must come back.

conformanceRegistry(openDisk, new SystemHasher());

describe('content discovery', () => {
  const name = 'many/tags';
  const tags = ['a', 'b', 'c1', 'c2', 'latest', 'v1.0', 'v1.1'];
  before(async () => {
    const { manifest } = await pushImage(name, 'a', 'tags');
    for (const tag of tags) await pushManifest(name, tag, manifest);
  });
  const list = async (query: string): Promise<{ tags: string[]; link: string | undefined }> => {
    const answer = await ask('GET', `/v2/${name}/tags/list${query}`);
    assert.equal(answer.status, 200);
    return { tags: (JSON.parse(answer.body.toString()) as { tags: string[] }).tags, link: answer.headers.link as string | undefined };
  };

  test('end-8a: all tags, sorted', async () => {
    assert.deepEqual(await list(''), { tags, link: undefined });
    const unknown = await ask('GET', '/v2/never/pushed/tags/list');
    assert.deepEqual([unknown.status, codeOf(unknown)], [404, 'NAME_UNKNOWN']);
  });

  test('end-8b: page by page, with a link to the next', async () => {
    assert.deepEqual(await list('?n=3'), { tags: tags.slice(0, 3), link: `</v2/${name}/tags/list?last=c1&n=3>; rel="next"` });
    assert.deepEqual(await list('?n=3&last=c1'), { tags: tags.slice(3, 6), link: `</v2/${name}/tags/list?last=v1.0&n=3>; rel="next"` });
    assert.deepEqual(await list('?n=3&last=v1.0'), { tags: tags.slice(6), link: undefined });
    assert.deepEqual(await list('?last=bb'), { tags: tags.slice(2), link: undefined });
    assert.deepEqual(await list('?n=0'), { tags: [], link: undefined });
    assert.deepEqual(await list('?n=7'), { tags, link: undefined });
    assert.ok([400, 405].includes((await ask('GET', `/v2/${name}/tags/list?n=x`)).status));
  });

  test('the catalogue, page by page', async () => {
    for (const name of ['catalogue/one', 'catalogue/two', 'catalogue/three']) await pushImage(name, 'v1', 'listed');
    const answer = await ask('GET', '/v2/_catalog?n=2');
    assert.equal((JSON.parse(answer.body.toString()) as { repositories: string[] }).repositories.length, 2);
    assert.match(answer.headers.link as string, /^<\/v2\/_catalog\?last=.*&n=2>; rel="next"$/);
  });

  test('end-12: referrers, also of what is not there, and by type', async () => {
    const subject = await pushImage('refer/to', 'v1', 'subject');
    const about = { subject: { mediaType: OCI, digest: subject.digest, size: subject.manifest.length } };
    await pushBlob('refer/to', 'config sbom');
    await pushBlob('refer/to', 'layer sbom');
    const sbom = manifestOf('config sbom', 'layer sbom', { ...about, artifactType: 'application/sbom', annotations: { made: 'here' } });
    const put = await pushManifest('refer/to', digestOf(sbom), sbom);
    assert.deepEqual([put.status, put.headers['oci-subject']], [201, subject.digest]);
    const plain = manifestOf('config sbom', 'layer sbom', about);
    await pushManifest('refer/to', digestOf(plain), plain);
    const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [], artifactType: 'application/list', ...about });
    await pushManifest('refer/to', digestOf(index), index, INDEX);
    const referrers = async (digest: string, query = ''): Promise<{ manifests: Record<string, unknown>[]; headers: Answer['headers'] }> => {
      const answer = await ask('GET', `/v2/refer/to/referrers/${digest}${query}`);
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, INDEX]);
      return { manifests: (JSON.parse(answer.body.toString()) as { manifests: Record<string, unknown>[] }).manifests, headers: answer.headers };
    };
    const all = await referrers(subject.digest);
    assert.deepEqual(all.manifests.map(({ artifactType }) => artifactType).sort(), ['application/list', 'application/sbom', 'application/vnd.oci.image.config.v1+json']);
    const filtered = await referrers(subject.digest, '?artifactType=application/sbom');
    assert.deepEqual(filtered.manifests, [{ mediaType: OCI, digest: digestOf(sbom), size: sbom.length, artifactType: 'application/sbom', annotations: { made: 'here' } }]);
    assert.equal(filtered.headers['oci-filters-applied'], 'artifactType');
    assert.deepEqual((await referrers(digestOf('nobody'))).manifests, []);
    assert.equal((await ask('GET', '/v2/refer/to/referrers/sha256:short')).status, 400);
    assert.equal((await ask('DELETE', `/v2/refer/to/manifests/${digestOf(sbom)}`)).status, 202);
    assert.equal((await referrers(subject.digest)).manifests.length, 2);
  });

  test('end-12: the subject may come after what refers to it', async () => {
    await pushBlob('refer/to', 'config late');
    await pushBlob('refer/to', 'layer late');
    const late = manifestOf('config late', 'layer late');
    const early = manifestOf('config late', 'layer late', { subject: { mediaType: OCI, digest: digestOf(late), size: late.length }, artifactType: 'application/early' });
    assert.equal((await pushManifest('refer/to', digestOf(early), early)).status, 201);
    await pushManifest('refer/to', 'late', late);
    const answer = await ask('GET', `/v2/refer/to/referrers/${digestOf(late)}`);
    assert.equal((JSON.parse(answer.body.toString()) as { manifests: unknown[] }).manifests.length, 1);
  });
});

describe('content management', () => {
  test('end-9: a tag goes alone; a manifest with its tags', async () => {
    const { manifest, digest } = await pushImage('delete/it', 'one', 'gone');
    await pushManifest('delete/it', 'two', manifest);
    assert.equal((await ask('DELETE', '/v2/delete/it/manifests/one')).status, 202);
    assert.deepEqual([(await ask('HEAD', '/v2/delete/it/manifests/one')).status, (await ask('HEAD', '/v2/delete/it/manifests/two')).status], [404, 200]);
    assert.equal((await ask('DELETE', `/v2/delete/it/manifests/${digest}`)).status, 202);
    for (const reference of ['two', digest]) assert.equal((await ask('GET', `/v2/delete/it/manifests/${reference}`)).status, 404);
    for (const reference of ['two', digest]) assert.equal((await ask('DELETE', `/v2/delete/it/manifests/${reference}`)).status, 404);
    assert.deepEqual(JSON.parse((await ask('GET', '/v2/delete/it/tags/list')).body.toString()), { name: 'delete/it', tags: [] });
  });

  test('end-10: a blob goes from its repository only', async () => {
    const digest = await pushBlob('delete/blob', 'shared');
    await pushBlob('keep/blob', 'shared');
    assert.equal((await ask('DELETE', `/v2/delete/blob/blobs/${digest}`)).status, 202);
    assert.deepEqual([(await ask('GET', `/v2/delete/blob/blobs/${digest}`)).status, (await ask('GET', `/v2/keep/blob/blobs/${digest}`)).status], [404, 200]);
    assert.equal((await ask('DELETE', `/v2/delete/blob/blobs/${digest}`)).status, 404);
  });

  test('a collection takes what no manifest needs, after its grace, and nothing else', async () => {
    const { digest } = await pushImage('collect/it', 'v1', 'needed');
    const orphan = await pushBlob('collect/it', 'orphan');
    const begun = await ask('POST', '/v2/collect/it/blobs/uploads/', { body: '' });
    assert.equal(await registry.content.collect(Date.now(), 3_600_000), 0);
    assert.equal((await ask('HEAD', `/v2/collect/it/blobs/${orphan}`)).status, 200);
    assert.ok(await registry.content.collect(Date.now() + 7_200_000, 3_600_000) >= 'orphan'.length);
    assert.equal((await ask('HEAD', `/v2/collect/it/blobs/${orphan}`)).status, 404);
    assert.equal((await ask('GET', pathOf(begun))).status, 404);
    for (const blob of ['config needed', 'layer needed']) assert.equal((await ask('GET', `/v2/collect/it/blobs/${digestOf(blob)}`)).body.toString(), blob);
    assert.equal((await ask('HEAD', `/v2/collect/it/manifests/${digest}`)).status, 200);
    assert.equal((await ask('HEAD', '/v2/collect/it/manifests/v1')).status, 200);
  });
});

test('a read-only registry answers reads, and every write with 405', async () => {
  const { digest } = await pushImage('read/only', 'v1', 'fixed');
  assert.equal((await ask('GET', '/v2/read/only/manifests/v1', { on: registry.readOnlyPort })).status, 200);
  const writes: [method: string, path: string][] = [
    ['POST', '/v2/read/only/blobs/uploads/'], ['PUT', '/v2/read/only/manifests/v2'], ['DELETE', `/v2/read/only/manifests/${digest}`], ['DELETE', `/v2/read/only/blobs/${digestOf('layer fixed')}`],
  ];
  for (const [method, path] of writes) {
    const answer = await ask(method, path, { on: registry.readOnlyPort, body: 'x' });
    assert.deepEqual([answer.status, codeOf(answer)], [405, 'UNSUPPORTED'], `${method} ${path}`);
  }
});

test('methods that mean nothing, and paths that are none', async () => {
  assert.equal((await ask('POST', '/v2/a/tags/list', { body: '' })).status, 405);
  assert.equal((await ask('PATCH', '/v2/a/manifests/x', { body: '' })).status, 405);
  for (const path of ['/', '/v1/', '/v2/a', '/v2/a/other/b', '/v2/%zz/tags/list']) assert.ok([400, 404].includes((await ask('GET', path)).status), path);
});

test('metrics tell what was done', async () => {
  const text = (await ask('GET', '/metrics')).body.toString();
  assert.match(text, /^gantry_registry_requests_total\{method="GET",code="200"\} \d+$/m);
  assert.match(text, /^# TYPE gantry_registry_sent_bytes_total counter$/m);
});

nothingFailed();
