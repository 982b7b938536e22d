import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { test } from 'node:test';
import { dockerScenarios } from './world/scenarios.ts';
import { eventually } from './world/waiting.ts';

/** The same daemon runs containers of both runtimes, side by side. */
const engine = dockerScenarios('runc-scenarios');
const { ok, fails } = engine;
const RUNC = ['--runtime', 'runc'];

function hasRunc(): boolean {
  try {
    accessSync('/usr/bin/runc', constants.X_OK);
    return true;
  } catch {
    try {
      accessSync('/usr/sbin/runc', constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }
}

const isThere = hasRunc();
if (!isThere) test('runc', { skip: 'needs runc (Debian: runc)' }, () => {});
const scenario: typeof engine.scenario = (name, run) => engine.scenario(name, isThere ? run : () => {});

scenario('both runtimes are told, and a container of each runs', () => {
  assert.deepEqual(Object.keys(JSON.parse(ok('info', '-f', '{{json .Runtimes}}')) as object).sort(), ['crun', 'runc']);
  for (const runtime of ['crun', 'runc']) {
    ok('run', '-d', '--name', runtime, '--runtime', runtime, 'busybox', 'sleep', '60');
    assert.equal(ok('inspect', '-f', '{{.HostConfig.Runtime}}', runtime), runtime);
  }
  assert.equal(ok('exec', 'runc', 'echo', 'inside'), 'inside');
  assert.equal(ok('exec', 'crun', 'echo', 'inside'), 'inside');
  fails(125, /unknown or invalid runtime name: kata/, 'run', '--runtime', 'kata', 'busybox', 'true');
});

scenario('input, output, terminal and exit code', () => {
  assert.equal(engine.daemon.dockerWith({ input: 'given' }, 'run', '-i', '--rm', ...RUNC, 'busybox', 'sh', '-c', 'cat; exit 4').code, 4);
  assert.equal(ok('run', '--rm', ...RUNC, '-t', 'busybox', 'tty'), '/dev/pts/0');
  fails(127, /nosuch/, 'run', '--rm', ...RUNC, 'busybox', 'nosuch');
});

scenario('limits, update, pause', () => {
  ok('run', '-d', '--name', 'one', ...RUNC, '-m', '64m', '--pids-limit', '20', 'busybox', 'sleep', '60');
  const memory = (): string => ok('exec', 'one', 'sh', '-c', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max');
  assert.equal(memory(), String(64 << 20));
  ok('update', '-m', '32m', '--memory-swap', '64m', 'one');
  assert.equal(memory(), String(32 << 20));
  ok('pause', 'one');
  assert.equal(ok('inspect', '-f', '{{.State.Status}}', 'one'), 'paused');
  ok('unpause', 'one');
  ok('stop', '-t', '0', 'one');
  assert.equal(ok('inspect', '-f', '{{.State.ExitCode}}', 'one'), '137');
});

scenario('the same profile: capabilities, filter, masks, read-only binds, init', () => {
  const status = ok('run', '--rm', ...RUNC, 'busybox', 'cat', '/proc/self/status');
  assert.match(status, /CapInh:\t0+\n[\s\S]*CapEff:\t00000000a80425fb\n[\s\S]*CapAmb:\t0+\n[\s\S]*Seccomp:\t2/);
  assert.equal(ok('run', '--rm', ...RUNC, 'busybox', 'sh', '-c', 'cat /proc/keys /proc/kcore 2>/dev/null | head -c 1 | wc -c'), '0');
  fails(1, /Operation not permitted/, 'run', '--rm', ...RUNC, 'busybox', 'unshare', '-r', 'true');
  fails(1, /Read-only/, 'run', '--rm', ...RUNC, '-v', '/tmp:/x:ro', 'busybox', 'touch', '/x/f');
  assert.match(ok('run', '--rm', ...RUNC, '--init', 'busybox', 'ps', '-o', 'args'), /docker-init -- ps/);
});

scenario('a daemon that was killed adopts it, and hears of its end', async () => {
  ok('run', '-d', '--name', 'survivor', ...RUNC, 'busybox', 'sh', '-c', 'trap "exit 6" TERM; while :; do sleep 0.05; done');
  await engine.daemon.crash();
  await engine.daemon.up();
  assert.equal(ok('exec', 'survivor', 'echo', 'still here'), 'still here');
  ok('kill', '-s', 'TERM', 'survivor');
  await eventually('its end', () => ok('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'survivor'), (text) => text === 'exited 6');
});
