import assert from 'node:assert/strict';
import { ask } from './world/http.ts';
import { dockerScenarios } from './world/scenarios.ts';
import { eventually, sleep } from './world/waiting.ts';

const scenarios = dockerScenarios('docker-health-scenarios');
const { scenario, ok } = scenarios;

const FAST = ['--health-interval', '300ms', '--health-timeout', '1s', '--health-retries', '2'];
const probed = (name: string, command: string, ...more: readonly string[]): string => ok('run', '-d', '--name', name, '--health-cmd', command, ...FAST, ...more, 'busybox', 'sleep', '1000');
const status = (name: string): string => ok('inspect', '-f', '{{.State.Health.Status}}', name);
const becomes = (name: string, wanted: string): Promise<string> => eventually(`${name} is ${wanted}`, () => status(name), (found) => found === wanted);

scenario('a container is starting, then unhealthy, then healthy, as its probe says', async () => {
  const since = String(Math.floor(Date.now() / 1000));
  probed('web', 'echo looking; test -e /ok');
  assert.equal(status('web'), 'starting');
  assert.match(ok('ps', '--format', '{{.Status}}'), /\(health: starting\)$/);
  await becomes('web', 'unhealthy');
  assert.match(ok('ps', '--filter', 'health=unhealthy', '--format', '{{.Names}} {{.Status}}'), /^web Up .*\(unhealthy\)$/);
  const log = JSON.parse(ok('inspect', '-f', '{{json .State.Health.Log}}', 'web')) as { ExitCode: number; Output: string; Start: string; End: string }[];
  assert.deepEqual([log[0]?.ExitCode, log[0]?.Output], [1, 'looking\n']);
  assert.ok(log.every(({ Start, End }) => Date.parse(Start) <= Date.parse(End)));
  ok('exec', 'web', 'touch', '/ok');
  await becomes('web', 'healthy');
  await eventually('five results are kept', () => ok('inspect', '-f', '{{len .State.Health.Log}}', 'web'), (length) => length === '5');
  ok('stop', '-t', '0', 'web');
  assert.equal(status('web'), 'unhealthy');
  // A relative time has no fraction in the docker CLI: `0s` would leave out what this very second brought.
  const until = String(Math.floor(Date.now() / 1000) + 1);
  const events = ok('events', '--since', since, '--until', until, '--filter', 'event=health_status', '--format', '{{.Action}}');
  assert.deepEqual(events.split('\n'), ['health_status: unhealthy', 'health_status: healthy']);
});

scenario('a probe that hangs is killed, and its processes are gone', async () => {
  probed('web', 'sleep 500; true', '--health-timeout', '300ms');
  await becomes('web', 'unhealthy');
  assert.match(ok('inspect', '-f', '{{(index .State.Health.Log 0).Output}} {{(index .State.Health.Log 0).ExitCode}}', 'web'), /Health check exceeded timeout \(300ms\) -1/);
  await eventually('no probe is left', () => ok('top', 'web').split('\n').length, (lines) => lines <= 3);
});

scenario('a long output is cut', async () => {
  probed('web', 'yes | head -c 100000; exit 1');
  await becomes('web', 'unhealthy');
  assert.equal(JSON.parse(ok('inspect', '-f', '{{json (index .State.Health.Log 0).Output}}', 'web')).length, 4096 + 3);
});

scenario('probing goes on after the daemon was killed', async () => {
  probed('web', 'test -e /ok');
  ok('exec', 'web', 'touch', '/ok');
  await becomes('web', 'healthy');
  await scenarios.daemon.crash();
  await scenarios.daemon.up();
  assert.equal(status('web'), 'healthy');
  ok('exec', 'web', 'rm', '/ok');
  await becomes('web', 'unhealthy');
});

scenario('a container whose label says so is restarted when it is unhealthy', async () => {
  probed('web', 'test ! -e /ill', '--label', 'gantry.on-unhealthy=restart', '--tmpfs', '/run');
  await becomes('web', 'healthy');
  const before = ok('inspect', '-f', '{{.State.StartedAt}}', 'web');
  ok('exec', 'web', 'touch', '/ill');
  await eventually('it started again', () => ok('inspect', '-f', '{{.State.StartedAt}} {{.State.Status}}', 'web'), (found) => !found.startsWith(before) && found.endsWith('running'));
});

scenario('an exec can be ended through the API, and goes on without its client by default', async () => {
  ok('run', '-d', '--name', 'web', 'busybox', 'sleep', '1000');
  const { socket } = scenarios.daemon;
  const start = async (query: string): Promise<string> => {
    const { Id } = JSON.parse((await ask(socket, 'POST', '/containers/web/exec', { body: JSON.stringify({ Cmd: ['sleep', '777'], AttachStdout: true }) })).text) as { Id: string };
    const abort = new AbortController();
    const { request } = await import('node:http');
    const sent = request({ socketPath: socket, method: 'POST', path: `/exec/${Id}/start${query}`, agent: false, signal: abort.signal, headers: { 'Content-Type': 'application/json' } });
    sent.on('error', () => {});
    sent.end('{}');
    await eventually('it runs', async () => JSON.parse((await ask(socket, 'GET', `/exec/${Id}/json`)).text) as { Running: boolean; Pid: number }, ({ Running, Pid }) => Running && Pid > 0);
    abort.abort();
    return Id;
  };
  const running = async (id: string): Promise<boolean> => (JSON.parse((await ask(socket, 'GET', `/exec/${id}/json`)).text) as { Running: boolean }).Running;
  const kept = await start('');
  await sleep(500);
  assert.equal(await running(kept), true);
  assert.equal((await ask(socket, 'POST', `/exec/${kept}/kill?signal=TERM`)).status, 204);
  await eventually('it has ended', () => running(kept), (is) => !is);
  assert.equal((JSON.parse((await ask(socket, 'GET', `/exec/${kept}/json`)).text) as { ExitCode: number }).ExitCode, 143);
  assert.equal((await ask(socket, 'POST', `/exec/${kept}/kill`)).status, 409);
  const taken = await start('?killOnDisconnect=1');
  await eventually('it went with its client', () => running(taken), (is) => !is);
});

scenario('stats tell what a container uses, and zeros of one that rests', async () => {
  ok('run', '-d', '--name', 'web', '-m', '64m', 'busybox', 'sh', '-c', 'while :; do :; done');
  assert.match(ok('stats', '--no-stream', '--format', '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}', 'web'), /^web [1-9]\d*\.\d+% .*\/ 64MiB 1$/);
  const { socket } = scenarios.daemon;
  const one = JSON.parse((await ask(socket, 'GET', '/containers/web/stats?stream=0&one-shot=1')).text) as { cpu_stats: { online_cpus: number }; precpu_stats: { system_cpu_usage?: number }; networks: Record<string, { rx_bytes: number }> };
  assert.ok(one.cpu_stats.online_cpus > 0 && one.precpu_stats.system_cpu_usage === undefined && (one.networks['eth0']?.rx_bytes ?? -1) >= 0);
  assert.equal((await ask(socket, 'GET', '/containers/web/stats?stream=1&one-shot=1')).status, 400);
  ok('stop', '-t', '0', 'web');
  const none = JSON.parse((await ask(socket, 'GET', '/containers/web/stats?stream=0')).text) as { memory_stats: object; pids_stats: object };
  assert.deepEqual([none.memory_stats, none.pids_stats], [{}, {}]);
});
