import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { openDisk } from '#image/blob/edge/open-disk.ts';
import { ask, codeOf, conformanceRegistry, describeBlob, digestOf, INDEX, manifestOf, nothingFailed, OCI, pathOf, pushBlob, pushImage, pushManifest } from './_conformance-registry.ts';

// Pull and push of the OCI distribution spec 1.1, in its order, each as a request and what must come back.

conformanceRegistry(openDisk, new SystemHasher());

test('end-1: GET /v2/ is answered with 200', async () => {
  const { status, headers } = await ask('GET', '/v2/');
  assert.deepEqual([status, headers['docker-distribution-api-version']], [200, 'registry/2.0']);
});

describe('pull', () => {
  const name = 'pull/it';
  let image: { manifest: string; digest: string };
  const layer = 'layer pull';
  before(async () => { image = await pushImage(name, 'v1', 'pull'); });

  test('end-2: GET and HEAD of a blob', async () => {
    const got = await ask('GET', `/v2/${name}/blobs/${digestOf(layer)}`);
    assert.deepEqual([got.status, got.body.toString(), got.headers['docker-content-digest'], got.headers['content-length']], [200, layer, digestOf(layer), String(layer.length)]);
    const head = await ask('HEAD', `/v2/${name}/blobs/${digestOf(layer)}`);
    assert.deepEqual([head.status, head.headers['content-length'], head.headers['docker-content-digest'], head.body.length], [200, String(layer.length), digestOf(layer), 0]);
  });

  test('end-2: a blob that is not there, or only in another repository, is a 404', async () => {
    await pushBlob('other/repository', 'elsewhere');
    for (const digest of [digestOf('nothing'), digestOf('elsewhere')]) {
      const answer = await ask('GET', `/v2/${name}/blobs/${digest}`);
      assert.deepEqual([answer.status, codeOf(answer)], [404, 'BLOB_UNKNOWN']);
      assert.equal((await ask('HEAD', `/v2/${name}/blobs/${digest}`)).status, 404);
    }
  });

  const ranges: [range: string, status: number, body: string, contentRange?: string][] = [
    ['bytes=0-4', 206, 'layer', 'bytes 0-4/10'], ['bytes=6-', 206, 'pull', 'bytes 6-9/10'], ['bytes=-4', 206, 'pull', 'bytes 6-9/10'], ['bytes=6-999', 206, 'pull', 'bytes 6-9/10'],
    ['bytes=-999', 206, layer, 'bytes 0-9/10'], ['bytes=5-2', 200, layer], ['bytes=0-1,3-4', 200, layer], ['lines=1-2', 200, layer], ['bytes=-', 200, layer],
  ];
  for (const [range, status, body, contentRange] of ranges) {
    test(`end-2: Range ${range}`, async () => {
      const answer = await ask('GET', `/v2/${name}/blobs/${digestOf(layer)}`, { headers: { Range: range } });
      assert.deepEqual([answer.status, answer.body.toString(), answer.headers['content-range']], [status, body, contentRange]);
    });
  }

  test('end-2: a range behind the end is a 416 with the size', async () => {
    for (const range of ['bytes=10-', 'bytes=100-200', 'bytes=-0']) {
      const answer = await ask('GET', `/v2/${name}/blobs/${digestOf(layer)}`, { headers: { Range: range } });
      assert.deepEqual([answer.status, answer.headers['content-range']], [416, 'bytes */10'], range);
    }
  });

  test('end-3: GET and HEAD of a manifest by tag and by digest', async () => {
    for (const reference of ['v1', image.digest]) {
      const got = await ask('GET', `/v2/${name}/manifests/${reference}`, { headers: { Accept: OCI } });
      assert.deepEqual([got.status, got.body.toString(), got.headers['content-type'], got.headers['docker-content-digest']], [200, image.manifest, OCI, image.digest]);
      const head = await ask('HEAD', `/v2/${name}/manifests/${reference}`);
      assert.deepEqual([head.status, head.headers['content-length'], head.headers['docker-content-digest'], head.body.length], [200, String(image.manifest.length), image.digest, 0]);
    }
  });

  test('end-3: a manifest that is not there is a 404', async () => {
    for (const reference of ['none', digestOf('none')]) {
      const answer = await ask('GET', `/v2/${name}/manifests/${reference}`);
      assert.deepEqual([answer.status, codeOf(answer)], [404, 'MANIFEST_UNKNOWN']);
      assert.equal((await ask('HEAD', `/v2/${name}/manifests/${reference}`)).status, 404);
    }
    assert.equal((await ask('GET', '/v2/never/pushed/manifests/v1')).status, 404);
  });
});

describe('push of blobs', () => {
  const name = 'push/it';

  test('end-4b: in one POST', async () => {
    const answer = await ask('POST', `/v2/${name}/blobs/uploads/?digest=${digestOf('single')}`, { body: 'single', headers: { 'Content-Type': 'application/octet-stream' } });
    assert.deepEqual([answer.status, pathOf(answer), answer.headers['docker-content-digest']], [201, `/v2/${name}/blobs/${digestOf('single')}`, digestOf('single')]);
    assert.equal((await ask('GET', pathOf(answer))).body.toString(), 'single');
  });

  test('end-4a and end-6: POST, then PUT', async () => {
    const digest = await pushBlob(name, 'monolithic');
    assert.equal((await ask('GET', `/v2/${name}/blobs/${digest}`)).body.toString(), 'monolithic');
  });

  test('end-5: in chunks, in order, with the place where to go on', async () => {
    let at = await ask('POST', `/v2/${name}/blobs/uploads/`, { body: '' });
    assert.equal(at.headers.range, '0-0');
    at = await ask('PATCH', pathOf(at), { body: 'first,', headers: { 'Content-Range': '0-5' } });
    assert.deepEqual([at.status, at.headers.range], [202, '0-5']);
    const status = await ask('GET', pathOf(at));
    assert.deepEqual([status.status, status.headers.range, pathOf(status)], [204, '0-5', pathOf(at)]);
    at = await ask('PATCH', pathOf(at), { body: 'second,', headers: { 'Content-Range': '6-12' } });
    assert.deepEqual([at.status, at.headers.range], [202, '0-12']);
    const digest = digestOf('first,second,third');
    const done = await ask('PUT', `${pathOf(at)}?digest=${digest}`, { body: 'third', headers: { 'Content-Range': '13-17' } });
    assert.deepEqual([done.status, done.headers['docker-content-digest']], [201, digest]);
    assert.equal((await ask('GET', `/v2/${name}/blobs/${digest}`)).body.toString(), 'first,second,third');
  });

  test('end-5: a chunk out of order is a 416 that says where to go on, and changes nothing', async () => {
    const begun = await ask('POST', `/v2/${name}/blobs/uploads/`, { body: '' });
    for (const [range, body] of [['3-5', 'abc'], ['1-3', 'abc']] as const) {
      const refused = await ask('PATCH', pathOf(begun), { body, headers: { 'Content-Range': range } });
      assert.deepEqual([refused.status, refused.headers.range, pathOf(refused)], [416, '0-0', pathOf(begun)]);
    }
    const wrong = await ask('PATCH', pathOf(begun), { body: 'abc', headers: { 'Content-Range': '0-9' } });
    assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'SIZE_INVALID']);
    assert.equal((await ask('PUT', `${pathOf(begun)}?digest=${digestOf('abc')}`, { body: 'abc' })).status, 201);
  });

  test('end-5: a stream without a length is one chunk', async () => {
    const begun = await ask('POST', `/v2/${name}/blobs/uploads/`, { body: '' });
    const patched = await ask('PATCH', pathOf(begun), { body: 'streamed', headers: { 'Transfer-Encoding': 'chunked' } });
    assert.deepEqual([patched.status, patched.headers.range], [202, '0-7']);
    assert.equal((await ask('PUT', `${pathOf(patched)}?digest=${digestOf('streamed')}`, { body: '' })).status, 201);
  });

  test('S-201: bytes that hash to something else are refused, nothing is kept, and the upload is over', async () => {
    const begun = await ask('POST', `/v2/${name}/blobs/uploads/`, { body: '' });
    const refused = await ask('PUT', `${pathOf(begun)}?digest=${digestOf('right')}`, { body: 'wrong' });
    assert.deepEqual([refused.status, codeOf(refused)], [400, 'DIGEST_INVALID']);
    for (const digest of [digestOf('right'), digestOf('wrong')]) assert.equal((await ask('HEAD', `/v2/${name}/blobs/${digest}`)).status, 404);
    assert.equal((await ask('GET', pathOf(begun))).status, 404);
  });

  test('S-203: digests that are none are refused before anything is done', async () => {
    for (const digest of ['', 'sha256:', 'sha256:../../x', `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(63)}`, `md5:${'a'.repeat(32)}`, `sha512:${'a'.repeat(128)}`]) {
      const posted = await ask('POST', `/v2/${name}/blobs/uploads/?digest=${encodeURIComponent(digest)}`, { body: 'x' });
      assert.deepEqual([posted.status, codeOf(posted)], [400, 'DIGEST_INVALID'], digest);
      const got = await ask('GET', `/v2/${name}/blobs/${encodeURIComponent(digest)}`);
      assert.ok([400, 404].includes(got.status), digest);
    }
  });

  test('end-11: a blob is mounted from another repository', async () => {
    const digest = await pushBlob('source/of', 'mounted');
    const mounted = await ask('POST', `/v2/${name}/blobs/uploads/?mount=${digest}&from=source/of`, { body: '' });
    assert.deepEqual([mounted.status, pathOf(mounted)], [201, `/v2/${name}/blobs/${digest}`]);
    assert.equal((await ask('GET', `/v2/${name}/blobs/${digest}`)).body.toString(), 'mounted');
  });

  test('end-11: a mount of what is not there, or from nowhere, begins an upload', async () => {
    for (const query of [`mount=${digestOf('absent')}&from=source/of`, `mount=${digestOf('mounted')}`, `mount=${digestOf('mounted')}&from=never/was`]) {
      const answer = await ask('POST', `/v2/${name}/blobs/uploads/?${query}`, { body: '' });
      assert.deepEqual([answer.status, /\/blobs\/uploads\/[\w-]+$/.test(pathOf(answer))], [202, true], query);
    }
    assert.equal((await ask('POST', `/v2/${name}/blobs/uploads/?mount=${digestOf('mounted')}&from=../../etc`, { body: '' })).status, 400);
  });

  test('an upload is known in its own repository only, and can be given up', async () => {
    const begun = await ask('POST', `/v2/${name}/blobs/uploads/`, { body: '' });
    const id = pathOf(begun).slice(pathOf(begun).lastIndexOf('/') + 1);
    assert.equal(codeOf(await ask('PATCH', `/v2/other/repository/blobs/uploads/${id}`, { body: 'x' })), 'BLOB_UPLOAD_UNKNOWN');
    assert.equal((await ask('DELETE', pathOf(begun))).status, 204);
    assert.equal((await ask('GET', pathOf(begun))).status, 404);
    for (const odd of ['..%2f..%2fx', 'a'.repeat(5000), '%00']) assert.ok((await ask('GET', `/v2/${name}/blobs/uploads/${odd}`)).status === 404, odd.slice(0, 20));
  });
});

describe('push of manifests', () => {
  const name = 'manifests/of';

  test('end-7: by tag and by digest, and again', async () => {
    const { manifest, digest } = await pushImage(name, 'one', 'one');
    const again = await pushManifest(name, 'two', manifest);
    assert.deepEqual([again.status, pathOf(again), again.headers['docker-content-digest'], again.headers['oci-subject']], [201, `/v2/${name}/manifests/${digest}`, digest, undefined]);
    assert.equal((await pushManifest(name, digest, manifest)).status, 201);
    const wrong = await pushManifest(name, digestOf('other'), manifest);
    assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'DIGEST_INVALID']);
  });

  test('end-7: with blobs that the repository does not have', async () => {
    const answer = await pushManifest(name, 'missing', manifestOf('config nowhere', 'layer nowhere'));
    assert.deepEqual([answer.status, codeOf(answer)], [404, 'MANIFEST_BLOB_UNKNOWN']);
    assert.equal((await ask('HEAD', `/v2/${name}/manifests/missing`)).status, 404);
  });

  test('end-7: an index, also one of manifests that are not there', async () => {
    const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [describeBlob('absent', OCI)] });
    assert.equal((await pushManifest(name, 'index', index, INDEX)).status, 201);
    assert.equal((await ask('GET', `/v2/${name}/manifests/index`)).headers['content-type'], INDEX);
  });

  test('end-7: an artifact: of any type, with any config, without layers, and with fields that nobody knows', async () => {
    await pushBlob(name, '{}');
    const empty = describeBlob('{}', 'application/vnd.oci.empty.v1+json');
    for (const [tag, artifact] of Object.entries({
      'no-layers': { artifactType: 'application/x', config: empty, layers: [], 'x-unknown': { more: [] } },
      'own-config': { config: describeBlob('{}', 'application/vnd.example.config+json'), layers: [describeBlob('{}', 'text/plain')] },
    })) {
      const document = JSON.stringify({ schemaVersion: 2, mediaType: OCI, ...artifact });
      assert.equal((await pushManifest(name, tag, document)).status, 201, tag);
      assert.equal((await ask('GET', `/v2/${name}/manifests/${tag}`)).body.toString(), document);
    }
  });

  test('S-204: documents with two meanings, and such that are none, are refused', async () => {
    await pushBlob(name, 'c');
    const bad: [document: string, type?: string][] = [
      ['{', OCI], ['[]', OCI], ['null', OCI], ['{"schemaVersion":2}', OCI], [manifestOf('c', 'c', { manifests: [] })], [manifestOf('c', 'c').replace('{', '{"config":null,')],
      [manifestOf('c', 'c'), INDEX], [manifestOf('c', 'c', { mediaType: INDEX })], ['{"schemaVersion":1,"fsLayers":[]}', 'application/vnd.docker.distribution.manifest.v1+json'],
      [manifestOf('c', 'c').replace(digestOf('c'), 'sha256:../../x')], [manifestOf('c', 'c').replace('"size":1', '"size":-1')], ['['.repeat(100_000), OCI], [manifestOf('c', 'c', { CONFIG: {} })],
    ];
    for (const [document, type] of bad) {
      const answer = await pushManifest(name, 'bad', document, type);
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'MANIFEST_INVALID'], document.slice(0, 60));
    }
    assert.equal((await pushManifest(name, 'bad', `{"x":"${'y'.repeat(5 << 20)}"}`)).status, 413);
    assert.equal((await ask('HEAD', `/v2/${name}/manifests/bad`)).status, 404);
  });

  test('names that are none are refused', async () => {
    for (const path of ['Upper/manifests/x', 'a//b/manifests/x', '-a/manifests/x', `${'a/'.repeat(200)}b/manifests/x`, 'a%2f..%2fb/manifests/x', 'a/%00/manifests/x']) {
      const answer = await ask('GET', `/v2/${path}`);
      assert.ok(answer.status === 400 || answer.status === 404, `${path}: ${answer.status}`);
    }
    assert.equal((await ask('PUT', `/v2/${name}/manifests/${'x'.repeat(129)}`, { body: manifestOf('c', 'c'), headers: { 'Content-Type': OCI } })).status, 400);
    assert.equal((await ask('PUT', `/v2/${name}/manifests/.dot`, { body: manifestOf('c', 'c'), headers: { 'Content-Type': OCI } })).status, 400);
  });
});

nothingFailed();
