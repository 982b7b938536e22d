import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { DiskBlobs } from '#image/blob/edge/disk-blobs.ts';
import { DiskUploads } from '#image/blob/edge/disk-uploads.ts';
import { MemoryStore } from '#store/memory.ts';
import { OPEN } from '../server/access.ts';
import { RegistryHandler } from '../server/handler.ts';
import { RegistryMetrics } from '../server/metrics.ts';
import { readOnly } from '../server/read-only.ts';
import { StoredContent } from '../server/stored-content.ts';
import { RegistryServer } from './registry-server.ts';

// The rules of the OCI distribution spec 1.1, in its order, each as a request and what must come back.

const directory = mkdtempSync(`${tmpdir()}/gantry-conformance-`);
const logged: string[] = [];
let port = 0;
let readOnlyPort = 0;
let content: StoredContent;
const servers: RegistryServer[] = [];

before(async () => {
  const blobs = await DiskBlobs.open(`${directory}/blobs`);
  content = new StoredContent({ blobs, uploads: await DiskUploads.open(`${directory}/blobs/uploads`, blobs), store: new MemoryStore() });
  const serve = async (what: StoredContent | ReturnType<typeof readOnly>): Promise<number> => {
    const handler = new RegistryHandler({ content: what, access: OPEN, hasher: new SystemHasher(), log: (line) => logged.push(line) });
    const server = new RegistryServer({ handle: (asked) => handler.handle(asked), metrics: new RegistryMetrics(), log: (line) => logged.push(line) });
    servers.push(server);
    return server.listen('127.0.0.1', 0);
  };
  port = await serve(content);
  readOnlyPort = await serve(readOnly(content));
});
after(async () => {
  await Promise.all(servers.map((server) => server.close(0)));
  rmSync(directory, { recursive: true });
});

interface Answer { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }

function ask(method: string, path: string, { body, headers = {}, on = port }: { body?: string | Buffer; headers?: Record<string, string>; on?: number } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: on, method, path, headers: { ...(body === undefined || headers['Transfer-Encoding'] !== undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }), ...headers }, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) })).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}
const digestOf = (bytes: string | Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const pathOf = (answer: Answer): string => new URL(answer.headers.location ?? '', 'http://x').pathname;
const codeOf = ({ body }: Answer): string => (JSON.parse(body.toString()) as { errors: { code: string }[] }).errors[0]?.code ?? '';

async function pushBlob(name: string, bytes: string | Buffer): Promise<string> {
  const digest = digestOf(bytes);
  const begun = await ask('POST', `/v2/${name}/blobs/uploads/`, { body: '' });
  assert.equal(begun.status, 202);
  assert.equal((await ask('PUT', `${pathOf(begun)}?digest=${digest}`, { body: bytes, headers: { 'Content-Type': 'application/octet-stream' } })).status, 201);
  return digest;
}

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const describeBlob = (bytes: string, mediaType = 'application/vnd.oci.image.config.v1+json'): object => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
const manifestOf = (config: string, layer: string, more: object = {}): string => JSON.stringify({
  schemaVersion: 2, mediaType: OCI, config: describeBlob(config), layers: [describeBlob(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')], ...more,
});
async function pushManifest(name: string, reference: string, manifest: string, type = OCI): Promise<Answer> {
  return ask('PUT', `/v2/${name}/manifests/${reference}`, { body: manifest, headers: { 'Content-Type': type } });
}
async function pushImage(name: string, tag: string, mark: string, more: object = {}): Promise<{ manifest: string; digest: string }> {
  await pushBlob(name, `config ${mark}`);
  await pushBlob(name, `layer ${mark}`);
  const manifest = manifestOf(`config ${mark}`, `layer ${mark}`, more);
  assert.equal((await pushManifest(name, tag, manifest)).status, 201);
  return { manifest, digest: digestOf(manifest) };
}

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
    const referrers = async (digest: string, query = ''): Promise<{ manifests: Record<string, unknown>[]; headers: IncomingHttpHeaders }> => {
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
    assert.equal(await content.collect(Date.now(), 3_600_000), 0);
    assert.equal((await ask('HEAD', `/v2/collect/it/blobs/${orphan}`)).status, 200);
    assert.ok(await content.collect(Date.now() + 7_200_000, 3_600_000) >= 'orphan'.length);
    assert.equal((await ask('HEAD', `/v2/collect/it/blobs/${orphan}`)).status, 404);
    assert.equal((await ask('GET', pathOf(begun))).status, 404);
    for (const blob of ['config needed', 'layer needed']) assert.equal((await ask('GET', `/v2/collect/it/blobs/${digestOf(blob)}`)).body.toString(), blob);
    assert.equal((await ask('HEAD', `/v2/collect/it/manifests/${digest}`)).status, 200);
    assert.equal((await ask('HEAD', '/v2/collect/it/manifests/v1')).status, 200);
  });
});

test('a read-only registry answers reads, and every write with 405', async () => {
  const { digest } = await pushImage('read/only', 'v1', 'fixed');
  assert.equal((await ask('GET', '/v2/read/only/manifests/v1', { on: readOnlyPort })).status, 200);
  const writes: [method: string, path: string][] = [
    ['POST', '/v2/read/only/blobs/uploads/'], ['PUT', '/v2/read/only/manifests/v2'], ['DELETE', `/v2/read/only/manifests/${digest}`], ['DELETE', `/v2/read/only/blobs/${digestOf('layer fixed')}`],
  ];
  for (const [method, path] of writes) {
    const answer = await ask(method, path, { on: readOnlyPort, body: 'x' });
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

test('nothing of all this was a failure', () => {
  assert.deepEqual(logged, []);
});
