import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { wordOf } from '../tools/test-run/docker-cli.ts';
import { dockerScenarios } from './world/scenarios.ts';

const world = dockerScenarios('volume-scenarios');
const { scenario, ok, fails } = world;
const LAUNCHER = new URL('../gantry', import.meta.url).pathname;

const inside = (script: string, ...flags: readonly string[]): string => ok('run', '--rm', ...flags, 'busybox', 'sh', '-c', script);
/** Our own client, which has the words that Docker's lacks. */
const gantry = (args: readonly string[], input?: Buffer): Buffer => execFileSync(LAUNCHER, args, { env: { PATH: process.env['PATH'] ?? '', HOME: '/tmp', DOCKER_HOST: `unix://${world.daemon.socket}` }, ...(input === undefined ? {} : { input }) });
const directory = (): string => mkdtempSync('/tmp/gantry-volume-');

scenario('a mount makes its volume, with labels and options', () => {
  inside('echo kept >/data/file', '--mount', 'type=volume,src=made,dst=/data,volume-label=tier=back');
  assert.equal(ok('volume', 'inspect', '-f', '{{.Labels.tier}} {{.Driver}}', 'made'), 'back local');
  assert.equal(inside('cat /data/file', '-v', 'made:/data:ro'), 'kept');
  fails(1, /Read-only file system/, 'run', '--rm', '-v', 'made:/data:ro', 'busybox', 'touch', '/data/x');
  ok('volume', 'rm', 'made');
});

scenario('options of the local driver: bind and tmpfs, and what is wrong with them', async () => {
  const path = directory();
  writeFileSync(`${path}/there`, 'host\n');
  ok('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${path}`, 'bound');
  assert.equal(inside('cat /d/there', '-v', 'bound:/d'), 'host');
  ok('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=1m,uid=1000', 'memory');
  assert.match(inside('df -k /m | tail -1; stat -c %u /m; echo x >/m/f', '-v', 'memory:/m'), /1024.*\n1000$/s);
  ok('run', '-d', '--name', 'holder', '-v', 'memory:/m', 'busybox', 'sleep', '60');
  await world.daemon.crash();
  await world.daemon.up();
  assert.equal(inside('cat /m/f', '-v', 'memory:/m'), 'x', 'the daemon after a crash has the file system that containers still have');
  ok('rm', '-f', 'holder');
  fails(1, /create odd: invalid option: "foo"/, 'volume', 'create', '-o', 'foo=bar', 'odd');
  fails(1, /create odd: missing required option: "device"/, 'volume', 'create', '-o', 'type=tmpfs', 'odd');
  ok('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/nonexistent', 'lost');
  fails(127, /failed to mount local volume: mount \/nonexistent:.*no such file or directory/, 'run', '--rm', '-v', 'lost:/d', 'busybox', 'true');
  ok('volume', 'create', '-o', 'type=nosuchfs', '-o', 'device=:/x', 'share');
  fails(125, /failed to mount local volume: mount :\/x:.*no such device.*this kernel has no file system of type nosuchfs/, 'run', '--rm', '-v', 'share:/d', 'busybox', 'true');
  ok('volume', 'rm', 'bound', 'memory', 'lost', 'share');
  assert.equal(execFileSync('cat', [`${path}/there`], { encoding: 'utf8' }), 'host\n', 'the files of the host stay');
  rmSync(path, { recursive: true });
});

scenario('a part of a volume, and no more of the host than that', () => {
  const path = directory();
  ok('volume', 'create', 'parts');
  inside('mkdir -p /v/a/b; echo deep >/v/a/b/f; echo file >/v/one; ln -s /etc /v/out; ln -s a/b /v/near', '-v', 'parts:/v');
  assert.equal(inside('cat /p/f', '--mount', 'type=volume,src=parts,dst=/p,volume-subpath=a/b'), 'deep');
  assert.equal(inside('cat /p', '--mount', 'type=volume,src=parts,dst=/p,volume-subpath=one'), 'file');
  assert.equal(inside('cat /p/f', '--mount', 'type=volume,src=parts,dst=/p,volume-subpath=near'), 'deep');
  fails(127, /cannot access path .*\/out/, 'run', '--rm', '--mount', 'type=volume,src=parts,dst=/p,volume-subpath=out', 'busybox', 'true');
  fails(127, /cannot access path .*\/nope: lstat .*\/nope: no such file or directory/, 'run', '--rm', '--mount', 'type=volume,src=parts,dst=/p,volume-subpath=nope', 'busybox', 'true');
  fails(125, /subpath must be a relative path within the volume/, 'run', '--rm', '--mount', 'type=volume,src=parts,dst=/p,volume-subpath=../x', 'busybox', 'true');
  ok('volume', 'rm', 'parts');
  rmSync(path, { recursive: true });
}, 26);

scenario('an image is mounted read-only, all of it or a part', () => {
  assert.equal(inside('ls /img/bin/busybox && cat /img/etc/passwd | head -1', '--mount', 'type=image,src=busybox,dst=/img'), '/img/bin/busybox\nroot:x:0:0:root:/root:/bin/sh');
  assert.match(inside('head -1 /etc2/group', '--mount', 'type=image,src=busybox,dst=/etc2,image-subpath=etc'), /root:x:0/);
  fails(1, /Read-only file system/, 'run', '--rm', '--mount', 'type=image,src=busybox,dst=/img', 'busybox', 'touch', '/img/x');
  fails(1, /No such image: nosuch:latest/, 'create', '--pull', 'never', '--mount', 'type=image,src=nosuch,dst=/img', 'busybox', 'true');
}, 28);

scenario('an empty volume takes over the image\'s files and owners, unless told otherwise', () => {
  assert.equal(inside('ls /data', '-v', 'taken:/data'), '');
  inside('true', '-v', 'programs:/usr', '-v', 'shared:/tmp');
  assert.equal(inside('ls /v', '-v', 'programs:/v'), 'bin');
  assert.equal(inside('stat -c %a /v', '-v', 'shared:/v'), '1777');
  inside('true', '--mount', 'type=volume,src=nothing,dst=/home,volume-nocopy');
  assert.equal(inside('ls /v', '-v', 'nothing:/v'), '');
  ok('volume', 'rm', 'taken', 'programs', 'shared', 'nothing');
});

scenario('a bind mount with idmap belongs to the container\'s user', () => {
  const path = directory();
  writeFileSync(`${path}/there`, 'x');
  chownSync(path, 4321, 4322);
  chownSync(`${path}/there`, 4321, 4322);
  assert.equal(inside('stat -c %u:%g /w/there; touch /w/new', '-v', `${path}:/w:idmap`), '0:0');
  assert.equal(inside('id -u; stat -c %u:%g /w/there; touch /w/mine', '-u', '1000:1000', '-v', `${path}:/w:idmap`), '1000\n1000:1000');
  for (const name of ['new', 'mine']) assert.deepEqual([statSync(`${path}/${name}`).uid, statSync(`${path}/${name}`).gid], [4321, 4322], name);
  assert.equal(inside('stat -c %u:%g /w', '-v', `${path}/there:/w:idmap,ro`), '0:0', 'a file, too');
  rmSync(path, { recursive: true });
});

scenario('a volume in use stays, prune takes anonymous ones only', () => {
  ok('volume', 'create', 'named');
  ok('run', '-d', '--name', 'user', '-v', 'named:/n', '-v', '/anonymous', 'busybox', 'sleep', '60');
  fails(1, /remove named: volume is in use - \[[0-9a-f]{64}\]/, 'volume', 'rm', 'named');
  ok('rm', '-f', 'user');
  ok('volume', 'prune', '-f');
  assert.equal(ok('volume', 'ls', '-q'), 'named');
  ok('volume', 'prune', '-f', '-a');
  assert.equal(ok('volume', 'ls', '-q'), '');
}, 23);

scenario('rename, clone, export and import', () => {
  inside('echo one >/v/f; chown 1000:1000 /v/f; chmod 640 /v/f; mkdir /v/d; ln -s f /v/l', '-v', 'first:/v');
  gantry(['volume', 'clone', 'first', 'second']);
  inside('echo two >/v/f', '-v', 'second:/v');
  assert.equal(inside('cat /v/f', '-v', 'first:/v'), 'one', 'a copy is apart');
  gantry(['volume', 'rename', 'first', 'third']);
  assert.equal(inside('cat /v/f; stat -c %u:%a /v/f', '-v', 'third:/v'), 'one\n1000:640');
  fails(1, wordOf({ newest: /no such volume/, debian: /No such volume: first/ }), 'volume', 'inspect', 'first');
  const tar = gantry(['volume', 'export', 'third']);
  gantry(['volume', 'import', 'fourth'], tar);
  assert.equal(inside('cat /v/l; stat -c %u:%a /v/f; ls /v', '-v', 'fourth:/v'), 'one\n1000:640\nd\nf\nl');
  assert.throws(() => gantry(['volume', 'rename', 'second', 'third']), /there is a volume third already/);
  ok('create', '--name', 'user', '-v', 'second:/v', 'busybox', 'true');
  assert.throws(() => gantry(['volume', 'rename', 'second', 'fifth']), /rename second: volume is in use/);
  ok('rm', 'user');
  ok('volume', 'rm', 'second', 'third', 'fourth');
});
