import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { eventually, sleep } from './world/waiting.ts';
import { erase } from '../src/main/erase.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const directory = mkdtempSync('/tmp/gantry-gc-');
const socket = `${directory}/run/gantry.sock`;
const log = (): string => readFileSync(`${directory}/log`, 'utf8');
let child: ChildProcess | undefined;

/** A daemon whose root is a small file system in memory, which only its own mount namespace has. */
before(async () => {
  if (skip !== false) return;
  mkdirSync(`${directory}/root`);
  const out = openSync(`${directory}/log`, 'a');
  child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-euc', 'mount -t tmpfs -o size=80m none "$1"; shift; exec "$@"', 'sh', `${directory}/root`,
    LAUNCHER, 'daemon', '--host', `unix://${socket}`, '--root', `${directory}/root`, '--run', `${directory}/run`, '--image-gc', '70:50', '--image-gc-grace', '0'], { stdio: ['ignore', out, out] });
  closeSync(out);
  await eventually('the daemon answers', () => new Promise<boolean>((resolve) => {
    const probe = connect(socket, () => { probe.destroy(); resolve(true); });
    probe.once('error', () => resolve(false));
  }), (answers) => answers, 20_000);
});

after(async () => {
  if (skip === false) docker('rm', '-f', 'holder');
  await erase({ root: `${directory}/root`, run: `${directory}/run` });
  if (child !== undefined && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function docker(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(findDockerCli() ?? '', args, { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory, DOCKER_HOST: `unix://${socket}` }, timeout: 60_000 });
  assert.equal(status, 0, `docker ${args.join(' ')}: ${stderr}\n${log()}`);
  return stdout.trim();
}

test('a full disk loses the images that were used longest ago, and none that is used or pinned', { skip, timeout: 240_000 }, async () => {
  docker('import', busyboxTar(), 'busybox');
  const make = (name: string, ...changes: readonly string[]): void => {
    docker('run', '--name', 'maker', 'busybox', 'dd', 'if=/dev/urandom', 'of=/noise', 'bs=1M', 'count=12');
    docker('commit', ...changes.flatMap((change) => ['-c', change]), 'maker', name);
    docker('rm', 'maker');
  };
  docker('run', '-d', '--name', 'holder', 'busybox', 'sleep', '1000');
  make('pinned', 'LABEL io.gantry.pin=1');
  make('old');
  make('older');
  docker('run', '--rm', 'old', 'true');
  make('new');
  const since = String(Math.floor(Date.now() / 1000) - 1);
  make('newer');
  const images = await eventually('an image goes', () => sleep(500).then(() => docker('images', '--format', '{{.Repository}}').split('\n').sort()), (names) => !names.includes('older'), 70_000);
  for (const name of ['busybox', 'pinned', 'newer']) assert.ok(images.includes(name), `${name} stays: ${images.join(' ')}\n${log()}`);
  const events = docker('events', '--since', since, '--until', String(Math.ceil(Date.now() / 1000) + 1), '--filter', 'type=image', '--filter', 'event=gc', '--format', '{{json .Actor.Attributes}}').split('\n');
  const first = JSON.parse(events[0] ?? '{}') as { name?: string; reason?: string };
  assert.match(first.name ?? '', /older/);
  assert.match(first.reason ?? '', /the disk of the images is \d+ % full, more than 70 %/);
  assert.equal(docker('run', '--rm', 'pinned', 'echo', 'whole'), 'whole');
});
