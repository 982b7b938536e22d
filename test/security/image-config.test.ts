import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { busyboxPlus, busyboxTar, whyNoImage } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';
import type { ForgedEntry } from '../world/forge.ts';
import { ask } from '../world/http.ts';
import { eventually } from '../world/waiting.ts';

/*
 * What an image says about the containers to come, in its config and in the files that the engine reads of it: orders that are
 * none of its business, places that lie elsewhere, accounts that are something else. The ids are those of the catalogue.
 */
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const hasCompiler = spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0;
const MIB = 1024 * 1024;
const SENTINEL = 'nobody may change this';

describe('what an image says', { skip, timeout: 240_000 }, () => {
  if (skip !== false) return;
  const outside = mkdtempSync('/tmp/gantry-outside-');
  const sentinel = `${outside}/sentinel`;
  let daemon: TestDaemon;

  before(async () => {
    writeFileSync(sentinel, SENTINEL, { mode: 0o600 });
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
  });

  afterEach(() => {
    assert.deepEqual(readdirSync(outside), ['sentinel']);
    assert.deepEqual([readFileSync(sentinel, 'utf8'), statSync(sentinel).mode & 0o777], [SENTINEL, 0o600]);
    const left = daemon.docker('ps', '-aq').out.split('\n').filter(Boolean);
    if (left.length > 0) daemon.ok('rm', '-f', '-v', ...left);
    assert.doesNotMatch(daemon.log, /unhandled/);
  });

  after(async () => {
    await daemon.destroy();
    rmSync(outside, { recursive: true, force: true });
  });

  const image = (name: string, entries: readonly ForgedEntry[], ...changes: readonly string[]) =>
    daemon.dockerWith({ input: busyboxPlus(entries) }, 'import', ...changes.flatMap((change) => ['-c', change]), '-', name);
  const run = (...args: readonly string[]) => daemon.dockerWith({ timeoutMs: 8000 }, 'run', '--rm', ...args);
  const residentBytes = (): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]) * 1024;

  describe('S-207: config as code', () => {
    const orders: Readonly<Record<string, string>> = {
      'gantry.on-unhealthy': 'stop', 'containerd.io/restart.status': 'running', 'containerd.io/restart.loguri': `binary:///bin/sh?-c=touch+${outside}/pwned`,
      'run.oci.hooks.stdout': `${outside}/pwned`, 'run.oci.handler': 'krun', 'io.podman.annotations.userns': 'host', 'io.kubernetes.pod.uid': 'x', 'com.docker.compose.project': 'x', 'com.docker.volume.anonymous': '',
    };
    const labels = Object.entries(orders).map(([key, value]) => `LABEL ${key}=${value}`);
    const variables = ['NODE_OPTIONS=--require=/evil.js', 'LD_PRELOAD=/evil.so', 'NOTIFY_SOCKET=/evil', '_CONTAINERS_USERNS_CONFIGURED=1'].map((entry) => `ENV ${entry}`);

    test('labels and variables of an image, pulled or committed, reach the process and no order to the engine', async () => {
      assert.equal(image('orders', [], ...labels, ...variables, 'CMD ["sleep", "60"]').code, 0);
      daemon.ok('run', '--name', 'maker', '--health-cmd', 'false', '--health-interval', '100ms', '--health-retries', '1', 'orders', 'true');
      // As a commit and a build hand labels on: the next image has them, and they are data there as well.
      daemon.ok('commit', ...labels.flatMap((label) => ['-c', label]), '-c', 'CMD ["sleep", "60"]', 'maker', 'inherited');
      for (const from of ['orders', 'inherited']) {
        const id = daemon.ok('run', '-d', '--health-cmd', 'false', '--health-interval', '100ms', '--health-retries', '1', '-v', '/data', from);
        const { annotations = {}, hooks } = JSON.parse(readFileSync(`${daemon.run}/containers/${id}/config.json`, 'utf8')) as { annotations?: object; hooks?: object };
        assert.deepEqual([Object.keys(annotations).filter((key) => key !== 'run.oci.seccomp_bpf_data'), hooks], [[], undefined]);
        const state = await eventually('the container is unhealthy', () => daemon.ok('inspect', '-f', '{{.State.Health.Status}} {{.State.Running}}', id), (text) => text.startsWith('unhealthy'));
        assert.equal(state, 'unhealthy true');
        assert.equal(daemon.ok('inspect', '-f', '{{index .Config.Labels "gantry.on-unhealthy"}}', id), 'stop', 'it is shown');
        assert.match(daemon.ok('exec', id, 'env'), /^LD_PRELOAD=\/evil\.so$/m);
        assert.equal(daemon.ok('inspect', '-f', '{{.HostConfig.LogConfig.Type}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.Runtime}}', id), daemon.ok('inspect', '-f', '{{.HostConfig.LogConfig.Type}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.Runtime}}', 'maker'));
        daemon.ok('rm', '-f', id);
      }
      assert.equal(existsSync(`${outside}/pwned`), false);
    });
  });

  test('S-110: libraries of the image are loaded by nothing that works on its files', { skip: hasCompiler ? false : 'needs gcc' }, () => {
    const source = `${outside}.c`;
    const library = `${outside}.so`;
    // Told by whoever loads it, wherever that process is.
    writeFileSync(source, '#include <fcntl.h>\n#include <unistd.h>\n__attribute__((constructor)) static void told(void) { close(open("/loaded-a-library-of-the-image", O_CREAT | O_WRONLY, 0644)); }\n');
    assert.equal(spawnSync('gcc', ['-shared', '-fPIC', '-o', library, source]).status, 0);
    const data = readFileSync(library);
    for (const path of [source, library]) rmSync(path);
    const files = ['libnss_files.so.2', 'libnss_compat.so.2', 'libnss_evil.so.2', 'libnss_dns.so.2', 'libz.so.1', 'libssl.so.3'];
    const libraries = ['lib', 'lib64', 'usr/lib', 'lib/x86_64-linux-gnu'].flatMap((directory) => files.map((name): ForgedEntry => ({ name: `${directory}/${name}`, data, mode: 0o755 })));
    image('libraries', [...libraries, { name: 'etc/nsswitch.conf', data: 'passwd: evil files\ngroup: evil files\nhosts: evil dns\n' }, { name: 'etc/ld.so.preload', data: '/lib/libnss_evil.so.2\n' }], 'ENV LD_PRELOAD=/lib/libnss_evil.so.2', 'CMD ["sleep", "60"]');
    daemon.ok('run', '-d', '--name', 'libraries', '-u', 'user:extra', 'libraries');
    daemon.ok('cp', 'libraries:/etc', `${daemon.directory}/copied`);
    daemon.ok('cp', '-a', `${daemon.directory}/copied/passwd`, 'libraries:/tmp/passwd');
    daemon.ok('exec', '-u', 'user', 'libraries', 'true');
    daemon.ok('diff', 'libraries');
    daemon.ok('export', '-o', `${daemon.directory}/exported`, 'libraries');
    daemon.ok('commit', 'libraries', 'libraries-too');
    const names = spawnSync('tar', ['-tf', `${daemon.directory}/exported`], { encoding: 'utf8' }).stdout.split('\n');
    assert.deepEqual([names.includes('tmp/passwd'), names.filter((name) => name.startsWith('loaded'))], [true, []]);
    assert.equal(existsSync('/loaded-a-library-of-the-image'), false);
  });

  test('S-208: a VOLUME takes over what lies inside the image at its place, through whatever links', () => {
    const up = '../'.repeat(12);
    const link = (name: string, target: string): ForgedEntry => ({ name, type: '2', link: target });
    // The image has the same path, so that what a link means inside is there.
    const inside = [1, 2, 3, 4].flatMap((part): ForgedEntry[] => [{ name: `${outside.slice(1)}/${part}/`, type: '5' }, { name: `${outside.slice(1)}/${part}/sentinel`, data: `inside ${part};` }]);
    const together = ['/out', '/up', `/root-link${outside}/3`, `/dots/../../..${outside}/4`];
    const cases: readonly [entries: readonly ForgedEntry[], volumes: readonly string[]][] = [
      [[...inside, link('out', `${outside}/1`), link('up', `${up}${outside.slice(1)}/2`), link('root-link', '/'), { name: 'dots/', type: '5' }], together],
      [[link('chain', '/next'), link('next', `/proc/1/root${outside}`)], ['/chain']], [[link('cwd', '/proc/self/cwd')], ['/cwd/etc']],
      [[link('loop', 'loop')], ['/loop']], [[{ name: 'fifo', type: '6' }], ['/fifo']],
    ];
    for (const [entries, volumes] of cases) {
      const name = volumes.join(' ');
      assert.equal(image('volume', entries, ...volumes.map((volume) => `VOLUME ${volume}`)).code, 0);
      const ran = daemon.dockerWith({ timeoutMs: 8000 }, 'run', '--name', 'holder', 'volume', 'sh', '-c', volumes.map((volume) => `cat ${volume}/sentinel; echo changed >${volume}/sentinel`).join('\n'));
      assert.doesNotMatch(ran.out, new RegExp(SENTINEL), name);
      if (volumes === together) assert.deepEqual([ran.code, ran.out], [0, 'inside 1;inside 2;inside 3;inside 4;'], ran.err);
      const kept = `${daemon.root}/volumes`;
      for (const found of existsSync(kept) ? readdirSync(kept, { recursive: true, encoding: 'utf8' }) : []) {
        const path = `${kept}/${found}`;
        if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) assert.doesNotMatch(readFileSync(path, 'utf8'), new RegExp(SENTINEL), `${name}: ${found}`);
      }
      daemon.docker('rm', '-f', '-v', 'holder');
      daemon.ok('rmi', 'volume');
    }
    // Links that stay inside are followed, or nothing of this would mean anything.
    image('inside', [{ name: 'real', type: '5' }, { name: 'real/f', data: 'copied' }, { name: 'v', type: '2', link: '/w' }, { name: 'w', type: '2', link: 'real' }], 'VOLUME /v');
    daemon.ok('run', '--name', 'inside', 'inside', 'cat', '/v/f');
    const source = daemon.ok('inspect', '-f', '{{(index .Mounts 0).Source}}', 'inside');
    assert.equal(readFileSync(`${source}/f`, 'utf8'), 'copied');
  });

  describe('S-209: USER', () => {
    test('numbers that wrap, groups that are none, and numbers that the image has as names', () => {
      const wrong = (ran: { readonly code: number; readonly out: string; readonly err: string }, user: string): void => assert.equal(ran.code, 125, `USER ${user}: ${ran.out}${ran.err}`);
      for (const user of ['4294967296', '0:-1']) {
        if (image('user', [], `USER ${user}`).code === 0) wrong(run('user', 'id'), user);
        daemon.docker('rmi', 'user');
      }
      for (const user of ['4294968296', '2147483648', '-1', '0:2147483648', '0:0x', '1e3', '\u0660']) wrong(run('-u', user, 'busybox', 'id'), user);
      image('names', [{ name: 'etc/passwd', data: 'root:x:0:0::/:/bin/sh\n1000:x:0:0::/:/bin/sh\n' }, { name: 'etc/group', data: 'root:x:0:\n50:x:0:\n' }], 'USER 1000:50');
      assert.equal(run('names', 'sh', '-c', 'id -u; id -g').out, '1000\n50\n');
      assert.equal(run('-u', '1000', '--group-add', '50', 'names', 'sh', '-c', 'id -u; id -G').out, '1000\n0 50\n');
      daemon.ok('rmi', 'names');
    });

    test('account files that are none, lead elsewhere or have no end', () => {
      const cases: readonly (readonly [string, readonly ForgedEntry[]])[] = [
        ['fifo', [{ name: 'etc/passwd', type: '6' }, { name: 'etc/group', type: '6' }]],
        ['link', [{ name: 'etc/passwd', type: '2', link: sentinel }, { name: 'etc/group', type: '2', link: '/proc/1/environ' }]],
        ['directory link', [{ name: 'etc', type: '2', link: outside }]],
        ['loop', [{ name: 'etc/passwd', type: '2', link: 'passwd' }]],
        ['huge', [{ name: 'etc/passwd', data: Buffer.alloc(24 * MIB, 'user:x:1:1::/:/bin/sh\n') }, { name: 'etc/group', data: Buffer.alloc(24 * MIB, 'g:x:1:a,b,c\n') }]],
        // 1 GiB that costs the archive nothing.
        ['sparse', [{ name: 'etc/group', data: 'g', pax: { 'GNU.sparse.map': '0,1', 'GNU.sparse.size': String(1024 * MIB) } }]],
        ['directory', [{ name: 'etc/passwd', type: '5' }]],
        ['device', [{ name: 'etc/passwd', type: '3', major: 1, minor: 5 }]],
      ];
      for (const [name, entries] of cases) {
        if (image('accounts', entries).code !== 0) continue;
        const before = residentBytes();
        const ran = run('-u', 'someone:else', 'accounts', 'id');
        assert.equal(ran.code, 125, `${name}: ${ran.out}${ran.err}`);
        assert.match(ran.err, /someone|passwd|group/, name);
        assert.doesNotMatch(ran.err, new RegExp(SENTINEL));
        const root = run('accounts', 'echo', 'runs');
        assert.ok(root.out === 'runs\n' || root.code === 125, `${name}: ${root.err}`);
        assert.ok(residentBytes() - before < 96 * MIB, `${name}: ${(residentBytes() - before) / MIB} MiB more`);
        daemon.ok('rmi', 'accounts');
      }
    });

    test('a line break in a home or a directory makes no account', () => {
      const evil = '/x\nevil:x:0:0::/:/bin/sh';
      const plain = daemon.ok('run', '--rm', 'busybox', 'cat', '/etc/passwd');
      for (const flags of [['-e', `HOME=${evil}`], ['-w', evil], ['-u', '4711', '-e', `HOME=${evil}`], ['-u', '4711']]) {
        const ran = run(...flags, 'busybox', 'cat', '/etc/passwd');
        if (ran.code === 0) assert.equal(ran.out.trim(), plain, flags.join(' '));
      }
      assert.equal(run('-u', 'user\nevil', 'busybox', 'id').code, 125);
    });
  });

  test('S-210: checkpoints are not offered, and nothing is restored from what calls itself one', async () => {
    const id = daemon.ok('create', 'busybox', 'true');
    for (const [method, path] of [['POST', 'checkpoints'], ['GET', 'checkpoints'], ['DELETE', 'checkpoints/c'], ['GET', `checkpoints?dir=${encodeURIComponent(outside)}`]] as const) {
      assert.equal((await ask(daemon.socket, method, `/v1.51/containers/${id}/${path}`, method === 'POST' ? { body: `{"CheckpointID":"c","CheckpointDir":${JSON.stringify(outside)}}` } : {})).status, 404, path);
    }
    const start = await ask(daemon.socket, 'POST', `/v1.51/containers/${id}/start?checkpoint=c&checkpoint-dir=${encodeURIComponent(outside)}`);
    assert.deepEqual([start.status, /checkpoint/.test(start.message ?? '')], [400, true]);
    assert.equal(daemon.ok('inspect', '-f', '{{.State.Status}}', id), 'created');
  });
});
