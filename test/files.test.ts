import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { busyboxTar } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { wordOf } from '../tools/test-run/docker-cli.ts';
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
  sleeper('web');
  mkdirSync(local('tree/sub'), { recursive: true });
  writeFileSync(local('tree/sub/f'), 'content');
  ok('cp', local('tree'), 'web:/tree');
  assert.equal(inside('web', 'cat /tree/sub/f'), 'content');
  ok('pause', 'web');
  ok('cp', local('tree/sub/f'), 'web:/while-paused');
  ok('cp', 'web:/while-paused', local('paused'));
  ok('unpause', 'web');
  ok('stop', '-t', '0', 'web');
  ok('cp', 'web:/tree/.', local('stopped'));
  assert.equal(readFileSync(local('stopped/sub/f'), 'utf8'), 'content');
  ok('cp', local('paused'), 'web:/while-stopped');
  ok('start', 'web');
  assert.equal(inside('web', 'cat /while-paused /while-stopped'), 'contentcontent');
});

scenario('cp sees volumes, binds and the memory file systems of a container that runs', () => {
  mkdirSync(local('bound'), { recursive: true });
  sleeper('web', '-v', 'data:/vol', '-v', `${local('bound')}:/bind`, '--tmpfs', '/mem', '--mount', 'type=tmpfs,dst=/mem2');
  writeFileSync(local('f'), 'x');
  for (const place of ['vol', 'bind', 'mem', 'mem2']) {
    ok('cp', local('f'), `web:/${place}/f`);
    assert.equal(inside('web', `cat /${place}/f`), 'x');
    ok('cp', `web:/${place}/f`, local(`from-${place}`));
  }
  assert.equal(readFileSync(local('bound/f'), 'utf8'), 'x');
  ok('stop', '-t', '0', 'web');
  ok('cp', local('f'), 'web:/vol/g');
  ok('cp', 'web:/bind/f', local('bind-at-rest'));
  ok('rm', 'web');
  assert.equal(ok('run', '--rm', '-v', 'data:/v', 'busybox', 'ls', '/v'), 'f\ng');
  ok('volume', 'rm', 'data');
});

scenario('cp reaches a container that never ran, its volumes and its working directory', () => {
  ok('create', '--name', 'web', '-v', 'fresh:/new/vol', '-w', '/app/src', 'busybox', 'sh', '-c', 'cat /new/vol/f f');
  writeFileSync(local('f'), 'ready\n');
  ok('cp', local('f'), 'web:/new/vol');
  ok('cp', local('f'), 'web:/app/src/f');
  assert.equal(ok('start', '-a', 'web'), 'ready\nready');
  ok('rm', 'web');
  ok('volume', 'rm', 'fresh');
});

scenario('cp is refused where nothing may be written', () => {
  writeFileSync(local('f'), 'x');
  ok('volume', 'create', 'kept');
  sleeper('web', '--read-only', '-v', 'kept:/ro:ro', '-v', 'kept:/rw');
  fails(1, /container rootfs is marked read-only/, 'cp', local('f'), 'web:/etc/f');
  fails(1, /mounted volume is marked read-only/, 'cp', local('f'), 'web:/ro/f');
  ok('cp', local('f'), 'web:/rw/f');
  ok('stop', '-t', '0', 'web');
  fails(1, /container rootfs is marked read-only/, 'cp', local('f'), 'web:/etc/f');
  fails(1, /mounted volume is marked read-only/, 'cp', local('f'), 'web:/ro/f');
  fails(1, wordOf({ newest: /Could not find the file \/nosuch in container web/, debian: /No such container:path: web:\/nosuch/ }), 'cp', 'web:/nosuch', local('g'));
  ok('rm', 'web');
  ok('volume', 'rm', 'kept');
});

scenario('cp - is a tar stream each way, and -a keeps owners', () => {
  sleeper('web', '-u', '7:8');
  mkdirSync(local('owned'));
  writeFileSync(local('owned/f'), 'x');
  const tar = execFileSync('tar', ['-C', local('owned'), '--owner=1234', '--group=55', '-czf', '-', '.']);
  assert.equal(scenarios.daemon.dockerWith({ input: tar }, 'cp', '-', 'web:/tmp').code, 0);
  assert.equal(inside('web', 'stat -c %u:%g /tmp/f'), '1234:55');
  const listing = execFileSync('sh', ['-c', 'docker cp web:/tmp/f - | tar tvf -'], { env: { ...process.env, DOCKER_HOST: `unix://${scenarios.daemon.socket}` }, encoding: 'utf8' });
  assert.match(listing, /^-rw\S+ 1234\/55 +1 .* f\n$/);
});

scenario('a link in a container leads cp to the place that it means there', () => {
  sleeper('web');
  inside('web', 'mkdir -p /run/x; ln -s /run /var/run; ln -s ../../../../../../../etc/passwd /up; ln -s /proc/1/root/etc /magic');
  writeFileSync(local('f'), 'x');
  ok('cp', local('f'), 'web:/var/run/x/f');
  assert.equal(inside('web', 'cat /run/x/f'), 'x');
  ok('cp', '-L', 'web:/up', local('passwd'));
  assert.equal(readFileSync(local('passwd'), 'utf8'), inside('web', 'cat /etc/passwd; echo').trimEnd() + '\n');
  fails(1, wordOf({ newest: /Could not find the file/, debian: /No such container:path/ }), 'cp', 'web:/magic/passwd', local('magic'));
  fails(1, wordOf({ newest: /Could not find the file/, debian: /No such container:path/ }), 'cp', 'web:/proc/1/root/etc/passwd', local('magic'));
});

scenario('a container that swaps links while it is copied from and into keeps its hands off the host', async () => {
  sleeper('web');
  const place = local('target');
  mkdirSync(place);
  writeFileSync(`${place}/secret`, 'of the host');
  ok('exec', '-d', 'web', 'sh', '-c', `mkdir /d; echo inside > /d/secret; ln -s ${place} /l; while :; do mv /d /k; mv /l /d; mv /d /l; mv /k /d; done`);
  await sleep(200);
  const get = (path: string): Promise<string> => ask(scenarios.daemon.socket, 'GET', `/containers/web/archive?path=${path}`).then(({ text }) => text);
  const tar = execFileSync('tar', ['-C', local('tree'), '-cf', '-', 'sub']);
  for (let at = 0; at < 15; at++) {
    const [read] = await Promise.all([get('/d/secret'), ask(scenarios.daemon.socket, 'PUT', '/containers/web/archive?path=/d', { body: tar }), get('/d')]);
    assert.doesNotMatch(read, /of the host/);
  }
  assert.deepEqual(execFileSync('ls', [place], { encoding: 'utf8' }), 'secret\n');
});

scenario('a volume or bind whose place is a link of the image is mounted at what the link means in there', () => {
  const outside = local('outside');
  mkdirSync(outside);
  sleeper('base');
  inside('base', `mkdir -p /inner; ln -s /inner /abs; ln -s ../../../../../../../..${outside} /up; ln -s /proc/self/root${outside} /magic`);
  ok('commit', 'base', 'linked:1');
  writeFileSync(local('f'), 'x');
  ok('create', '--name', 'abs', '-v', 'linked:/abs', 'linked:1', 'cat', '/inner/f');
  ok('cp', local('f'), 'abs:/abs/f');
  assert.equal(ok('run', '--rm', '-v', 'linked:/v', 'busybox', 'ls', '/v'), 'f');
  for (const place of ['up', 'magic']) {
    ok('create', '--name', place, '-v', `linked-${place}:/${place}`, 'linked:1');
    scenarios.daemon.docker('cp', local('f'), `${place}:/${place}/f`);
    scenarios.daemon.docker('cp', local('f'), `${place}:/${place}`);
  }
  assert.deepEqual(execFileSync('ls', ['-A', outside], { encoding: 'utf8' }), '');
  ok('rm', '-fv', 'base', 'abs', 'up', 'magic');
  ok('volume', 'prune', '-af');
  ok('rmi', 'linked:1');
}, 23);

scenario('cp and diff work under runc too', async () => {
  const other = await TestDaemon.start(['--runtime', 'runc']);
  try {
    other.ok('import', busyboxTar(), 'busybox');
    other.ok('run', '-d', '--name', 'web', '--tmpfs', '/mem', 'busybox', 'sleep', '1000');
    other.ok('cp', local('f'), 'web:/mem/f');
    other.ok('cp', local('f'), 'web:/kept');
    assert.equal(other.ok('exec', 'web', 'cat', '/mem/f', '/kept'), 'xx');
    assert.equal(other.ok('diff', 'web').split('\n').includes('A /kept'), true);
  } finally {
    await other.destroy();
  }
});

scenario('a client that stops in the middle of a copy holds nobody up', async () => {
  sleeper('web');
  inside('web', 'dd if=/dev/zero of=/large bs=1M count=64 2>/dev/null');
  const stalled = request({ socketPath: scenarios.daemon.socket, path: '/containers/web/archive?path=/large', method: 'GET' });
  stalled.on('error', () => {});
  stalled.end();
  await new Promise((resolve) => stalled.once('response', (answer) => { answer.pause(); resolve(undefined); }));
  const writing = request({ socketPath: scenarios.daemon.socket, path: '/containers/web/archive?path=/tmp', method: 'PUT' });
  writing.on('error', () => {});
  writing.write(Buffer.alloc(512));
  await sleep(200);
  const started = performance.now();
  ok('restart', '-t', '0', 'web');
  assert.ok(performance.now() - started < 15_000);
  inside('web', 'true');
  stalled.destroy();
  writing.destroy();
  const children = (): string => execFileSync('ps', ['--ppid', String(scenarios.daemon.pid), '-o', 'args='], { encoding: 'utf8' });
  await eventually('no child is left', () => { try { return children(); } catch { return ''; } }, (text) => !text.includes('files-child'));
});

scenario('diff tells what was added, changed and deleted', () => {
  ok('create', '--name', 'web', 'busybox', 'sh', '-c', 'mkdir -p /a/b; rm /etc/group; echo >> /etc/passwd');
  assert.equal(ok('diff', 'web'), '');
  ok('start', '-a', 'web');
  assert.deepEqual(ok('diff', 'web').split('\n'), ['A /a', 'A /a/b', 'C /etc', 'D /etc/group', 'C /etc/passwd']);
});

scenario('export and import carry a file system over', () => {
  sleeper('web', '-v', '/vol', '--tmpfs', '/mem');
  inside('web', 'echo kept > /kept; echo x > /vol/x; echo y > /mem/y');
  ok('export', '-o', local('exported.tar'), 'web');
  const names = execFileSync('tar', ['-tf', local('exported.tar')], { encoding: 'utf8' }).split('\n');
  assert.ok(names.includes('kept') && names.includes('vol/') && names.includes('mem/') && names.includes('proc/'), names.slice(0, 20).join(' '));
  assert.deepEqual(names.filter((name) => /^(vol|mem|proc|sys|dev)\/./.test(name)), []);
  ok('import', local('exported.tar'), 'again');
  assert.equal(ok('run', '--rm', 'again', 'cat', '/kept'), 'kept');
  ok('rmi', 'again');
});

scenario('files are told as events', async () => {
  const events = new RunningCli(scenarios.daemon, ['events', '--since', String(Math.floor(Date.now() / 1000)), '--filter', 'type=container', '--format', '{{.Action}}']);
  sleeper('web');
  ok('cp', 'web:/etc/passwd', local('p'));
  ok('cp', local('p'), 'web:/tmp/p');
  ok('export', '-o', local('e.tar'), 'web');
  await events.says('export');
  assert.match(events.out, /archive-path\n[^]*extract-to-dir\n[^]*export\n/);
  events.signal('SIGKILL');
});

scenario('our own command line copies both ways', () => {
  sleeper('web');
  const env = { ...process.env, DOCKER_HOST: `unix://${scenarios.daemon.socket}` };
  execFileSync(LAUNCHER, ['cp', local('tree'), 'web:/ours'], { env });
  assert.equal(inside('web', 'cat /ours/sub/f'), 'content');
  execFileSync(LAUNCHER, ['cp', 'web:/ours', local('ours')], { env });
  assert.equal(readFileSync(local('ours/sub/f'), 'utf8'), 'content');
  assert.ok(existsSync(local('ours')) && lstatSync(local('ours')).isDirectory());
  assert.match(execFileSync(LAUNCHER, ['diff', 'web'], { env, encoding: 'utf8' }), /^A \/ours$/m);
});
