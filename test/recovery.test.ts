import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { footprint } from './world/leaks.ts';
import { placeOf } from './world/place.ts';
import { monitorOf, startTimeOf } from './world/processes.ts';
import { eventually, sleep } from './world/waiting.ts';

/*
 * What of containers outlives their daemon, their monitor, the run directory and the state. The daemon is killed by
 * SIGKILL throughout: an orderly end is the easier case.
 */

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const COUNTING = 'i=0; while :; do echo $i; i=$((i+1)); sleep 0.02; done';
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);

async function daemonWithImage(): Promise<TestDaemon> {
  const daemon = await TestDaemon.start();
  daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
  return daemon;
}

function pidOf(daemon: TestDaemon, name: string): number {
  return Number(daemon.ok('inspect', '-f', '{{.State.Pid}}', name));
}

function stateOf(daemon: TestDaemon, name: string): string {
  const ran = daemon.docker('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', name);
  return ran.code === 0 ? ran.out.trim() : 'none';
}

function isGone(pid: number): boolean {
  return startTimeOf(pid) === undefined;
}

describe('recovery', { skip, timeout: 240_000 }, () => {
  let daemon: TestDaemon;

  before(async () => {
    daemon = await daemonWithImage();
  });

  after(async () => {
    await daemon?.destroy();
  });

  async function whileDown(act: () => Promise<void> | void): Promise<void> {
    await daemon.crash();
    try {
      await act();
    } finally {
      await daemon.up();
    }
  }

  /** A container whose program waits to be told, and then ends so. */
  function runUntilTold(name: string, end: string, ...flags: readonly string[]): string {
    const place = `${daemon.directory}/told`;
    mkdirSync(place, { recursive: true });
    rmSync(`${place}/now`, { force: true });
    return daemon.ok('run', '-d', '--name', name, ...flags, '-v', `${place}:/told`, 'busybox', 'sh', '-c', `until [ -e /told/now ]; do sleep 0.05; done; ${end}`);
  }

  function tell(): void {
    writeFileSync(`${daemon.directory}/told/now`, '');
  }

  test('a running container goes on as the same process, and its log has no gap', async () => {
    daemon.ok('run', '-d', '--name', 'counts', 'busybox', 'sh', '-c', COUNTING);
    const pid = pidOf(daemon, 'counts');
    const started = startTimeOf(pid);
    await sleep(200);
    await whileDown(() => sleep(300));
    assert.equal(pidOf(daemon, 'counts'), pid);
    assert.equal(startTimeOf(pid), started);
    assert.equal(stateOf(daemon, 'counts'), 'running 0');
    const numbers = await eventually('lines after it', () => daemon.ok('logs', 'counts').split('\n').map(Number), ({ length }) => length > 20);
    assert.deepEqual(numbers, numbers.map((_, index) => index));
    assert.equal(daemon.ok('exec', 'counts', 'echo', 'here'), 'here');
    daemon.ok('rm', '-f', 'counts');
    assert.ok(isGone(pid));
  });

  test('logs -f of a client goes on after it connects again', async () => {
    daemon.ok('run', '-d', '--name', 'follows', 'busybox', 'sh', '-c', COUNTING);
    await whileDown(() => sleep(100));
    const client = spawn(findDockerCli() ?? '', ['logs', '-f', 'follows'], { env: { HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}` }, stdio: ['ignore', 'pipe', 'ignore'] });
    let heard = '';
    client.stdout.on('data', (data) => (heard += String(data)));
    const lines = await eventually('lines that follow', () => heard.split('\n').slice(0, -1).map(Number), (all) => all.length > 40);
    assert.deepEqual(lines, lines.map((_, index) => index));
    daemon.ok('rm', '-f', 'follows');
    await eventually('the end of the client', () => client.exitCode, (code) => code !== null);
  });

  test('docker wait after a restart of the daemon, and the exit code is exact', async () => {
    daemon.ok('run', '-d', '--name', 'waits', 'busybox', 'sh', '-c', 'until [ -e /go ]; do sleep 0.05; done; exit 23');
    await whileDown(() => {});
    const client = spawn(findDockerCli() ?? '', ['wait', 'waits'], { env: { HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}` }, stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    client.stdout.on('data', (data) => (heard += String(data)));
    await sleep(150);
    daemon.ok('exec', 'waits', 'touch', '/go');
    await eventually('what wait says', () => heard, (text) => text === '23\n');
    daemon.ok('rm', 'waits');
  });

  test('a container that ended while no daemon ran has its exact exit code and its end', async () => {
    const processes: number[] = [];
    for (const [name, end] of [['ends-41', 'exit 41'], ['ends-killed', 'kill -9 $$'], ['ends-0', 'exit 0']] as const) {
      processes.push(monitorOf(daemon.run, runUntilTold(name, end)) ?? 0, pidOf(daemon, name));
    }
    const before = Date.now();
    let after = 0;
    await whileDown(async () => {
      tell();
      await eventually('the end of all', () => processes.filter((pid) => !isGone(pid)), (left) => left.length === 0);
      after = Date.now();
    });
    await eventually('exit code', () => stateOf(daemon, 'ends-41'), (state) => state === 'exited 41');
    // A shell that is process 1 of its namespace can't kill itself: it goes on to its end.
    await eventually('exit code of a shell', () => stateOf(daemon, 'ends-killed'), (state) => state.startsWith('exited '));
    await eventually('exit code of success', () => stateOf(daemon, 'ends-0'), (state) => state === 'exited 0');
    const finished = Date.parse(daemon.ok('inspect', '-f', '{{.State.FinishedAt}}', 'ends-41'));
    assert.ok(finished >= before && finished <= after, `it ended at ${finished}, between ${before} and ${after}`);
    assert.equal(daemon.ok('wait', 'ends-41'), '41');
    daemon.ok('rm', 'ends-41', 'ends-killed', 'ends-0');
  });

  test('a --rm container that ended meanwhile is removed', async () => {
    runUntilTold('rm-meanwhile', 'exit 0', '--rm', '-v', '/data');
    const pid = pidOf(daemon, 'rm-meanwhile');
    await whileDown(async () => {
      tell();
      await eventually('its end', () => isGone(pid), Boolean);
    });
    await eventually('the container', () => stateOf(daemon, 'rm-meanwhile'), (state) => state === 'none');
    await eventually('what is left', () => Object.values(footprint(placeOf(daemon))).flat().join(' '), (now) => now === '');
    assert.equal(daemon.ok('volume', 'ls', '-q'), '');
  });

  test('restart policies hold when the daemon comes back', async () => {
    const run = (name: string, policy: string, ...command: string[]): void => void daemon.ok('run', '-d', '--name', name, '--restart', policy, 'busybox', ...command);
    run('always', 'always', 'sleep', '1000');
    run('unless', 'unless-stopped', 'sleep', '1000');
    run('unless-manual', 'unless-stopped', 'sleep', '1000');
    run('failing', 'on-failure', 'sh', '-c', 'sleep 0.4; exit 3');
    run('succeeding', 'on-failure', 'sh', '-c', 'sleep 0.4; exit 0');
    run('none', 'no', 'sh', '-c', 'sleep 0.4; exit 3');
    daemon.ok('stop', '-t', '0', 'unless-manual');
    const pids = ['always', 'unless'].map((name) => pidOf(daemon, name));
    await whileDown(async () => {
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await sleep(900);
    });
    for (const [index, name] of ['always', 'unless'].entries()) {
      await eventually(`${name} starts again`, () => stateOf(daemon, name), (state) => state === 'running 0');
      assert.notEqual(pidOf(daemon, name), pids[index]);
      assert.equal(daemon.ok('inspect', '-f', '{{.RestartCount}}', name), '1');
    }
    await eventually('on-failure after a failure', () => Number(daemon.ok('inspect', '-f', '{{.RestartCount}}', 'failing')), (count) => count >= 1);
    await eventually('on-failure after success', () => stateOf(daemon, 'succeeding'), (state) => state === 'exited 0');
    await eventually('none', () => stateOf(daemon, 'none'), (state) => state === 'exited 3');
    assert.equal(stateOf(daemon, 'unless-manual').split(' ')[0], 'exited');
    daemon.ok('rm', '-f', 'always', 'unless', 'unless-manual', 'failing', 'succeeding', 'none');
  });

  test('a monitor that is killed takes its container with it: exited (137)', async () => {
    const id = daemon.ok('run', '-d', '--name', 'unwatched', 'busybox', 'sleep', '1000');
    const pid = pidOf(daemon, 'unwatched');
    process.kill(monitorOf(daemon.run, id)!, 'SIGKILL');
    await eventually('the state', () => stateOf(daemon, 'unwatched'), (state) => state === 'exited 137');
    assert.ok(isGone(pid), 'the process of the container is gone');
    daemon.ok('rm', 'unwatched');
    await eventually('what is left', () => Object.values(footprint(placeOf(daemon))).flat().join(' '), (now) => now === '');
  });

  test('a monitor that is killed while no daemon runs', async () => {
    const id = daemon.ok('run', '-d', '--name', 'unwatched-down', 'busybox', 'sleep', '1000');
    const pid = pidOf(daemon, 'unwatched-down');
    await whileDown(() => void process.kill(monitorOf(daemon.run, id)!, 'SIGKILL'));
    await eventually('the state', () => stateOf(daemon, 'unwatched-down'), (state) => state === 'exited 137');
    assert.ok(isGone(pid), 'the process of the container is gone');
    daemon.ok('rm', 'unwatched-down');
  });

  test('a paused container is paused still', async () => {
    daemon.ok('run', '-d', '--name', 'paused', 'busybox', 'sleep', '1000');
    daemon.ok('pause', 'paused');
    await whileDown(() => {});
    assert.equal(stateOf(daemon, 'paused'), 'paused 0');
    daemon.ok('unpause', 'paused');
    assert.equal(daemon.ok('exec', 'paused', 'echo', 'awake'), 'awake');
    daemon.ok('rm', '-f', 'paused');
  });

  test('a second daemon on the same root is refused, and the first is not hurt', () => {
    const { status, stderr, stdout } = spawnSync(LAUNCHER, ['daemon', '--host', `unix://${daemon.directory}/other.sock`, '--root', daemon.root, '--run', `${daemon.directory}/other-run`], { encoding: 'utf8', timeout: 60_000 });
    assert.notEqual(status, 0);
    assert.match(stderr + stdout, /in use|another daemon|already/i);
    assert.ok((stderr + stdout).includes(daemon.root), stderr + stdout);
    assert.equal((stderr + stdout).includes('    at '), false, `no stack: ${stderr}`);
    assert.equal(daemon.ok('ps', '-q'), '');
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'echo', 'still'), 'still');
  });

  test('two daemons side by side do not meet', async () => {
    const other = await daemonWithImage();
    try {
      for (const each of [daemon, other]) each.ok('run', '-d', '--name', 'side', '-p', '127.0.0.1::80', 'busybox', 'httpd', '-f', '-p', '80');
      const places = [placeOf(daemon), placeOf(other)] as const;
      assert.notEqual(places[0].bridge, places[1].bridge);
      for (const each of [daemon, other]) {
        assert.equal(footprint(placeOf(each)).links.length, 1);
        const port = each.ok('port', 'side', '80').split(':').at(-1);
        const answer = await fetch(`http://127.0.0.1:${port}/none`);
        assert.equal(answer.status, 404);
      }
      await other.crash();
      await other.up();
      assert.equal(stateOf(daemon, 'side'), 'running 0');
      assert.equal(stateOf(other, 'side'), 'running 0');
      const gateway = other.ok('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Subnet}}', 'bridge');
      assert.notEqual(gateway, daemon.ok('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Subnet}}', 'bridge'));
      other.ok('rm', '-f', 'side');
      assert.equal(stateOf(daemon, 'side'), 'running 0');
      daemon.ok('rm', '-f', 'side');
    } finally {
      await other.destroy();
    }
  });

  test('after a boot (no process, no run directory) containers have ended, and restart:always starts again', async () => {
    const ids = [daemon.ok('run', '-d', '--name', 'boot-always', '--restart', 'always', '-p', '127.0.0.1::80', 'busybox', 'sleep', '1000'), daemon.ok('run', '-d', '--name', 'boot-no', 'busybox', 'sleep', '1000')];
    daemon.ok('run', '-d', '--name', 'boot-paused', 'busybox', 'sleep', '1000');
    daemon.ok('pause', 'boot-paused');
    daemon.ok('unpause', 'boot-paused');
    daemon.ok('exec', 'boot-no', 'sh', '-c', 'echo kept >/kept; sync');
    ids.push(daemon.ok('inspect', '-f', '{{.Id}}', 'boot-paused'));
    const pids = ['boot-always', 'boot-no', 'boot-paused'].map((name) => pidOf(daemon, name));
    await whileDown(async () => {
      for (const id of ids) {
        const monitor = monitorOf(daemon.run, id);
        if (monitor !== undefined) process.kill(monitor, 'SIGKILL');
      }
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await eventually('all are gone', () => pids.every(isGone), Boolean);
      rmSync(daemon.run, { recursive: true, force: true });
    });
    await eventually('boot-no', () => stateOf(daemon, 'boot-no'), (state) => state.startsWith('exited '));
    await eventually('boot-always', () => stateOf(daemon, 'boot-always'), (state) => state === 'running 0');
    daemon.ok('start', 'boot-no');
    assert.equal(daemon.ok('exec', 'boot-no', 'cat', '/kept'), 'kept');
    daemon.ok('rm', '-f', 'boot-always', 'boot-no', 'boot-paused');
    // The kernel takes a link away some time after the last process of its namespace, and files go in the background.
    await eventually('what is left', () => footprint(placeOf(daemon)), ({ links, cgroups, monitors, ports, bundles, snapshots, temporary }) => [links, cgroups, monitors, ports, bundles, snapshots, temporary].every((names) => names.length === 0));
  });

  test('nothing of all this is left', () => {
    const left = footprint(placeOf(daemon));
    assert.deepEqual(left, { links: [], cgroups: [], monitors: [], ports: [], bundles: [], snapshots: [], kept: [], mounts: left.mounts, temporary: [] });
    assert.equal(daemon.log.includes('unhandled'), false, daemon.log);
  });
});

describe('damaged state', { skip, timeout: 240_000 }, () => {
  let daemon: TestDaemon;

  before(async () => {
    daemon = await daemonWithImage();
  });

  after(async () => {
    await daemon?.destroy();
  });

  test('a damaged state is put aside and told of, and what ran without a record is cleared away', async () => {
    daemon.ok('run', '-d', '--name', 'orphan', '-p', '127.0.0.1::80', 'busybox', 'sleep', '1000');
    const pid = pidOf(daemon, 'orphan');
    await daemon.crash();
    const path = `${daemon.root}/state.db`;
    // The write-ahead log would heal what it holds pages of.
    for (const more of ['-wal', '-shm']) rmSync(path + more, { force: true });
    const bytes = readFileSync(path);
    for (let index = 0; index < Math.min(bytes.length, 400); index += 1) bytes[index] = bytes[index]! ^ 0xff;
    writeFileSync(path, bytes);
    await daemon.up();
    assert.match(daemon.log, /the state was damaged .* kept as .*state\.db/);
    assert.ok(readdirSync(daemon.root).some((name) => /state\.db.*(quarantine|damaged|corrupt|bad)/.test(name) || /quarantine/.test(name)), readdirSync(daemon.root).join(' '));
    assert.equal(daemon.ok('ps', '-aq'), '');
    daemon.ok('import', busyboxTar(), 'busybox');
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'echo', 'works'), 'works');
    // The kernel takes a link away some time after the last process of its namespace.
    await eventually('what is left of the orphan', () => {
      const { cgroups, monitors, ports, links } = footprint(placeOf(daemon));
      return [isGone(pid) ? [] : [pid], cgroups, monitors, ports, links].flat().join(' ');
    }, (left) => left === '');
  });

  test('a state cut short', async () => {
    await daemon.crash();
    const path = `${daemon.root}/state.db`;
    rmSync(`${path}-wal`, { force: true });
    rmSync(`${path}-shm`, { force: true });
    writeFileSync(path, readFileSync(path).subarray(0, 3000));
    await daemon.up();
    assert.equal(existsSync(path), true);
    assert.equal(daemon.ok('ps', '-aq'), '');
  });
});
