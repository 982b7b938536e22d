import assert from 'node:assert/strict';
import { ask, exchangeRaw } from './world/http.ts';
import { RunningCli } from './world/running-cli.ts';
import { dockerScenarios } from './world/scenarios.ts';
import { sleep } from './world/waiting.ts';

const scenarios = dockerScenarios('docker-event-scenarios');
const { scenario, ok } = scenarios;

/** Events from this second on, as they come. */
function follow(...flags: readonly string[]): RunningCli {
  return new RunningCli(scenarios.daemon, ['events', '--since', String(Math.floor(Date.now() / 1000)), ...flags]);
}

scenario('events of the past are told in order, and filtered', () => {
  const since = String(Math.floor(Date.now() / 1000));
  ok('run', '--name', 'storied', 'busybox', 'true');
  ok('rm', 'storied');
  const until = String(Math.floor(Date.now() / 1000) + 1);
  const events = ok('events', '--since', since, '--until', until, '--filter', 'container=storied', '--filter', 'type=container', '--format', '{{.Action}}').split('\n');
  assert.deepEqual(events.filter((event) => event !== 'attach'), ['create', 'start', 'die', 'destroy']);
  assert.equal(ok('events', '--since', since, '--until', until, '--filter', 'container=storied', '--filter', 'event=die', '--format', '{{.Actor.Attributes.exitCode}}'), '0');
});

scenario('events come as they happen', async () => {
  const cli = follow('--filter', 'event=start', '--format', '{{.Actor.Attributes.name}}');
  // The client tells nobody when it listens: what comes before is told it, too.
  await sleep(300);
  ok('run', '-d', '--name', 'newborn', 'busybox', 'sleep', '1000');
  await cli.says('newborn');
  cli.signal('SIGKILL');
});

scenario('events tell of volumes, attachments, terminals, tops and prunes', async () => {
  const events = follow('--format', '{{.Type}} {{.Action}} {{json .Actor.Attributes}}');
  await sleep(300);
  ok('run', '--name', 'web', '-v', 'kept:/data:ro', 'busybox', 'true');
  ok('rm', 'web');
  ok('run', '-dit', '--name', 'web', 'busybox', 'sh');
  ok('top', 'web');
  assert.equal((await ask(scenarios.daemon.socket, 'POST', '/containers/web/resize?h=10&w=20')).status, 200);
  // The docker CLI leaves by itself when it sees the keys; other clients send them.
  await exchangeRaw(scenarios.daemon.socket, 'POST /containers/web/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n\x10\x11');
  ok('exec', 'web', 'true');
  ok('rm', '-f', 'web');
  ok('volume', 'prune', '-af');
  await events.says('volume prune');
  for (const line of [
    /^container attach /m, /^volume mount \{"container":"\w{64}","destination":"\/data","driver":"local","propagation":"","read\/write":"false"\}$/m,
    /^volume unmount \{"container":"\w{64}","driver":"local"\}$/m, /^container top /m, /^container resize .*"height":"10".*"width":"20"/m, /^container detach /m,
    /^container exec_create: true  /m, /^volume prune \{"reclaimed":"0"\}$/m,
  ]) assert.match(events.out, line);
  events.signal('SIGKILL');
}, 23);
