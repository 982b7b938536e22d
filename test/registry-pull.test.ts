import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon, type Ran } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { DockerRegistry, findProgram, makeCertificates } from './world/docker-registry.ts';
import { ask } from './world/http.ts';
import { HttpTransport } from '../src/image/registry/edge/http-transport.ts';
import { proxyEnvironment } from '../src/image/registry/proxy-choice.ts';
import { ANYWHERE } from '../src/image/registry/reach.ts';

const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : findProgram('docker-registry') === undefined ? 'needs docker-registry' : false);

let daemon: TestDaemon;
let plain: DockerRegistry;
let secured: DockerRegistry;
let encrypted: DockerRegistry;
const certificates = mkdtempSync('/tmp/gantry-certs-');

before(async () => {
  if (skip !== false) return;
  const { authority, certificate, key } = makeCertificates(certificates);
  plain = await DockerRegistry.start();
  secured = await DockerRegistry.start({ user: 'user:secret' });
  encrypted = await DockerRegistry.start({ user: 'user:secret', tls: { certificate, key } });
  mkdirSync(`${certificates}/certs.d/${encrypted.host}`, { recursive: true });
  copyFileSync(authority, `${certificates}/certs.d/${encrypted.host}/ca.crt`);
  daemon = await TestDaemon.start(['--certs-dir', `${certificates}/certs.d`, '--block-registry', 'blocked.example/org']);
  daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
});

after(async () => {
  await Promise.all([daemon?.destroy(), plain?.stop(), secured?.stop(), encrypted?.stop()]);
  rmSync(certificates, { recursive: true, force: true });
});

function fails(words: RegExp, ran: Ran): void {
  assert.notEqual(ran.code, 0, ran.out);
  assert.match(ran.err, words);
}

/** An image of two layers under a name. */
function build(name: string, mark: string): string {
  daemon.ok('run', '--name', 'maker', 'busybox', 'sh', '-c', `echo ${mark} > /mark; head -c 3000000 /dev/urandom > /noise`);
  daemon.ok('commit', 'maker', name);
  daemon.ok('rm', 'maker');
  return daemon.ok('images', '-q', '--no-trunc', name);
}

test('round: commit, push, remove, pull, run', { skip, timeout: 240_000 }, () => {
  const name = `${plain.host}/round/trip:1`;
  const id = build(name, 'first');
  const pushed = daemon.ok('push', name);
  assert.match(pushed, /: Pushed\n[^]*1: digest: sha256:[0-9a-f]{64} size: \d+$/);
  assert.match(daemon.ok('push', name), /: Layer already exists\n/);
  daemon.ok('rmi', name);
  const pulled = daemon.ok('pull', name);
  assert.match(pulled, /^1: Pulling from round\/trip\n[^]*Already exists\n[^]*Pull complete\nDigest: sha256:[0-9a-f]{64}\nStatus: Downloaded newer image for 127/);
  assert.equal(daemon.ok('images', '-q', '--no-trunc', name), id);
  assert.equal(daemon.ok('run', '--rm', name, 'cat', '/mark'), 'first');
  assert.match(daemon.ok('pull', name), /Status: Image is up to date/);
  const digest = /digest: (sha256:\S+)/.exec(pushed)?.[1] ?? '';
  assert.deepEqual(JSON.parse(daemon.ok('inspect', '-f', '{{json .RepoDigests}}', name)), [`${plain.host}/round/trip@${digest}`]);
  daemon.ok('tag', name, `${plain.host}/other/trip:2`);
  assert.match(daemon.ok('push', `${plain.host}/other/trip:2`), /Mounted from round\/trip/);
  daemon.ok('rmi', name, `${plain.host}/other/trip:2`);
  const byDigest = `${plain.host}/round/trip@${digest}`;
  assert.match(daemon.ok('pull', byDigest), /Downloaded newer image/);
  assert.equal(daemon.ok('run', '--rm', byDigest, 'cat', '/mark'), 'first');
  daemon.ok('rmi', id);
});

test('an up-to-date pull costs one request', { skip }, async () => {
  const name = `${plain.host}/once/over:1`;
  daemon.ok('tag', 'busybox', name);
  daemon.ok('push', name);
  const { createServer, request } = await import('node:http');
  const asked: string[] = [];
  const [host = '', port = ''] = plain.host.split(':');
  const spy = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    req.pipe(request({ host, port, path: req.url ?? '', method: req.method ?? '', headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    }));
  });
  await new Promise<void>((resolve) => spy.listen(0, '127.0.0.1', resolve));
  const address = spy.address() as { port: number };
  try {
    const ours = `127.0.0.1:${address.port}/once/over:1`;
    const pull = () => ask(daemon.socket, 'POST', `/v1.51/images/create?fromImage=${encodeURIComponent(ours)}`);
    assert.match((await pull()).text, /Downloaded newer image/);
    // What is there by content is not fetched, whatever it is called: no layer, and here not even a manifest.
    assert.deepEqual(asked.filter((line) => line.includes('/blobs/')), []);
    asked.length = 0;
    assert.match((await pull()).text, /Image is up to date/);
    assert.deepEqual(asked, ['HEAD /v2/once/over/manifests/1']);
    daemon.ok('rmi', ours);
  } finally {
    spy.close();
    spy.closeAllConnections();
  }
});

test('basic authentication, by docker login, and what is said without and with the wrong one', { skip, timeout: 240_000 }, () => {
  const name = `${secured.host}/secret/image:1`;
  daemon.ok('tag', 'busybox', name);
  fails(/no basic auth credentials/, daemon.docker('push', name));
  fails(/no basic auth credentials/, daemon.docker('pull', name));
  fails(/401 Unauthorized/, daemon.dockerWith({ input: 'wrong' }, 'login', '-u', 'user', '--password-stdin', secured.host));
  assert.match(daemon.dockerWith({ input: 'secret' }, 'login', '-u', 'user', '--password-stdin', secured.host).out, /Login Succeeded/);
  daemon.ok('push', name);
  assert.match(daemon.ok('pull', name), /up to date/);
  const ours = spawnSync(new URL('../gantry', import.meta.url).pathname, ['pull', name], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}` }, timeout: 60_000 });
  assert.deepEqual([ours.status, ours.stdout.split('\n').at(-2)], [0, name], ours.stderr);
  assert.match(daemon.ok('logout', secured.host), /Removing login credentials/);
});

test('TLS with an authority of its own, and without it', { skip, timeout: 240_000 }, async () => {
  const name = `${encrypted.host}/tls/image:1`;
  daemon.ok('tag', 'busybox', name);
  assert.match(daemon.dockerWith({ input: 'secret' }, 'login', '-u', 'user', '--password-stdin', encrypted.host).out, /Login Succeeded/);
  daemon.ok('push', name);
  assert.match(daemon.ok('pull', name), /up to date/);
});

test('a certificate of an unknown authority is refused until that is put into the directory', { skip }, async () => {
  const own = mkdtempSync('/tmp/gantry-certs-');
  const transport = new HttpTransport({ certificates: own, userAgent: 'test', proxies: proxyEnvironment({}), env: {} });
  const ping = () => transport.send({ method: 'GET', url: `https://${encrypted.host}/v2/`, headers: {}, certificatesOf: encrypted.host, verifiesCertificate: true, reach: ANYWHERE });
  const refused = await ping();
  assert.deepEqual([refused.kind, refused.kind === 'failure' && refused.failure], ['failure', 'untrusted']);
  mkdirSync(`${own}/${encrypted.host}`);
  copyFileSync(`${certificates}/ca.crt`, `${own}/${encrypted.host}/ca.crt`);
  const answered = await ping();
  assert.equal(answered.kind === 'response' && answered.response.status, 401);
  rmSync(own, { recursive: true });
});

test('what is not there, not reachable, blocked, or no name is said in words', { skip }, () => {
  fails(/manifest for 127.0.0.1:\d+\/none:1 not found: manifest unknown: manifest unknown/, daemon.docker('pull', `${plain.host}/none:1`));
  fails(/dial tcp 127.0.0.1:1: connect: connection refused/, daemon.docker('pull', '127.0.0.1:1/x:1'));
  fails(/blocked.example\/org\/x is blocked/, daemon.docker('pull', 'blocked.example/org/x'));
  fails(/must be lowercase/, daemon.docker('pull', `${plain.host}/Upper`));
  fails(/An image does not exist locally with the tag/, daemon.docker('push', `${plain.host}/never/was`));
  fails(/tag does not exist/, daemon.docker('push', `${plain.host}/once/over:other`));
  fails(/registries have no search in common/, daemon.docker('search', 'nginx'));
});

test('all tags at once', { skip }, () => {
  const name = `${plain.host}/all/tags`;
  for (const tag of ['one', 'two']) daemon.ok('tag', 'busybox', `${name}:${tag}`);
  assert.match(daemon.ok('push', '--all-tags', name), /one: digest[^]*two: digest/);
  daemon.ok('rmi', `${name}:one`, `${name}:two`);
  assert.match(daemon.ok('pull', '--all-tags', name), /^one: Pulling from all\/tags\n[^]*two: Pulling from all\/tags\n[^]*Status: \w+ [^]* for 127\.0\.0\.1:\d+\/all\/tags/);
  assert.deepEqual(daemon.ok('images', '--format', '{{.Tag}}', name).split('\n').sort(), ['one', 'two']);
});

test('a daemon killed in the middle of a pull goes on from the layers that were whole', { skip, timeout: 240_000 }, async () => {
  const name = `${plain.host}/killed/pull:1`;
  const id = build(name, 'kept');
  daemon.ok('push', name);
  daemon.ok('rmi', name);
  for (const pauseMs of [5, 60, 120, 180, 240]) {
    const pull = ask(daemon.socket, 'POST', `/v1.51/images/create?fromImage=${encodeURIComponent(name)}`).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await daemon.crash();
    await pull;
    await daemon.up();
  }
  daemon.ok('pull', name);
  assert.equal(daemon.ok('images', '-q', '--no-trunc', name), id);
  assert.equal(daemon.ok('run', '--rm', name, 'cat', '/mark'), 'kept');
  daemon.ok('rmi', name);
});

test('a daemon or a registry killed in the middle of a push can push again', { skip, timeout: 240_000 }, async () => {
  const name = `${plain.host}/killed/push:1`;
  build(name, 'pushed');
  for (const [pauseMs, who] of [[10, 'daemon'], [120, 'daemon'], [60, 'registry'], [200, 'daemon'], [150, 'registry']] as const) {
    const push = ask(daemon.socket, 'POST', `/v1.51/images/${name.slice(0, -2)}/push?tag=1`).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (who === 'daemon') await daemon.crash();
    else await plain.crash();
    await push;
    if (who === 'daemon') await daemon.up();
    else {
      plain.up();
      await plain.isUp();
    }
  }
  daemon.ok('push', name);
  daemon.ok('rmi', name);
  daemon.ok('pull', name);
  assert.equal(daemon.ok('run', '--rm', name, 'cat', '/mark'), 'pushed');
  daemon.ok('rmi', name);
});

test('a trust policy lets in what is signed, and nothing else', { skip, timeout: 240_000 }, async () => {
  const { generateKeyPairSync, createHash, sign } = await import('node:crypto');
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(`${certificates}/key.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(`${certificates}/policy.json`, JSON.stringify({ rules: [{ prefix: `${plain.host}/signed`, action: 'signed', keys: [`${certificates}/key.pub`] }, { prefix: `${plain.host}/never`, action: 'reject' }] }));
  const name = `${plain.host}/signed/image:1`;
  daemon.ok('tag', 'busybox', name);
  const digest = /digest: (sha256:\S+)/.exec(daemon.ok('push', name))?.[1] ?? '';
  const strict = await TestDaemon.start(['--trust-policy', `${certificates}/policy.json`]);
  try {
    fails(/refused by the rule for 127.0.0.1:\d+\/signed of the trust policy: it has no signature/, strict.docker('pull', name));
    fails(/refused by the rule/, strict.docker('pull', `${plain.host}/never/x@${digest}`));
    const payload = (about: string): Buffer => Buffer.from(JSON.stringify({ critical: { identity: { 'docker-reference': '' }, image: { 'docker-manifest-digest': about }, type: 'cosign container image signature' }, optional: null }));
    await putSignature(digest, payload(`sha256:${'0'.repeat(64)}`));
    fails(/none of its 1 signatures is by a key of the rule/, strict.docker('pull', name));
    await putSignature(digest, payload(digest));
    strict.ok('pull', name);
    assert.equal(strict.ok('run', '--rm', name, 'echo', 'trusted'), 'trusted');
  } finally {
    await strict.destroy();
  }

  /** As cosign does with a tag: the payload as a layer, the signature as its annotation. */
  async function putSignature(about: string, bytes: Buffer): Promise<void> {
    const base = `http://${plain.host}/v2/signed/image`;
    const put = async (content: Buffer): Promise<object> => {
      const hash = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      const location = (await fetch(`${base}/blobs/uploads/`, { method: 'POST' })).headers.get('location') ?? '';
      const url = new URL(location, base);
      url.searchParams.set('digest', hash);
      assert.equal((await fetch(url, { method: 'PUT', body: new Uint8Array(content), headers: { 'Content-Type': 'application/octet-stream' } })).status, 201);
      return { digest: hash, size: content.length };
    };
    const manifest = JSON.stringify({
      schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...await put(Buffer.from('{}')) },
      layers: [{ mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', ...await put(bytes), annotations: { 'dev.cosignproject.cosign/signature': sign('sha256', bytes, privateKey).toString('base64') } }],
    });
    const tag = `${about.replace(':', '-')}.sig`;
    assert.equal((await fetch(`${base}/manifests/${tag}`, { method: 'PUT', body: manifest, headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' } })).status, 201);
  }
});
