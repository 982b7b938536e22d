import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { RunningCli } from './world/running-cli.ts';
import { ask } from './world/http.ts';
import { dockerScenarios } from './world/scenarios.ts';
import { eventually, sleep } from './world/waiting.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const scenarios = dockerScenarios('docker-file-scenarios');
const { scenario, ok, fails } = scenarios;

const sleeper = (name: string, ...more: readonly string[]): string => ok('run', '-d', '--name', name, ...more, 'busybox', 'sleep', '1000');
const inside = (name: string, script: string): string => ok('exec', name, 'sh', '-c', script);
const local = (name: string): string => `${scenarios.daemon.directory}/${name}`;

scenario('cp goes both ways while the container runs, is paused and is stopped', () => {
  sleeper('c');
  mkdirSync(local('tree/sub'), { recursive: true });
  writeFileSync(local('tree/sub/f'), 'content');
  ok('cp', local('tree'), 'c:/tree');
  assert.equal(inside('c', 'cat /tree/sub/f'), 'content');
  ok('pause', 'c');
  ok('cp', local('tree/sub/f'), 'c:/while-paused');
  ok('cp', 'c:/while-paused', local('paused'));
  ok('unpause', 'c');
  ok('stop', '-t', '0', 'c');
  ok('cp', 'c:/tree/.', local('stopped'));
  assert.equal(readFileSync(local('stopped/sub/f'), 'utf8'), 'content');
  ok('cp', local('paused'), 'c:/while-stopped');
  ok('start', 'c');
  assert.equal(inside('c', 'cat /while-paused /while-stopped'), 'contentcontent');
});

scenario('cp sees volumes, binds and the memory file systems of a container that runs', () => {
  mkdirSync(local('bound'), { recursive: true });
  sleeper('c', '-v', 'data:/vol', '-v', `${local('bound')}:/bind`, '--tmpfs', '/mem', '--mount', 'type=tmpfs,dst=/mem2');
  writeFileSync(local('f'), 'x');
  for (const place of ['vol', 'bind', 'mem', 'mem2']) {
    ok('cp', local('f'), `c:/${place}/f`);
    assert.equal(inside('c', `cat /${place}/f`), 'x');
    ok('cp', `c:/${place}/f`, local(`from-${place}`));
  }
  assert.equal(readFileSync(local('bound/f'), 'utf8'), 'x');
  ok('stop', '-t', '0', 'c');
  ok('cp', local('f'), 'c:/vol/g');
  ok('cp', 'c:/bind/f', local('bind-at-rest'));
  ok('rm', 'c');
  assert.equal(ok('run', '--rm', '-v', 'data:/v', 'busybox', 'ls', '/v'), 'f\ng');
  ok('volume', 'rm', 'data');
});

scenario('cp reaches a container that never ran, its volumes and its working directory', () => {
  ok('create', '--name', 'c', '-v', 'fresh:/new/vol', '-w', '/app/src', 'busybox', 'sh', '-c', 'cat /new/vol/f f');
  writeFileSync(local('f'), 'ready\n');
  ok('cp', local('f'), 'c:/new/vol');
  ok('cp', local('f'), 'c:/app/src/f');
  assert.equal(ok('start', '-a', 'c'), 'ready\nready');
  ok('rm', 'c');
  ok('volume', 'rm', 'fresh');
});

scenario('cp is refused where nothing may be written', () => {
  writeFileSync(local('f'), 'x');
  ok('volume', 'create', 'kept');
  sleeper('c', '--read-only', '-v', 'kept:/ro:ro', '-v', 'kept:/rw');
  fails(1, /container rootfs is marked read-only/, 'cp', local('f'), 'c:/etc/f');
  fails(1, /mounted volume is marked read-only/, 'cp', local('f'), 'c:/ro/f');
  ok('cp', local('f'), 'c:/rw/f');
  ok('stop', '-t', '0', 'c');
  fails(1, /container rootfs is marked read-only/, 'cp', local('f'), 'c:/etc/f');
  fails(1, /mounted volume is marked read-only/, 'cp', local('f'), 'c:/ro/f');
  fails(1, /Could not find the file \/nosuch in container c/, 'cp', 'c:/nosuch', local('g'));
  ok('rm', 'c');
  ok('volume', 'rm', 'kept');
});

scenario('cp - is a tar stream each way, and -a keeps owners', () => {
  sleeper('c', '-u', '7:8');
  mkdirSync(local('owned'));
  writeFileSync(local('owned/f'), 'x');
  const tar = execFileSync('tar', ['-C', local('owned'), '--owner=1234', '--group=55', '-czf', '-', '.']);
  assert.equal(scenarios.daemon.dockerWith({ input: tar }, 'cp', '-', 'c:/tmp').code, 0);
  assert.equal(inside('c', 'stat -c %u:%g /tmp/f'), '1234:55');
  const listing = execFileSync('sh', ['-c', 'docker cp c:/tmp/f - | tar tvf -'], { env: { ...process.env, DOCKER_HOST: `unix://${scenarios.daemon.socket}` }, encoding: 'utf8' });
  assert.match(listing, /^-rw\S+ 1234\/55 +1 .* f\n$/);
});

scenario('a link in a container leads cp to the place that it means there', () => {
  sleeper('c');
  inside('c', 'mkdir -p /run/x; ln -s /run /var/run; ln -s ../../../../../../../etc/passwd /up; ln -s /proc/1/root/etc /magic');
  writeFileSync(local('f'), 'x');
  ok('cp', local('f'), 'c:/var/run/x/f');
  assert.equal(inside('c', 'cat /run/x/f'), 'x');
  ok('cp', '-L', 'c:/up', local('passwd'));
  assert.equal(readFileSync(local('passwd'), 'utf8'), inside('c', 'cat /etc/passwd; echo').trimEnd() + '\n');
  fails(1, /Could not find the file/, 'cp', 'c:/magic/passwd', local('magic'));
  fails(1, /Could not find the file/, 'cp', 'c:/proc/1/root/etc/passwd', local('magic'));
});

scenario('a container that swaps links while it is copied from and into keeps its hands off the host', async () => {
  sleeper('c');
  const place = local('target');
  mkdirSync(place);
  writeFileSync(`${place}/secret`, 'of the host');
  ok('exec', '-d', 'c', 'sh', '-c', `mkdir /d; echo inside > /d/secret; ln -s ${place} /l; while :; do mv /d /k; mv /l /d; mv /d /l; mv /k /d; done`);
  await sleep(200);
  const get = (path: string): Promise<string> => ask(scenarios.daemon.socket, 'GET', `/containers/c/archive?path=${path}`).then(({ text }) => text);
  const tar = execFileSync('tar', ['-C', local('tree'), '-cf', '-', 'sub']);
  for (let at = 0; at < 15; at++) {
    const [read] = await Promise.all([get('/d/secret'), ask(scenarios.daemon.socket, 'PUT', '/containers/c/archive?path=/d', { body: tar }), get('/d')]);
    assert.doesNotMatch(read, /of the host/);
  }
  assert.deepEqual(execFileSync('ls', [place], { encoding: 'utf8' }), 'secret\n');
});

scenario('a client that stops in the middle of a copy holds nobody up', async () => {
  sleeper('c');
  inside('c', 'dd if=/dev/zero of=/large bs=1M count=64 2>/dev/null');
  const stalled = request({ socketPath: scenarios.daemon.socket, path: '/containers/c/archive?path=/large', method: 'GET' });
  stalled.on('error', () => {});
  stalled.end();
  await new Promise((resolve) => stalled.once('response', (answer) => { answer.pause(); resolve(undefined); }));
  const writing = request({ socketPath: scenarios.daemon.socket, path: '/containers/c/archive?path=/tmp', method: 'PUT' });
  writing.on('error', () => {});
  writing.write(Buffer.alloc(512));
  await sleep(200);
  const started = performance.now();
  ok('restart', '-t', '0', 'c');
  assert.ok(performance.now() - started < 15_000);
  inside('c', 'true');
  stalled.destroy();
  writing.destroy();
  const children = (): string => execFileSync('ps', ['--ppid', String(scenarios.daemon.pid), '-o', 'args='], { encoding: 'utf8' });
  await eventually('no child is left', () => { try { return children(); } catch { return ''; } }, (text) => !text.includes('files-child'));
});

scenario('diff tells what was added, changed and deleted', () => {
  ok('create', '--name', 'c', 'busybox', 'sh', '-c', 'mkdir -p /a/b; rm /etc/group; echo >> /etc/passwd');
  assert.equal(ok('diff', 'c'), '');
  ok('start', '-a', 'c');
  assert.deepEqual(ok('diff', 'c').split('\n'), ['A /a', 'A /a/b', 'C /etc', 'D /etc/group', 'C /etc/passwd']);
});

scenario('export and import carry a file system over', () => {
  sleeper('c', '-v', '/vol', '--tmpfs', '/mem');
  inside('c', 'echo kept > /kept; echo x > /vol/x; echo y > /mem/y');
  ok('export', '-o', local('exported.tar'), 'c');
  const names = execFileSync('tar', ['-tf', local('exported.tar')], { encoding: 'utf8' }).split('\n');
  assert.ok(names.includes('kept') && names.includes('vol/') && names.includes('mem/') && names.includes('proc/'), names.slice(0, 20).join(' '));
  assert.deepEqual(names.filter((name) => /^(vol|mem|proc|sys|dev)\/./.test(name)), []);
  ok('import', local('exported.tar'), 'again');
  assert.equal(ok('run', '--rm', 'again', 'cat', '/kept'), 'kept');
  ok('rmi', 'again');
});

scenario('files are told as events', async () => {
  const events = new RunningCli(scenarios.daemon, ['events', '--filter', 'type=container', '--format', '{{.Action}}']);
  await sleep(300);
  sleeper('c');
  ok('cp', 'c:/etc/passwd', local('p'));
  ok('cp', local('p'), 'c:/tmp/p');
  ok('export', '-o', local('e.tar'), 'c');
  await events.says('export');
  assert.match(events.out, /archive-path\n[^]*extract-to-dir\n[^]*export\n/);
  events.signal('SIGKILL');
});

scenario('our own command line copies both ways', () => {
  sleeper('c');
  const env = { ...process.env, DOCKER_HOST: `unix://${scenarios.daemon.socket}` };
  execFileSync(LAUNCHER, ['cp', local('tree'), 'c:/ours'], { env });
  assert.equal(inside('c', 'cat /ours/sub/f'), 'content');
  execFileSync(LAUNCHER, ['cp', 'c:/ours', local('ours')], { env });
  assert.equal(readFileSync(local('ours/sub/f'), 'utf8'), 'content');
  assert.ok(existsSync(local('ours')) && lstatSync(local('ours')).isDirectory());
  assert.match(execFileSync(LAUNCHER, ['diff', 'c'], { env, encoding: 'utf8' }), /^A \/ours$/m);
});
