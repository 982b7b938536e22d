import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { busyboxTar } from './world/busybox.ts';
import { dockerScenarios } from './world/scenarios.ts';

const scenarios = dockerScenarios('docker-image-scenarios');
const { scenario, ok, fails } = scenarios;

scenario('import makes an image that runs', () => {
  ok('import', '-c', 'ENV FROM=import', busyboxTar(), 'imported:1');
  assert.equal(ok('run', '--rm', 'imported:1', 'sh', '-c', 'echo $FROM'), 'import');
  ok('rmi', 'imported:1');
});

scenario('save and load through a pipe give the same image', () => {
  const id = ok('images', '-q', '--no-trunc', 'busybox');
  ok('tag', 'busybox', 'again:1');
  ok('save', '-o', `${scenarios.daemon.directory}/saved.tar`, 'again:1');
  ok('rmi', 'again:1');
  assert.equal(ok('load', '-i', `${scenarios.daemon.directory}/saved.tar`), 'Loaded image: again:1');
  assert.equal(ok('images', '-q', '--no-trunc', 'again:1'), id);
  ok('import', '-c', 'ENV MADE=second', busyboxTar(), 'another:2');
  const piped = spawnSync('sh', ['-c', 'docker save another:2 again:1 | docker load -q'], { env: { ...process.env, DOCKER_HOST: `unix://${scenarios.daemon.socket}` }, encoding: 'utf8' });
  assert.deepEqual(piped.stdout.trim().split('\n').sort(), ['Loaded image: again:1', 'Loaded image: another:2'], piped.stderr);
  ok('rmi', 'again:1', 'another:2');
  for (const [program, path] of [['xz -0', '/usr/bin/xz'], ['bzip2 -1', '/bin/bzip2'], ['gzip -1', '/bin/gzip']] as const) {
    if (!existsSync(path)) continue;
    const pressed = spawnSync('sh', ['-c', `${program} < ${scenarios.daemon.directory}/saved.tar | docker load`], { env: { ...process.env, DOCKER_HOST: `unix://${scenarios.daemon.socket}` }, encoding: 'utf8' });
    assert.equal(pressed.stdout, 'Loaded image: again:1\n', `${program}: ${pressed.stderr}`);
    ok('rmi', 'again:1');
  }
});

scenario('load takes an OCI layout', () => {
  ok('tag', 'busybox', 'layout:1');
  const directory = `${scenarios.daemon.directory}/layout`;
  ok('save', '-o', `${scenarios.daemon.directory}/layout.tar`, 'layout:1');
  ok('rmi', 'layout:1');
  mkdirSync(directory);
  execFileSync('tar', ['-xf', `${scenarios.daemon.directory}/layout.tar`, '-C', directory]);
  assert.ok(existsSync(`${directory}/oci-layout`), 'save writes both forms');
  execFileSync('tar', ['-C', directory, '--exclude=./manifest.json', '--exclude=./repositories', '-cf', `${scenarios.daemon.directory}/oci.tar`, '.']);
  assert.match(ok('load', '-i', `${scenarios.daemon.directory}/oci.tar`), /layout:1/);
  assert.equal(ok('run', '--rm', 'layout:1', 'echo', 'runs'), 'runs');
  ok('rmi', 'layout:1');
});

scenario('images, tag, history and rmi agree', () => {
  ok('tag', 'busybox', 'other:two');
  assert.deepEqual(ok('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n').sort(), ['busybox:latest', 'other:two']);
  assert.equal(ok('history', '-q', '--no-trunc', 'other:two').split('\n')[0], ok('images', '-q', '--no-trunc', 'other:two'));
  assert.equal(ok('rmi', 'other:two'), 'Untagged: other:two');
  fails(1, /No such image: other:two/, 'rmi', 'other:two');
});

scenario('commit makes an image of what has changed', () => {
  ok('run', '--name', 'one', 'busybox', 'sh', '-c', 'echo new > /file; rm /etc/group');
  ok('commit', '-m', 'words', '-c', 'CMD ["cat","/file"]', 'one', 'changed:1');
  assert.equal(ok('run', '--rm', 'changed:1'), 'new');
  fails(1, /No such file/, 'run', '--rm', 'changed:1', 'cat', '/etc/group');
  assert.equal(ok('history', '--format', '{{.Comment}}', 'changed:1').split('\n')[0], 'words');
  ok('rm', 'one');
  ok('rmi', 'changed:1');
});

scenario('an image that a container uses stays', () => {
  ok('create', '--name', 'one', 'busybox');
  fails(1, /conflict/, 'rmi', 'busybox');
  assert.equal(ok('run', '--rm', 'busybox', 'echo', 'still'), 'still');
});
