import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findProgram } from './world/docker-registry.ts';

const skip = whyNoImage() ?? (findProgram('mmdebstrap') === undefined ? 'needs mmdebstrap' : false);
let daemon: TestDaemon;
before(async () => {
  if (skip === false) daemon = await TestDaemon.start();
});
after(async () => daemon?.destroy());

function bootstrap(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(new URL('../gantry', import.meta.url).pathname, ['image', 'bootstrap', '-q', ...args], {
    encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}` }, timeout: 110_000,
  });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test('the same inputs give the same image, other packages another one', { skip, timeout: 230_000 }, () => {
  // Packages unpacked and not set up: what the variant is for, and the fastest.
  const first = bootstrap('--variant=extract', '--include', 'busybox-static', '-t', 'base:1', 'debian:12');
  assert.equal(bootstrap('--variant=extract', '--include', 'busybox-static', '-t', 'base:2', 'debian:12'), first);
  assert.equal(daemon.ok('run', '--rm', 'base:1', '/bin/busybox', 'echo', 'runs'), 'runs');
  const other = bootstrap('--variant=extract', '--include', 'busybox-static,tzdata', '-t', 'base:3', 'debian:12');
  assert.notEqual(other, first);
  assert.equal(daemon.ok('run', '--rm', 'base:3', '/bin/busybox', 'ls', '/usr/share/zoneinfo/UTC'), '/usr/share/zoneinfo/UTC');
  assert.equal(daemon.ok('inspect', '-f', '{{.Created}}', 'base:1'), '1970-01-01T00:00:00Z');
});
