import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildScenarios, ran } from './build/building.ts';
import { copyProgram, missingProgram } from './build/programs.ts';
import { bcryptLine } from './world/docker-registry.ts';
import { freePort } from './world/free-port.ts';
import { OurRegistry } from './world/our-registry.ts';
import { httpCall } from './world/unix-call.ts';
import { eventually } from './world/waiting.ts';

const scenario = buildScenarios('build-scenarios');
const cached = (output: string): number => output.split('\n').filter((line) => /^#\d+ CACHED$/.test(line)).length;

scenario('an unchanged build runs nothing and is the same image', async (world) => {
  const directory = world.context({ Dockerfile: 'FROM base\nCOPY . /ctx\nRUN echo built > /built\n', 'a/b': 'b' });
  try {
    assert.equal((await world.build(directory, '-t', 'noop:1')).code, 0);
    const { stderr } = await world.build(directory, '-t', 'noop:2');
    assert.equal(cached(stderr), 3, stderr);
    assert.equal(world.daemon.ok('image', 'inspect', '-f', '{{.Id}}', 'noop:1'), world.daemon.ok('image', 'inspect', '-f', '{{.Id}}', 'noop:2'));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('a changed file runs again only what reads it', async (world) => {
  const directory = world.context({ Dockerfile: 'FROM base\nCOPY a /a\nRUN echo first-ran\nCOPY b /b\nRUN echo second-ran\n', a: 'a', b: 'b' });
  try {
    assert.equal((await world.build(directory)).code, 0);
    writeFileSync(join(directory, 'b'), 'changed');
    const { stderr } = await world.build(directory);
    assert.ok(!ran(stderr, 'first-ran'), stderr);
    assert.ok(ran(stderr, 'second-ran'), stderr);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('a large file is on disk once, and neither a container nor a later build changes it in an image', async (world) => {
  const contents = [randomBytes(9 << 20), randomBytes(9 << 20)] as const;
  const directory = world.context({ Dockerfile: 'FROM base\nCOPY large /in/large\n' });
  const digestIn = (tag: string): string | undefined => world.daemon.ok('run', '--rm', tag, 'sh', '-c', 'sha256sum /in/large; echo more >> /in/large').split(' ')[0];
  const digests = contents.map((content) => createHash('sha256').update(content).digest('hex'));
  try {
    for (const [index, content] of contents.entries()) {
      writeFileSync(join(directory, 'large'), content);
      assert.equal((await world.build(directory, '-t', `large:${index}`)).code, 0);
      const named = execFileSync('find', [world.daemon.root, '-xdev', '-name', 'large', '-size', '+8M', '-printf', '%i %n\n'], { encoding: 'utf8' }).trim().split('\n');
      if (index === 0) assert.deepEqual([named.length, new Set(named).size, named[0]?.split(' ')[1]], [2, 1, '2'], 'the file of the context is that of the layer');
      // The second time from the file that a layer has already.
      else assert.equal((await world.build(directory, '--no-cache', '-t', 'large:again')).code, 0);
    }
    assert.deepEqual(['large:0', 'large:1', 'large:again', 'large:0', 'large:1'].map(digestIn), [...digests, digests[1], ...digests]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('builds that are over are listed, with what they said, until they are removed', async (world) => {
  await world.ok({ Dockerfile: 'FROM base\nARG WORD\nRUN echo $WORD-was-said\n' }, '--build-arg', 'WORD=this');
  await world.fails(/exit code: 3/, { Dockerfile: 'FROM base\nRUN exit 3\n' });
  const history = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await world.buildx.run(['history', ...args], tmpdir());
    assert.equal(code, 0, `history ${args.join(' ')}: ${stderr}`);
    return stdout + stderr;
  };
  const listed = async (): Promise<readonly { readonly ref: string; readonly status: string }[]> => (await history('ls', '--format', '{{json .}}')).trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as { ref: string; status: string });
  const [failed, built] = await listed();
  assert.deepEqual([failed?.status, built?.status], ['Error', 'Completed']);
  const idOf = (ref = ''): string => ref.slice(ref.lastIndexOf('/') + 1);
  assert.match(await history('logs', idOf(built?.ref)), /this-was-said/);
  assert.match(await history('inspect', idOf(built?.ref)), /WORD\s+this/);
  assert.match(await history('inspect', idOf(failed?.ref)), /did not complete successfully: exit code: 3/);
  await history('rm', idOf(failed?.ref));
  assert.ok(!(await listed()).some(({ ref }) => ref === failed?.ref));
});

scenario('a stage that nothing needs never runs, and others run at once', async (world) => {
  const output = await world.ok({ Dockerfile: 'FROM base AS unused\nRUN echo unused-ran\nFROM base AS a\nRUN date +%s > /a; sleep 1\nFROM base AS b\nRUN date +%s > /b; sleep 1\nFROM base\nCOPY --from=a /a /a\nCOPY --from=b /b /b\nRUN echo $(( $(cat /b) - $(cat /a) )) seconds-apart\n' }, '--no-cache');
  assert.ok(!output.includes('unused-ran'));
  assert.match(output, /(^|\s)-?[01] seconds-apart/m);
});

scenario('the same step of two builds at once runs once', async (world) => {
  const files = { Dockerfile: 'FROM base\nRUN sleep 1; cat /proc/sys/kernel/random/uuid > /id\n' };
  await Promise.all([world.ok(files, '-t', 'twin-a'), world.ok(files, '-t', 'twin-b')]);
  assert.equal(world.daemon.ok('image', 'inspect', '-f', '{{.Id}}', 'twin-a'), world.daemon.ok('image', 'inspect', '-f', '{{.Id}}', 'twin-b'));
});

scenario('a build that is given up ends its command', async (world) => {
  const directory = world.context({ Dockerfile: 'FROM base\nRUN sleep 54321\n' });
  try {
    const done = world.buildx.run(['build', '--progress=plain', '.'], directory, 3000);
    await done;
    await eventually('the command is gone', () => spawnSync('pgrep', ['-f', '^sleep 54321$']).status, (status) => status === 1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('results go to a directory, a tar and archives of the client', async (world) => {
  const out = mkdtempSync(join(tmpdir(), 'gantry-out-'));
  try {
    const files = { Dockerfile: 'FROM base AS b\nRUN mkdir /o && echo data > /o/f && chmod 640 /o/f && ln -s f /o/l && ln /o/f /o/h\nFROM scratch\nCOPY --from=b /o /\n' };
    await world.ok(files, '-o', `type=local,dest=${out}/local`);
    assert.deepEqual(readdirSync(`${out}/local`).sort(), ['f', 'h', 'l']);
    assert.equal(readFileSync(`${out}/local/l`, 'utf8'), 'data\n');
    assert.equal(statSync(`${out}/local/f`).mode & 0o777, 0o640);
    await world.ok(files, '-o', `type=tar,dest=${out}/t.tar`);
    assert.match(execFileSync('tar', ['-tf', `${out}/t.tar`], { encoding: 'utf8' }), /^f$/m);
    for (const type of ['oci', 'docker']) {
      await world.ok(files, '-o', `type=${type},dest=${out}/${type}.tar,name=exported:1`);
      const { index, manifest } = { index: execFileSync('tar', ['-xOf', `${out}/${type}.tar`, 'index.json'], { encoding: 'utf8' }), manifest: execFileSync('tar', ['-xOf', `${out}/${type}.tar`, 'manifest.json'], { encoding: 'utf8' }) };
      assert.equal((JSON.parse(index) as { manifests: unknown[] }).manifests.length, 1);
      assert.match(manifest, /exported:1/);
      world.daemon.ok('load', '-i', `${out}/${type}.tar`);
    }
    await world.ok(files, '--iidfile', `${out}/iid`, '--metadata-file', `${out}/metadata`, '-t', 'named:1');
    assert.equal(readFileSync(`${out}/iid`, 'utf8'), world.daemon.ok('image', 'inspect', '-f', '{{.Id}}', 'named:1'));
    assert.match(readFileSync(`${out}/metadata`, 'utf8'), /"image\.name": "docker\.io\/library\/named:1"/);
  } finally {
    rmSync(out, { recursive: true });
  }
});

scenario('the classic build takes an archive and tells what it does', async (world) => {
  const directory = world.context({ 'sub/My.Dockerfile': 'FROM base\nARG A\nCOPY . /ctx\nRUN echo $A > /a && ls /ctx\n', keep: 'k', drop: 'd', '.dockerignore': 'drop\n' });
  try {
    const tar = execFileSync('tar', ['-C', directory, '-c', '.']);
    const query = `t=classic:1&dockerfile=sub/My.Dockerfile&buildargs=${encodeURIComponent('{"A":"value"}')}&labels=${encodeURIComponent('{"l":"m"}')}`;
    const { status, body } = await httpCall(world.daemon.socket, 'POST', `/v1.51/build?${query}`, tar);
    const text = body.toString('utf8');
    assert.equal(status, 200);
    assert.match(text, /"stream":"Step 1\/4 : FROM base"/);
    assert.match(text, /Successfully tagged classic:1/);
    assert.doesNotMatch(text, /drop\\n/);
    assert.equal(world.daemon.ok('run', '--rm', 'classic:1', 'cat', '/a'), 'value');
    const failed = await httpCall(world.daemon.socket, 'POST', '/build', execFileSync('tar', ['-C', directory, '-c', 'keep']));
    assert.deepEqual([failed.status, JSON.parse(failed.body.toString('utf8'))], [400, { message: 'Cannot locate specified Dockerfile: Dockerfile' }]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('a file of a server is added, and its checksum holds', async (world) => {
  const server = createServer((_, response) => response.end('served'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.txt`;
  try {
    const sum = execFileSync('sha256sum', { input: 'served', encoding: 'utf8' }).slice(0, 64);
    await world.ok({ Dockerfile: `FROM base\nADD --checksum=sha256:${sum} ${url} /got\nRUN cat /got && stat -c %a /got\n` });
    await world.fails(/digest mismatch/, { Dockerfile: `FROM base\nADD --checksum=sha256:${'0'.repeat(64)} ${url} /got\n` });
  } finally {
    server.close();
  }
});

scenario('an agent of the client answers to a command, and nothing of it stays', async (world, t) => {
  const missing = missingProgram('ssh-agent', 'ssh-add', 'ssh-keygen');
  if (missing !== undefined) return void t.skip(missing);
  const place = mkdtempSync(join(tmpdir(), 'gantry-ssh-'));
  const agent = spawn('ssh-agent', ['-D', '-a', `${place}/agent`], { stdio: 'ignore' });
  const env = { ...process.env, SSH_AUTH_SOCK: `${place}/agent` };
  const directory = world.context({ Dockerfile: 'FROM base\nCOPY tools /\nRUN --mount=type=ssh ssh-add -l && echo of $SSH_AUTH_SOCK\nRUN test -z "$SSH_AUTH_SOCK" && ls /run/buildkit 2>&1 || echo nothing left\nRUN --mount=type=ssh,id=other,required=true true\n' });
  try {
    await eventually('the agent listens', () => existsSync(`${place}/agent`), Boolean);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'key-of-the-test', '-f', `${place}/key`]);
    execFileSync('ssh-add', ['-q', `${place}/key`], { env, stdio: 'ignore' });
    copyProgram('/usr/bin/ssh-add', `${directory}/tools`);
    const { stderr } = await world.build(directory, '--ssh', `default=${place}/agent`);
    assert.match(stderr, /256 SHA256:\S+ key-of-the-test \(ED25519\)/);
    assert.match(stderr, /nothing left/);
    assert.match(stderr, /unset ssh forward key other/);
  } finally {
    agent.kill();
    rmSync(directory, { recursive: true });
    rmSync(place, { recursive: true });
  }
});

scenario('a repository of a git daemon is added, and is a context', async (world, t) => {
  const missing = missingProgram('git') ?? (existsSync('/usr/lib/git-core/git-daemon') ? undefined : 'git daemon is not installed');
  if (missing !== undefined) return void t.skip(missing);
  const place = mkdtempSync(join(tmpdir(), 'gantry-git-'));
  const git = (...args: readonly string[]): string => execFileSync('git', ['-C', `${place}/repo`, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { encoding: 'utf8' }).trim();
  const port = await freePort();
  mkdirSync(`${place}/repo/sub`, { recursive: true });
  writeFileSync(`${place}/repo/Dockerfile`, 'FROM base\nCOPY sub /sub\nRUN cat /sub/f && ls -a /\n');
  writeFileSync(`${place}/repo/sub/f`, 'first-version');
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  const first = git('rev-parse', 'HEAD');
  git('tag', 'v1');
  writeFileSync(`${place}/repo/sub/f`, 'second-version');
  git('commit', '-q', '-a', '-m', 'second');
  const server = spawn('git', ['daemon', '--export-all', `--base-path=${place}`, '--listen=127.0.0.1', `--port=${port}`], { stdio: 'ignore' });
  const url = `git://127.0.0.1:${port}/repo`;
  try {
    await eventually('the git daemon answers', () => spawnSync('git', ['ls-remote', url], { stdio: 'ignore' }).status, (status) => status === 0);
    const added = await world.ok({ Dockerfile: `FROM base\nADD ${url}#main:sub /main\nADD --checksum=${first} ${url}#v1:sub /tag\nADD --keep-git-dir=true ${url}#main /kept\nRUN cat /main/f /tag/f; test ! -e /main/.git && test -d /kept/.git\n` });
    assert.match(added, /second-versionfirst-version/);
    const { code, stderr } = await world.buildx.run(['build', '--progress=plain', `${url}#v1`], place);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /first-version/);
  } finally {
    server.kill();
    rmSync(place, { recursive: true });
  }
});

scenario('builds of a bake file stand on each other', async (world) => {
  const bake = 'target "lib" {\n dockerfile-inline = "FROM base\\nRUN echo lib > /lib\\nENV LIB=yes\\n"\n}\ntarget "app" {\n contexts = { lib = "target:lib" }\n dockerfile-inline = "FROM lib\\nRUN cat /lib && test $LIB = yes\\n"\n tags = ["baked:1"]\n}\n';
  const directory = world.context({ 'docker-bake.hcl': bake });
  try {
    const { code, stderr } = await world.buildx.run(['bake', '--progress=plain', 'app'], directory);
    assert.equal(code, 0, stderr);
    assert.equal(world.daemon.ok('run', '--rm', 'baked:1', 'cat', '/lib'), 'lib');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('the cache is listed and pruned, and images stay whole', async (world) => {
  await world.ok({ Dockerfile: 'FROM base\nRUN echo kept > /kept\n' }, '-t', 'pruned:1');
  await world.ok({ Dockerfile: 'FROM base\nRUN --mount=type=cache,target=/c echo x > /c/x; echo loose > /loose\n' });
  assert.match((await world.buildx.run(['du', '--verbose'], '/')).stdout, /exec\.cachemount/);
  assert.equal((await world.buildx.run(['prune', '-af'], '/')).code, 0);
  assert.doesNotMatch((await world.buildx.run(['du', '--verbose'], '/')).stdout, /exec\.cachemount/);
  assert.equal(world.daemon.ok('run', '--rm', 'pruned:1', 'cat', '/kept'), 'kept');
  const again = await world.ok({ Dockerfile: 'FROM base\nRUN echo kept > /kept\n' });
  assert.equal(cached(again), 0, again);
});

scenario('a cache travels through a registry, by itself or in an image', async (world) => {
  const place = mkdtempSync(join(tmpdir(), 'gantry-registry-'));
  const registry = await OurRegistry.start(`${place}/registry`);
  const files = { Dockerfile: 'FROM base AS b\nRUN echo builder > /b\nFROM base\nCOPY f /f\nRUN echo final > /z\nCOPY --from=b /b /b\n', f: 'f' };
  const prune = async (): Promise<void> => void await world.buildx.run(['prune', '-af'], '/');
  try {
    await prune();
    await world.ok(files, '--cache-to', `type=registry,ref=${registry.host}/cache:1,mode=max`);
    await prune();
    const imported = await world.ok(files, '--cache-from', `${registry.host}/cache:1`);
    assert.equal(cached(imported), 5, imported);
    assert.doesNotMatch(world.daemon.ok('images'), /cache/);
    await world.ok(files, '--cache-to', 'type=inline', '-t', `${registry.host}/app:1`, '--push');
    world.daemon.ok('rmi', `${registry.host}/app:1`);
    await prune();
    const inlined = await world.ok(files, '--cache-from', `${registry.host}/app:1`);
    assert.ok(!ran(inlined, 'builder') && cached(inlined) >= 3, inlined);
    await world.ok(files, '--cache-from', `${registry.host}/none:1`);
    await world.fails(/unknown cache exporter: "azblob": caches are kept in registries/, files, '--cache-to', `type=azblob,name=x,account_url=http://127.0.0.1:1`);
  } finally {
    await registry.end();
    rmSync(place, { recursive: true, force: true });
  }
});

scenario('a cache travels through a directory, with what cache mounts hold', async (world) => {
  const place = mkdtempSync(join(tmpdir(), 'gantry-cache-'));
  const files = { Dockerfile: 'FROM base AS b\nRUN --mount=type=cache,id=travels,target=/c,mode=0750,uid=7 echo kept > /c/k; echo builder > /b\nFROM base\nCOPY f /f\nCOPY --from=b /b /b\n', f: 'f' };
  const prune = async (): Promise<void> => void await world.buildx.run(['prune', '-af'], '/');
  try {
    await prune();
    await world.ok(files, '--cache-to', `type=local,dest=${place}/max,mode=max,mounts=true,compression=zstd`);
    assert.match(readFileSync(`${place}/max/blobs/sha256/${(JSON.parse(readFileSync(`${place}/max/index.json`, 'utf8')) as { manifests: { digest: string }[] }).manifests[0]?.digest.slice(7)}`, 'utf8'), /layer\.v1\.tar\+zstd/);
    await prune();
    const all = await world.ok(files, '--cache-from', `type=local,src=${place}/max`);
    assert.equal(cached(all), 4, all);
    const mount = await world.ok({ Dockerfile: 'FROM base\nRUN --mount=type=cache,id=travels,target=/c,mode=0750,uid=7 stat -c "of %u %a" /c; echo is $(cat /c/k)\n' });
    assert.match(mount, /of 7 750[^]*is kept/);
    const blobs = readdirSync(`${place}/max/blobs/sha256`);
    for (const name of blobs) writeFileSync(`${place}/max/blobs/sha256/${name}`, 'poison');
    await prune();
    assert.equal(cached(await world.ok(files, '--cache-from', `type=local,src=${place}/max`)), 0, 'nothing is believed that does not hash to its name');
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

scenario('with an epoch and rewritten times, two builds from nothing are one image', async (world) => {
  const files = { Dockerfile: 'FROM base\nRUN echo x > /made && mkdir /d && rm /bin/uname && cp /proc/sys/kernel/random/boot_id /d/\nCOPY f /d/f\n', f: 'f' };
  const ids = [];
  for (const name of ['epoch:1', 'epoch:2']) {
    await world.ok(files, '--no-cache', '--build-arg', 'SOURCE_DATE_EPOCH=1700000000', '-o', `type=image,name=${name},rewrite-timestamp=true`);
    ids.push(world.daemon.ok('image', 'inspect', '-f', '{{.Id}}', name));
  }
  assert.equal(ids[0], ids[1]);
  assert.equal(world.daemon.ok('run', '--rm', 'epoch:1', 'sh', '-c', 'stat -c %Y /made /d /d/f; test -e /bin/uname || echo gone').split('\n').join(), '1700000000,1700000000,1700000000,gone');
});

scenario('what a build says about its image goes with it', async (world) => {
  const place = mkdtempSync(join(tmpdir(), 'gantry-attest-'));
  const registry = await OurRegistry.start(`${place}/registry`);
  const files = { Dockerfile: 'FROM base\nCOPY status /var/lib/dpkg/status\n', status: 'Package: curl\nStatus: install ok installed\nVersion: 7.88\nArchitecture: amd64\n' };
  const inspect = async (format: string): Promise<string> => (await world.buildx.run(['imagetools', 'inspect', '--format', format, `${registry.host}/said:1`], '/')).stdout;
  try {
    await world.ok(files, '--sbom=true', '--provenance=mode=max', '-t', `${registry.host}/said:1`, '--push', '--metadata-file', `${place}/metadata`);
    const { 'containerimage.digest': digest } = JSON.parse(readFileSync(`${place}/metadata`, 'utf8')) as Record<string, string>;
    assert.equal(world.daemon.ok('image', 'inspect', '-f', '{{index .RepoDigests 0}}', `${registry.host}/said:1`), `${registry.host}/said@${digest}`);
    assert.match(await inspect('{{json .SBOM}}{{json .Provenance}}'), /pkg:deb\/debian\/curl@7\.88[^]*"buildType": ?"https:\/\/mobyproject\.org\/buildkit@v1"/);
    assert.match(world.daemon.ok('image', 'inspect', `${registry.host}/said:1`), /spdx\.dev\/Document/);
    await world.ok(files, '--provenance=mode=min', '-o', `type=oci,dest=${place}/oci.tar,name=said:2`);
    const members = execFileSync('tar', ['-xOf', `${place}/oci.tar`], { encoding: 'latin1', maxBuffer: 1 << 28 });
    assert.match(members, /"vnd\.docker\.reference\.type": "attestation-manifest"/);
    world.daemon.ok('load', '-i', `${place}/oci.tar`);
    const staged = { ...files, Dockerfile: 'FROM base AS tools\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nCOPY status /var/lib/dpkg/status\nFROM base\nCOPY --from=tools /etc/passwd /p\n' };
    await world.ok(staged, '--sbom=true', '--build-arg', 'BUILDKIT_SBOM_SCAN_CONTEXT=true', '-o', `type=local,dest=${place}/scanned`);
    assert.deepEqual(readdirSync(`${place}/scanned`).filter((name) => name.startsWith('sbom')).sort(), ['sbom-context.spdx.json', 'sbom-tools.spdx.json', 'sbom.spdx.json']);
    assert.match(readFileSync(`${place}/scanned/sbom-tools.spdx.json`, 'utf8'), /pkg:deb\/debian\/curl@7\.88/);
    assert.doesNotMatch(readFileSync(`${place}/scanned/sbom.spdx.json`, 'utf8'), /curl/);
    await world.ok(files, '--sbom=true', '-o', `type=local,dest=${place}/local`);
    const { subject, predicate } = JSON.parse(readFileSync(`${place}/local/sbom.spdx.json`, 'utf8')) as { subject: { name: string }[]; predicate: { spdxVersion: string } };
    assert.ok(subject.some(({ name }) => name === 'var/lib/dpkg/status') && predicate.spdxVersion === 'SPDX-2.3');
  } finally {
    await registry.end();
    rmSync(place, { recursive: true, force: true });
  }
});

scenario('several platforms, and annotations, go into one archive, directory or name', async (world) => {
  const place = mkdtempSync(join(tmpdir(), 'gantry-platforms-'));
  writeFileSync(`${place}/htpasswd`, `${bcryptLine('user:secret')}\n`);
  const registry = await OurRegistry.start(`${place}/registry`, ['--htpasswd', `${place}/htpasswd`]);
  const files = { Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /arch\n', amd64: 'for amd64', arm64: 'for arm64' };
  const both = ['--platform', 'linux/amd64,linux/arm64'];
  try {
    await world.ok(files, ...both, '--annotation', 'index:k=v', '-o', `type=oci,dest=${place}/oci.tar,name=platforms:1`);
    const members = execFileSync('tar', ['-xOf', `${place}/oci.tar`], { encoding: 'latin1' });
    assert.ok(/"architecture": "amd64",[^]*"architecture": "arm64"[^]*"annotations": \{\s*"k": "v"/.test(members));
    world.daemon.ok('load', '-i', `${place}/oci.tar`);
    const own = world.daemon.ok('info', '-f', '{{.Architecture}}') === 'x86_64' ? 'amd64' : 'arm64';
    assert.equal(world.daemon.ok('image', 'inspect', '-f', '{{.Architecture}}', 'platforms:1'), own);
    await world.ok(files, ...both, '-o', `type=local,dest=${place}/local`);
    for (const name of ['amd64', 'arm64']) assert.equal(readFileSync(`${place}/local/linux_${name}/arch`, 'utf8'), `for ${name}`);
    await world.fails(/no basic auth credentials|authentication required|unauthorized/i, files, '-t', `${registry.host}/platforms:0`, '--push');
    world.buildx.logIn(registry.host, 'user', 'secret');
    await world.ok(files, ...both, '--annotation', 'manifest[linux/arm64]:only=arm', '--provenance=mode=min', '-t', `${registry.host}/platforms:1`, '--push', '--metadata-file', `${place}/metadata`);
    const { 'containerimage.digest': pushed } = JSON.parse(readFileSync(`${place}/metadata`, 'utf8')) as Record<string, string>;
    assert.equal(world.daemon.ok('image', 'inspect', '-f', '{{json .RepoDigests}}', `${registry.host}/platforms:1`), JSON.stringify([`${registry.host}/platforms@${pushed}`]));
    const raw = async (name: string): Promise<{ manifests: { digest: string; platform: { architecture: string } }[]; annotations?: object }> => JSON.parse((await world.buildx.run(['imagetools', 'inspect', '--raw', `${registry.host}/platforms${name}`], '/')).stdout) as Awaited<ReturnType<typeof raw>>;
    const { manifests } = await raw(':1');
    assert.deepEqual(manifests.map(({ platform }) => platform.architecture), ['amd64', 'unknown', 'arm64', 'unknown']);
    assert.deepEqual([(await raw(`@${manifests[0]?.digest}`)).annotations, (await raw(`@${manifests[2]?.digest}`)).annotations], [undefined, { only: 'arm' }]);
    const layersOf = async (name: string): Promise<readonly string[]> => ((await raw(name)) as unknown as { layers: { mediaType: string }[] }).layers.map(({ mediaType }) => mediaType.replace(/^.*\.tar[.+]?/, ''));
    for (const [kind, type] of [['zstd', 'zstd'], ['uncompressed', ''], ['gzip', 'gzip']] as const) {
      await world.ok(files, '-o', `type=image,name=${registry.host}/platforms:3,push=true,compression=${kind},force-compression=true`);
      assert.deepEqual(await layersOf(':3'), [type]);
    }
    await world.ok(files, '-o', `type=oci,dest=${place}/zstd.tar,name=compressed:1,compression=zstd`);
    world.daemon.ok('load', '-i', `${place}/zstd.tar`);
    await world.fails(/the compression estargz of layers is not supported: gzip, zstd and uncompressed are/, files, '-o', `type=oci,dest=${place}/no.tar,compression=estargz`);
    await world.ok(files, '--annotation', 'a=b', '-t', `${registry.host}/platforms:2`, '--push');
    assert.deepEqual((await raw(':2')).annotations, { a: 'b' });
    await world.fails(/index annotations not supported for single platform export/, files, '--annotation', 'index:a=b', '-o', `type=oci,dest=${place}/no.tar`);
  } finally {
    await registry.end();
    rmSync(place, { recursive: true, force: true });
  }
});

scenario('what is asked for and is not there is refused by name', async (world) => {
  await world.fails(/the SBOM generator example\.org\/scanner is not run/, { Dockerfile: 'FROM base\n' }, '--sbom=generator=example.org/scanner');
  await world.ok({ Dockerfile: 'FROM base\n' });
});

scenario('a daemon that is killed in a build leaves no half layer', async (world) => {
  const files = { Dockerfile: 'FROM base\nRUN seq 1 200000 > /big && sleep 1 && echo end > /end\nCOPY f /f\nRUN test -f /end\n', f: 'f' };
  for (const afterMs of [300, 700, 1200, 1700]) {
    const directory = world.context(files);
    const building = world.build(directory, '-t', 'crashed:1');
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await world.daemon.crash();
    await building;
    rmSync(directory, { recursive: true });
    await world.daemon.up();
  }
  await world.ok(files, '-t', 'crashed:1');
  assert.equal(world.daemon.ok('run', '--rm', 'crashed:1', 'sh', '-c', 'wc -l < /big; cat /end'), '200000\nend');
  assert.equal(world.daemon.ok('ps', '-aq'), '');
  assert.equal(readdirSync(`${world.daemon.root}/snapshots/containers`).filter((name) => !name.startsWith('.')).length, 0);
});
