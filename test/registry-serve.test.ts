import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync, mkdirSync, copyFileSync, utimesSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { dockerCompose, ours, type ComposeClient } from './compose/clients.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { bcryptLine, findProgram, makeCertificates } from './world/docker-registry.ts';
import { freePort } from './world/free-port.ts';
import { ask } from './world/http.ts';
import { OurRegistry } from './world/our-registry.ts';
import { eventually } from './world/waiting.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const skipSkopeo = skip !== false ? skip : findProgram('skopeo') === undefined ? 'needs skopeo' : false;

const directory = mkdtempSync('/tmp/gantry-serve-');

function skopeo(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(findProgram('skopeo') ?? '', ['--insecure-policy', ...args], { encoding: 'utf8', timeout: 30_000, env: { PATH: process.env['PATH'], HOME: directory } });
  assert.equal(status, 0, `skopeo ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

let daemon: TestDaemon;
let second: TestDaemon;
let plain: OurRegistry;
let sharePort = 0;

before(async () => {
  if (skip !== false) return;
  sharePort = await freePort();
  const { authority, certificate, key } = makeCertificates(directory);
  // It collects all the time, also while the tests of this file push.
  plain = await OurRegistry.start(`${directory}/plain`, ['--gc-every', '1s']);
  mkdirSync(`${directory}/certs.d`);
  void [authority, certificate, key];
  daemon = await TestDaemon.start(['--share-images', `127.0.0.1:${sharePort}`, '--certs-dir', `${directory}/certs.d`]);
  second = await TestDaemon.start();
  daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
});

after(async () => {
  await Promise.all([daemon?.destroy(), second?.destroy(), plain?.end()]);
  rmSync(directory, { recursive: true, force: true });
});

test('round: push by the docker CLI, pull by a second daemon, run', { skip, timeout: 240_000 }, () => {
  const name = `${plain.host}/round/trip:1`;
  daemon.ok('run', '--name', 'maker', 'busybox', 'sh', '-c', 'echo mine > /mark');
  daemon.ok('commit', 'maker', name);
  daemon.ok('rm', 'maker');
  const digest = /digest: (sha256:\S+)/.exec(daemon.ok('push', name))?.[1];
  assert.match(second.ok('pull', name), new RegExp(`Digest: ${digest}`));
  assert.equal(second.ok('run', '--rm', name, 'cat', '/mark'), 'mine');
  const tags = spawnSync(LAUNCHER, ['registry', 'tags', `${plain.host}/round/trip`], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory } });
  assert.equal(tags.stdout, '1\n', tags.stderr);
  assert.equal(/unhandled|internal|at /.test(plain.log), false, plain.log);
});

test('skopeo copies in and out, inspects, lists and deletes', { skip: skipSkopeo, timeout: 240_000 }, () => {
  const name = `${plain.host}/skopeo/image`;
  daemon.ok('tag', 'busybox', `${name}:first`);
  daemon.ok('push', `${name}:first`);
  skopeo('copy', '--src-tls-verify=false', '--dest-tls-verify=false', `docker://${name}:first`, `docker://${plain.host}/skopeo/copy:second`);
  const layout = `${directory}/layout`;
  skopeo('copy', '--src-tls-verify=false', `docker://${plain.host}/skopeo/copy:second`, `oci:${layout}:third`);
  skopeo('copy', '--dest-tls-verify=false', '--format', 'oci', `oci:${layout}:third`, `docker://${plain.host}/skopeo/oci:third`);
  skopeo('copy', '--dest-tls-verify=false', '--dest-compress-format', 'zstd', '--dest-compress', `oci:${layout}:third`, `docker://${plain.host}/skopeo/zstd:1`);
  for (const image of ['skopeo/oci:third', 'skopeo/zstd:1']) {
    second.ok('pull', `${plain.host}/${image}`);
    assert.equal(second.ok('run', '--rm', `${plain.host}/${image}`, 'echo', image), image);
  }
  const inspected = JSON.parse(skopeo('inspect', '--tls-verify=false', `docker://${name}:first`)) as { Digest: string; RepoTags: string[] };
  assert.deepEqual(inspected.RepoTags, ['first']);
  skopeo('delete', '--tls-verify=false', `docker://${name}:first`);
  assert.notEqual(second.docker('pull', `${name}:first`).code, 0);
});

test('an index made by docker manifest: told by docker, and pulled for the platform that is wanted', { skip, timeout: 120_000 }, () => {
  const name = `${plain.host}/many/platforms`;
  daemon.ok('tag', 'busybox', `${name}:here`);
  daemon.ok('import', '--platform', 'linux/s390x', busyboxTar(), `${name}:there`);
  for (const tag of ['here', 'there']) daemon.ok('push', `${name}:${tag}`);
  daemon.ok('manifest', 'create', '--insecure', `${name}:all`, `${name}:here`, `${name}:there`);
  assert.match(daemon.ok('manifest', 'push', '--insecure', `${name}:all`), /^sha256:/m);
  const { manifests } = JSON.parse(daemon.ok('manifest', 'inspect', '--insecure', `${name}:all`)) as { manifests: { platform: { architecture: string } }[] };
  assert.equal(manifests.length, 2);
  const architecture = (platform: readonly string[]): string => {
    second.ok('pull', ...platform, `${name}:all`);
    return second.ok('image', 'inspect', '-f', '{{.Architecture}}', `${name}:all`);
  };
  assert.equal(architecture(['--platform', 'linux/s390x']), 's390x');
  assert.equal(architecture(['--platform', `linux/${second.ok('info', '-f', '{{.Architecture}}') === 'aarch64' ? 'arm64' : 'amd64'}`]), daemon.ok('image', 'inspect', '-f', '{{.Architecture}}', 'busybox'));
  assert.match(second.docker('pull', '--platform', 'linux/riscv64', `${name}:all`).err, /no matching manifest for linux\/riscv64/);
  // What is there by content is fetched by no later test.
  second.ok('rmi', '-f', ...new Set(second.ok('images', '-q', name).split('\n')));
});

for (const auth of ['basic', 'bearer'] as const) {
  test(`users of a password file, by ${auth} authentication over TLS`, { skip: skipSkopeo, timeout: 60_000 }, async () => {
    writeFileSync(`${directory}/htpasswd-${auth}`, `# users\n${bcryptLine('user:secret')}\n`);
    const registry = await OurRegistry.start(`${directory}/${auth}`, ['--htpasswd', `${directory}/htpasswd-${auth}`, '--auth', auth, '--tls-cert', `${directory}/server.crt`, '--tls-key', `${directory}/server.key`]);
    try {
      mkdirSync(`${directory}/certs.d/${registry.host}`);
      copyFileSync(`${directory}/ca.crt`, `${directory}/certs.d/${registry.host}/ca.crt`);
      const name = `${registry.host}/private/image:1`;
      daemon.ok('tag', 'busybox', name);
      assert.match(daemon.docker('push', name).err, auth === 'basic' ? /no basic auth credentials/ : /unauthorized/);
      assert.notEqual(daemon.dockerWith({ input: 'wrong' }, 'login', '-u', 'user', '--password-stdin', registry.host).code, 0);
      assert.match(daemon.dockerWith({ input: 'secret' }, 'login', '-u', 'user', '--password-stdin', registry.host).out, /Login Succeeded/);
      assert.match(daemon.ok('push', name), /digest: sha256/);
      assert.match(daemon.ok('pull', name), /up to date/);
      // For which a token has to be for two repositories.
      daemon.ok('tag', name, `${registry.host}/private/other:1`);
      assert.match(daemon.ok('push', `${registry.host}/private/other:1`), /Mounted from private\/image/);
      assert.equal(JSON.parse(skopeo('inspect', '--creds', 'user:secret', '--cert-dir', `${directory}/certs.d/${registry.host}`, `docker://${name}`)).Os, 'linux');
    } finally {
      await registry.end();
    }
  });
}

test('a registry where everybody pulls and users push, which is then collected and only read', { skip, timeout: 60_000 }, async () => {
  const root = `${directory}/options`;
  writeFileSync(`${directory}/htpasswd-options`, `${bcryptLine('user:secret')}\n`);
  const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const statusOf = async (host: string, method: string, path: string, init: RequestInit = {}): Promise<number> => (await fetch(`http://${host}${path}`, { method, ...init })).status;
  const put = (host: string, text: string, headers: Record<string, string>): Promise<number> => statusOf(host, 'POST', `/v2/lib/thing/blobs/uploads/?digest=${digestOf(text)}`, { body: text, headers: { 'Content-Type': 'application/octet-stream', ...headers } });
  const open = await OurRegistry.start(root, ['--htpasswd', `${directory}/htpasswd-options`, '--anonymous-pull', '--auth', 'basic']);
  const user = { Authorization: `Basic ${Buffer.from('user:secret').toString('base64')}` };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 }, layers: [] });
  const putManifest = (host: string, headers: Record<string, string>): Promise<number> => statusOf(host, 'PUT', '/v2/lib/thing/manifests/1', { body: manifest, headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json', ...headers } });
  try {
    assert.deepEqual([await put(open.host, '{}', {}), await put(open.host, '{}', user), await put(open.host, 'needed by none', user)], [401, 201, 201]);
    assert.deepEqual([await putManifest(open.host, {}), await putManifest(open.host, user)], [401, 201]);
    assert.deepEqual([await statusOf(open.host, 'GET', '/v2/lib/thing/manifests/1'), await statusOf(open.host, 'GET', '/v2/'), await statusOf(open.host, 'DELETE', '/v2/lib/thing/manifests/1')], [200, 401, 401]);
    assert.match(await (await fetch(`http://${open.host}/metrics`)).text(), /^gantry_registry_requests_total\{method="POST",code="201"\} 2$/m);
  } finally {
    await open.end();
  }
  const collect = spawnSync(LAUNCHER, ['registry', 'gc', '--root', root, '--gc-grace', '0'], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory } });
  assert.match(collect.stdout, /^Total reclaimed space: 14B\n$/, collect.stderr);
  const closed = await OurRegistry.start(root, ['--read-only']);
  try {
    assert.deepEqual([await put(closed.host, 'more', user), await putManifest(closed.host, user), await statusOf(closed.host, 'DELETE', `/v2/lib/thing/blobs/${digestOf('{}')}`)], [405, 405, 405]);
    assert.deepEqual([await statusOf(closed.host, 'GET', '/v2/lib/thing/manifests/1'), await statusOf(closed.host, 'GET', `/v2/lib/thing/blobs/${digestOf('{}')}`), await statusOf(closed.host, 'GET', `/v2/lib/thing/blobs/${digestOf('needed by none')}`)], [200, 200, 404]);
  } finally {
    await closed.end();
  }
});

test('a registry collects by itself what no manifest needs and nobody used for the grace, and no upload under way', { skip, timeout: 60_000 }, async () => {
  const send = (method: string, path: string, init: RequestInit = {}): Promise<Response> => fetch(`http://${plain.host}/v2/collected/by-itself/blobs/${path}`, { method, ...init });
  const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const makeOld = (path: string): void => utimesSync(`${directory}/plain/blobs/${path}`, Date.now() / 1000 - 7200, Date.now() / 1000 - 7200);
  const orphans = ['an old orphan', 'a new orphan'];
  for (const text of orphans) assert.equal((await send('POST', `uploads/?digest=${digestOf(text)}`, { body: text })).status, 201);
  const [left, going] = await Promise.all([1, 2].map(async () => (await send('POST', 'uploads/')).headers.get('docker-upload-uuid') ?? ''));
  assert.equal((await send('PATCH', `uploads/${going}`, { body: 'the first half' })).status, 202);
  for (const path of [`uploads/${left}`, `sha256/${digestOf('an old orphan').slice('sha256:'.length)}`]) makeOld(path);
  const collected = async (): Promise<number> => Number(/^gantry_registry_collected_bytes_total (\d+)$/m.exec(await (await fetch(`http://${plain.host}/metrics`)).text())?.[1]);
  await eventually('the old orphan is collected', collected, (bytes) => bytes >= 'an old orphan'.length);
  assert.deepEqual(await Promise.all(orphans.map(async (text) => (await send('HEAD', digestOf(text))).status)), [404, 200]);
  await eventually('the upload that was left goes', async () => (await send('GET', `uploads/${left}`)).status, (status) => status === 404);
  assert.equal((await send('GET', `uploads/${going}`)).status, 204);
  assert.match(plain.log, /^\S+ collected 13 bytes$/m);
});

test('an application that one compose publishes, the other one reads and runs', { skip, timeout: 120_000 }, async () => {
  const registry = await OurRegistry.start(`${directory}/applications`, ['--tls-cert', `${directory}/server.crt`, '--tls-key', `${directory}/server.key`]);
  const project = `${directory}/project`;
  const theirs = dockerCompose();
  const clients = [ours, ...(theirs.client === undefined ? [] : [theirs.client])];
  const run = ({ argv: [program = '', ...first] }: ComposeClient, ...args: readonly string[]): string => {
    const env = { PATH: process.env['PATH'], HOME: `${directory}/home`, DOCKER_HOST: `unix://${daemon.socket}`, NODE_EXTRA_CA_CERTS: `${directory}/ca.crt`, SSL_CERT_FILE: `${directory}/ca.crt`, SAID: 'of here' };
    const { status, stdout, stderr } = spawnSync(program, [...first, ...args], { encoding: 'utf8', cwd: project, env, timeout: 30_000 });
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  try {
    mkdirSync(`${project}/bases`, { recursive: true });
    writeFileSync(`${project}/compose.yaml`, 'name: published\nservices:\n  web: # kept as it is\n    extends:\n      file: bases/base.yaml\n      service: base\n    env_file: own.env\n    environment: {SAID: "${SAID:-nothing}"}\n');
    writeFileSync(`${project}/more.yaml`, 'services: {web: {labels: {more: more}}}\n');
    writeFileSync(`${project}/bases/base.yaml`, 'services:\n  base:\n    image: busybox\n    command: [sleep, "1000"]\n    stop_grace_period: 0s\n');
    writeFileSync(`${project}/own.env`, 'OWN=1\n');
    const files = ['-f', 'compose.yaml', '-f', 'more.yaml'];
    const expected = run(ours, ...files, 'config');
    assert.match(expected, /OWN: "1"\n +SAID: of here[^]*more: more/);
    for (const publisher of clients) {
      const name = `${registry.host}/shop/${publisher === ours ? 'ours' : 'theirs'}:1`;
      run(publisher, ...files, 'publish', '--with-env', '--yes', name);
      for (const reader of clients) assert.equal(run(reader, '-f', `oci://${name}`, 'config'), expected, `${publisher.name}, read by ${reader.name}`);
    }
    const images = spawnSync(ours.argv[0] ?? '', ['compose', ...files, 'publish', '--app', `${registry.host}/shop/app:1`], { encoding: 'utf8', cwd: project, env: { PATH: process.env['PATH'], HOME: `${directory}/home`, DOCKER_HOST: `unix://${daemon.socket}` } });
    assert.equal(images.status, 1);
    assert.match(images.stderr, /publishes no images within an application\npush them \(gantry compose push\)/);
    run(ours, '-f', `oci://${registry.host}/shop/ours:1`, 'up', '-d');
    assert.match(daemon.ok('inspect', '-f', '{{.State.Status}} {{json .Config.Env}}', 'published-web-1'), /^running .*"OWN=1"/);
    daemon.ok('rm', '-f', 'published-web-1');
  } finally {
    await registry.end();
  }
});

test('both compose clients push what they build, and pull what is not here', { skip, timeout: 120_000 }, () => {
  const theirs = dockerCompose();
  for (const { name: client, argv: [program = '', ...first] } of [ours, ...(theirs.client === undefined ? [] : [theirs.client])]) {
    const project = mkdtempSync(`${directory}/pushed-`);
    const name = `${plain.host}/compose/${client.replace(' ', '-')}:1`;
    writeFileSync(`${project}/compose.yaml`, `services: {web: {image: "${name}", build: .}}\n`);
    daemon.ok('tag', 'busybox', name);
    for (const command of ['push', 'pull']) {
      const { status, stderr } = spawnSync(program, [...first, command], { encoding: 'utf8', cwd: project, timeout: 30_000, env: { PATH: process.env['PATH'], HOME: directory, DOCKER_HOST: `unix://${daemon.socket}` } });
      assert.equal(status, 0, `${client} ${command}: ${stderr}`);
      daemon.ok('rmi', name);
    }
  }
});

test('a registry pulled through another one serves what it has while the other is down', { skip, timeout: 240_000 }, async () => {
  const upstream = await OurRegistry.start(`${directory}/upstream`);
  const cache = await OurRegistry.start(`${directory}/cache`, ['--upstream', upstream.host, '--insecure-upstream']);
  try {
    // With a layer of its own, which the second daemon has from nowhere else.
    daemon.ok('run', '--name', 'maker', 'busybox', 'sh', '-c', 'echo from the cache > /mark');
    daemon.ok('commit', 'maker', `${upstream.host}/lib/busy:1`);
    daemon.ok('rm', 'maker');
    daemon.ok('push', `${upstream.host}/lib/busy:1`);
    assert.match(second.ok('pull', `${cache.host}/lib/busy:1`), /Pull complete/);
    second.ok('rmi', '-f', second.ok('images', '-q', `${cache.host}/lib/busy:1`));
    await upstream.end('SIGKILL');
    assert.match(second.ok('pull', `${cache.host}/lib/busy:1`), /Download complete/);
    assert.equal(second.ok('run', '--rm', `${cache.host}/lib/busy:1`, 'cat', '/mark'), 'from the cache');
    assert.notEqual(daemon.docker('push', `${cache.host}/lib/busy:1`).code, 0);
  } finally {
    await cache.end();
    await upstream.end();
  }
});

test('a cache that is full gives up what was asked for longest ago, and fetches it again', { skip, timeout: 60_000 }, async () => {
  const cache = await OurRegistry.start(`${directory}/bounded`, ['--upstream', plain.host, '--insecure-upstream', '--cache-size', '300k', '--cache-gc', 'off', '--gc-every', '1s']);
  const hexOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const makeImage = async (tag: string): Promise<{ readonly manifest: string; readonly layer: string }> => {
    const layer = randomBytes(200_000);
    for (const bytes of ['{}', layer]) {
      const { status } = await fetch(`http://${plain.host}/v2/bounded/image/blobs/uploads/?digest=sha256:${hexOf(bytes)}`, { method: 'POST', body: bytes });
      assert.equal(status, 201);
    }
    const manifest = JSON.stringify({
      schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${hexOf('{}')}`, size: 2 },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hexOf(layer)}`, size: layer.length }],
    });
    await fetch(`http://${plain.host}/v2/bounded/image/manifests/${tag}`, { method: 'PUT', body: manifest, headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' } });
    return { manifest: hexOf(manifest), layer: hexOf(layer) };
  };
  const fileOf = (hex: string): string => `${directory}/bounded/blobs/sha256/${hex}`;
  const pull = async (tag: string, { layer }: { readonly layer: string }): Promise<void> => {
    assert.equal((await fetch(`http://${cache.host}/v2/bounded/image/manifests/${tag}`)).status, 200);
    assert.equal((await (await fetch(`http://${cache.host}/v2/bounded/image/blobs/sha256:${layer}`)).bytes()).length, 200_000);
  };
  try {
    const [old, young] = [await makeImage('old'), await makeImage('young')];
    await pull('old', old);
    await pull('young', young);
    const longAgo = Date.now() / 1000 - 7200;
    for (const hex of [old.layer, old.manifest]) utimesSync(fileOf(hex), longAgo, longAgo);
    await eventually('what is old goes', () => [old.layer, old.manifest].map((hex) => existsSync(fileOf(hex))), (there) => !there.includes(true));
    assert.match(cache.log, new RegExp(`evicted bounded/image@sha256:${old.manifest} \\(200\\d{3} bytes\\): the cache is 13\\d % full, more than 100 %$`, 'm'));
    assert.match(await (await fetch(`http://${cache.host}/metrics`)).text(), /^gantry_registry_evictions_total 1$/m);
    for (const hex of [young.layer, young.manifest]) assert.ok(existsSync(fileOf(hex)), hex);
    await pull('old', old);
  } finally {
    await cache.end();
  }
});

test('a second machine pulls from the store of the first, without a push', { skip, timeout: 240_000 }, () => {
  const shared = `127.0.0.1:${sharePort}/library/busybox`;
  assert.match(second.ok('pull', shared), /Downloaded newer image|up to date/);
  assert.equal(second.ok('run', '--rm', shared, 'echo', 'shared'), 'shared');
  assert.match(second.docker('pull', `127.0.0.1:${sharePort}/library/none`).err, /not found/);
  second.ok('tag', shared, `127.0.0.1:${sharePort}/library/mine`);
  assert.notEqual(second.docker('push', `127.0.0.1:${sharePort}/library/mine`).code, 0);
});

test('a registry killed in the middle of pushes has what it acknowledged, whole', { skip, timeout: 240_000 }, async () => {
  const registry = await OurRegistry.start(`${directory}/killed`);
  try {
    for (const [round, pauseMs] of [30, 90, 150, 220].entries()) {
      const name = `${registry.host}/killed/image`;
      daemon.ok('run', '--name', 'maker', 'busybox', 'sh', '-c', `head -c 4000000 /dev/urandom > /noise; echo ${round} > /mark`);
      daemon.ok('commit', 'maker', `${name}:${round}`);
      daemon.ok('rm', 'maker');
      const push = ask(daemon.socket, 'POST', `/v1.51/images/${name}/push?tag=${round}`).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await registry.end('SIGKILL');
      await push;
      await registry.up();
      daemon.ok('push', `${name}:${round}`);
      second.ok('pull', `${name}:${round}`);
      assert.equal(second.ok('run', '--rm', `${name}:${round}`, 'cat', '/mark'), String(round));
    }
  } finally {
    await registry.end();
  }
});
