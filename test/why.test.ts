import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { archive, member } from '#image/oci/tar/forge.ts';
import { ask } from './world/http.ts';
import { dockerScenarios } from './world/scenarios.ts';
import { eventually } from './world/waiting.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const scenarios = dockerScenarios('docker-why-scenarios');
const { scenario, ok, fails } = scenarios;

function why(name: string): string {
  const { stdout, stderr, status } = spawnSync(LAUNCHER, ['-H', `unix://${scenarios.daemon.socket}`, 'why', name], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

const state = (name: string): string => ok('inspect', '-f', '{{.State.Status}}', name);

scenario('why tells who asked, and how a program ended', () => {
  ok('run', '--name', 'web', 'busybox', 'true');
  assert.match(why('web'), /^web is exited \(0\), because\n {2}\S+ \S+ {2}a client of the API asked for its start\n.*it started\n.*its program ended by itself after \d+\.\d s with exit code 0\n$/);
  ok('create', '--name', 'new', 'busybox');
  assert.match(why('new'), /^new is created, because\n.*it was created\n$/);
});

scenario('why tells which step of a start failed, and why', () => {
  fails(127, /executable file not found/, 'run', '--name', 'web', 'busybox', 'nosuch');
  assert.match(why('web'), /its start failed at the step create-container .*exec: "nosuch": executable file not found/);
});

scenario('why tells of an end for lack of memory', () => {
  scenarios.daemon.docker('run', '--name', 'web', '-m', '8m', '--memory-swap', '8m', 'busybox', 'sh', '-c', 'tail /dev/zero');
  assert.match(why('web'), /the kernel killed a process of it for memory \(its limit is 8388608 bytes\)/);
});

scenario('why tells of a stop, of what a person killed, and of the patience in between', () => {
  ok('run', '-d', '--name', 'web', 'busybox', 'sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done');
  ok('stop', '-t', '1', 'web');
  assert.match(why('web'), /asked for its end: SIGTERM, and SIGKILL after 1 s\n.*since it had not ended in time, sent it SIGKILL\n.*exit code 137: SIGKILL\n$/);
});

scenario('why follows a restart policy, and survives the daemon', async () => {
  ok('run', '-d', '--name', 'web', '--restart', 'on-failure:2', 'busybox', 'sh', '-c', 'exit 3');
  await eventually('it has given up', () => ok('inspect', '-f', '{{.RestartCount}} {{.State.Status}}', 'web'), (found) => found === '2 exited');
  await scenarios.daemon.crash();
  await scenarios.daemon.up();
  const told = why('web');
  assert.equal(told.match(/exit code 3/g)?.length, 3);
  assert.match(told, /\(attempt 1\) after 100 ms\n[^]*\(attempt 2\) after 200 ms/);
});

scenario('a daemon that comes back starts what is always to run, and not what a person stopped', async () => {
  for (const policy of ['always', 'unless-stopped', 'no']) ok('run', '-d', '--name', policy.padEnd(2), '--restart', policy, 'busybox', 'sleep', '1000');
  ok('stop', '-t', '0', 'always', 'unless-stopped', 'no');
  await scenarios.daemon.stop();
  await scenarios.daemon.up();
  await eventually('what is always to run does', () => state('always'), (found) => found === 'running');
  assert.deepEqual([state('unless-stopped'), state('no')], ['exited', 'exited']);
  assert.match(why('always'), /the daemon, as it came up asked for its start/);
});

scenario('why tells what the health check said', async () => {
  ok('run', '-d', '--name', 'web', '--health-cmd', 'echo no page; exit 1', '--health-interval', '200ms', '--health-retries', '1', 'busybox', 'sleep', '1000');
  await eventually('it is unhealthy', () => ok('inspect', '-f', '{{.State.Health.Status}}', 'web'), (found) => found === 'unhealthy');
  assert.match(why('web'), /its health check says unhealthy: exit code 1, "no page"\n$/);
  const json = JSON.parse((await ask(scenarios.daemon.socket, 'GET', '/containers/web/why')).text) as { State: { Status: string }; Because: { Kind: string; Time: string }[] };
  assert.equal(json.State.Status, 'running');
  assert.deepEqual(json.Because.map(({ Kind }) => Kind), ['start', 'started', 'health']);
});

scenario('df and prune tell what builds keep', async () => {
  const { socket } = scenarios.daemon;
  const context = archive(member({ name: 'Dockerfile', body: 'FROM busybox\nRUN dd if=/dev/zero of=/x bs=1000 count=9\n' }));
  assert.match((await ask(socket, 'POST', '/build?t=built:1', { body: context, headers: { 'Content-Type': 'application/x-tar' } })).text, /"aux"/);
  const cache = async (): Promise<{ Type: string; Size: number; CreatedAt: string }[]> => (JSON.parse((await ask(socket, 'GET', '/system/df?type=build-cache')).text) as { BuildCache: { Type: string; Size: number; CreatedAt: string }[] }).BuildCache;
  const kept = await cache();
  assert.ok(kept.length > 0 && kept.every(({ Size, CreatedAt }) => Size >= 0 && Date.parse(CreatedAt) > 0), JSON.stringify(kept));
  ok('rmi', 'built:1');
  const { SpaceReclaimed } = JSON.parse((await ask(socket, 'POST', '/build/prune?all=1')).text) as { SpaceReclaimed: number };
  assert.ok(SpaceReclaimed >= 9000, String(SpaceReclaimed));
  assert.deepEqual(await cache(), []);
});

scenario('df and prune tell true sizes', async () => {
  ok('volume', 'create', 'big');
  ok('run', '--rm', '-v', 'big:/data', 'busybox', 'sh', '-c', 'dd if=/dev/zero of=/data/a bs=1000 count=50 2>/dev/null; ln /data/a /data/b; mkdir /data/d');
  const df = JSON.parse((await ask(scenarios.daemon.socket, 'GET', '/system/df')).text) as { Volumes: { Name: string; UsageData: { Size: number; RefCount: number } }[] };
  assert.deepEqual(df.Volumes.map(({ Name, UsageData }) => [Name, UsageData.Size, UsageData.RefCount]), [['big', 50_000, 0]]);
  ok('run', '--name', 'web', 'busybox', 'sh', '-c', 'dd if=/dev/zero of=/x bs=1000 count=7 2>/dev/null');
  ok('commit', 'web', 'child:1');
  const prune = async (path: string): Promise<{ SpaceReclaimed: number }> => JSON.parse((await ask(scenarios.daemon.socket, 'POST', path)).text) as { SpaceReclaimed: number };
  assert.equal((await prune('/containers/prune')).SpaceReclaimed, 7000);
  assert.equal((await prune('/volumes/prune?filters={"all":["1"]}')).SpaceReclaimed, 50_000);
  ok('create', '--name', 'web', 'busybox');
  // Only what the child added goes: its other layer is the base's.
  assert.equal((await prune('/images/prune?filters={"dangling":["false"]}')).SpaceReclaimed, 7000);
});
