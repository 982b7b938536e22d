import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../world/waiting.ts';
import { buildScenarios } from './build-scenarios.ts';
import type { Ran } from './clients.ts';
import { sleeper, type Stage } from './stage.ts';

function ids({ docker, project }: Stage): Map<string, string> {
  const listed = docker('ps', '-a', '--no-trunc', '--filter', `label=com.docker.compose.project=${project.name}`, '--format', '{{.Names}} {{.ID}}');
  return new Map(listed.split('\n').filter(Boolean).map((line) => line.split(' ') as [string, string]));
}

/** A list as JSON, an array or an object a line; without what goes on while it is looked at, or is told in an order of chance. */
function rows(text: string): unknown[] {
  const nameOf = (row: object): string => String((row as { readonly ContainerName?: string }).ContainerName ?? (row as { readonly Name?: string }).Name);
  const parsed = text.startsWith('[') ? JSON.parse(text) as object[] : text.split('\n').map((line) => JSON.parse(line) as object);
  const inOrder = (value: unknown): unknown => (typeof value === 'string' ? value.split(',').toSorted().join() : value);
  return parsed.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => !['Health', 'RunningFor', 'Status'].includes(key)).map(([key, value]) => [key, ['Labels', 'Mounts', 'Networks'].includes(key) ? inOrder(value) : value])));
}

function told({ code, out, err }: Ran): string {
  assert.equal(code, 0, err);
  return out + err;
}

/** Each is run by every client on every daemon. */
export const composeScenarios: Readonly<Record<string, (stage: Stage) => void | Promise<void>>> = {
  'up makes all that the file says, and down takes all of it away': (stage) => {
    const { client, project, image, docker } = stage;
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', networks: [front], volumes: ["data:/data"], labels: {a: b}, environment: {A: "1"}, hostname: w')}}\nnetworks: {front: {labels: {n: o}}}\nvolumes: {data: {labels: {v: w}}}` });
    project.ok(client, 'up', '-d');
    const name = `${project.name}-web-1`;
    assert.equal(docker('inspect', '-f', '{{.State.Running}} {{.Config.Hostname}} {{index .Config.Labels "a"}} {{index .Config.Labels "com.docker.compose.service"}}', name), 'true w b web');
    assert.match(docker('inspect', '-f', '{{json .Config.Env}}', name), /A=1/);
    assert.equal(docker('network', 'inspect', '-f', '{{index .Labels "n"}}', `${project.name}_front`), 'o');
    assert.equal(docker('volume', 'inspect', '-f', '{{index .Labels "v"}}', `${project.name}_data`), 'w');
    project.ok(client, 'down', '-v');
    assert.equal(ids(stage).size, 0);
    assert.equal(docker('network', 'ls', '-q', '--filter', `name=${project.name}_`), '');
    assert.equal(docker('volume', 'ls', '-q', '--filter', `name=${project.name}_`), '');
  },
  'an unchanged up changes nothing, a changed one only what changed': (stage) => {
    const { client, project, image } = stage;
    const file = (more: string): string => `services: {a: ${sleeper(image, more)}, b: ${sleeper(image)}}`;
    project.write({ 'compose.yaml': file('') });
    project.ok(client, 'up', '-d');
    const first = ids(stage);
    project.ok(client, 'up', '-d');
    assert.deepEqual(ids(stage), first);
    project.write({ 'compose.yaml': file(', environment: {NEW: "1"}') });
    project.ok(client, 'up', '-d');
    const second = ids(stage);
    assert.notEqual(second.get(`${project.name}-a-1`), first.get(`${project.name}-a-1`));
    assert.equal(second.get(`${project.name}-b-1`), first.get(`${project.name}-b-1`));
    project.ok(client, 'up', '-d', '--force-recreate');
    assert.notEqual(ids(stage).get(`${project.name}-b-1`), first.get(`${project.name}-b-1`));
  },
  'a dry run changes nothing, and tells what would be done': (stage) => {
    const { client, project, image } = stage;
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image)}}` });
    assert.match(told(project.run(client, ['--dry-run', 'up', '-d'])), /-web-1.*[Cc]reat/);
    assert.equal(ids(stage).size, 0);
    project.ok(client, 'up', '-d');
    const made = ids(stage);
    assert.match(told(project.run(client, ['--dry-run', 'down'])), /-web-1.*[Rr]emov/);
    assert.deepEqual(ids(stage), made);
  },
  'watch copies files that change, and restarts where that is asked for': async ({ client, project, image, docker }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', develop: {watch: [{action: sync, path: ./pages, target: /pages}, {action: sync+restart, path: ./settings, target: /settings}]}')}}`, 'pages/old': 'old', 'settings/one': 'one' });
    project.ok(client, 'up', '-d');
    const started = (): string => docker('inspect', '-f', '{{.State.StartedAt}}', `${project.name}-web-1`);
    const first = started();
    const watch = project.start(client, ['watch', '--no-up']);
    const has = (path: string): string => project.run(client, ['exec', '-T', 'web', 'cat', path]).out;
    try {
      await eventually('it watches', watch.text, (text) => /[Ww]atch(ing|.*enabled)/.test(text));
      project.write({ 'pages/new': 'a page' });
      await eventually('a new file is in the container', () => has('/pages/new'), (text) => text === 'a page');
      assert.equal(started(), first, 'which goes on');
      project.write({ 'settings/one': 'two' });
      await eventually('the container was restarted', started, (at) => at !== first);
      await eventually('with the file that changed', () => has('/settings/one'), (text) => text === 'two');
    } finally {
      watch.child.kill('SIGINT');
      await watch.ended;
    }
  },
  'up --watch shows what is written, copies what changes, and stops it all on Ctrl-C': async ({ client, project, image, docker }) => {
    project.write({ 'compose.yaml': `services: {a: {image: "${image}", command: [sh, -c, "echo up; until test -e /pages/new; do sleep 0.1; done; echo seen; sleep 1000"], stop_grace_period: 0s, develop: {watch: [{action: sync, path: ./pages, target: /pages}]}}}`, 'pages/old': 'old' });
    const up = project.start(client, ['up', '--no-color', '--watch']);
    await eventually('it watches, and shows the output', up.text, (text) => /[Ww]atch(ing|.*enabled)/.test(text) && /a-1 +\| up/.test(text));
    project.write({ 'pages/new': 'a page' });
    await eventually('the container has the file, and is shown to say so', up.text, (text) => /a-1 +\| seen/.test(text));
    up.child.kill('SIGINT');
    await up.ended;
    assert.equal(docker('inspect', '-f', '{{.State.Status}}', `${project.name}-a-1`), 'exited');
  },
  'events, stats, attach and commit': async ({ client, project, image, docker }) => {
    const copy = `${project.name}-copy:1`;
    project.write({ 'compose.yaml': `services: {web: {image: "${image}", command: [sh, -c, "read word; echo heard $$word"], stdin_open: true, stop_grace_period: 0s}}` });
    project.ok(client, 'up', '-d');
    project.ok(client, 'commit', '--message', 'as it is', '--change', 'LABEL from=compose', 'web', copy);
    assert.equal(docker('inspect', '-f', '{{.Comment}} {{index .Config.Labels "from"}}', copy), 'as it is compose');
    docker('rmi', copy);
    // A figure of the processor needs two looks, a second apart: once is enough.
    if (client.name === 'ours') assert.match(project.ok(client, 'stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'web'), new RegExp(`^${project.name}-web-1 [1-9]`));
    // A real dockerd ends the stream of a client whose input has ended, whatever the container would still say.
    const attached = project.start(client, ['attach', 'web']);
    attached.child.stdin?.write('you\n');
    await eventually('it answers', attached.text, (text) => /heard you/.test(text));
    attached.child.stdin?.end();
    assert.equal(await attached.ended, 0, attached.text());
    // docker compose takes the end that --until asks for as an error: EOF.
    const events = project.start(client, ['events', '--json', '--since', '10m', 'web']);
    const known = ['create', 'start', 'commit', 'attach', 'die'];
    try {
      await eventually('it tells what happened', () => [...events.text().matchAll(/"action":"(\w+)"/g)].map(([, action = '']) => action).filter((action) => known.includes(action)), (told) => isDeepStrictEqual(told, known));
    } finally {
      events.child.kill('SIGINT');
      await events.ended;
    }
  },
  'the other client takes the project over as it is': (stage) => {
    const { client, other, project, image } = stage;
    if (other === undefined) return;
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', networks: [front, back], ports: ["127.0.0.1::80", "127.0.0.1::79/udp"], expose: [78], volumes: ["data:/d", /anon], depends_on: [db], healthcheck: {test: "true", interval: 1m}')}, db: ${sleeper(image, ', networks: [back]')}}\nnetworks: {front: , back: {internal: true}}\nvolumes: {data: }` });
    project.ok(client, 'up', '-d');
    const made = ids(stage);
    project.ok(other, 'up', '-d');
    assert.deepEqual(ids(stage), made);
    assert.match(project.ok(other, 'ps'), /web[^]*db|db[^]*web/);
    for (const list of ['ps', 'images', 'volumes']) assert.deepEqual(rows(project.ok(client, list, '--format', 'json')), rows(project.ok(other, list, '--format', 'json')), list);
    assert.equal(project.ok(client, 'volumes'), project.ok(other, 'volumes'));
    project.ok(other, 'down', '-v');
    assert.equal(ids(stage).size, 0);
  },
  'services know each other by name, and not across networks': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', networks: [front]')}, api: ${sleeper(image, ', networks: {front: {aliases: [inside]}, back: }')}, db: ${sleeper(image, ', networks: [back]')}}\nnetworks: {front: , back: }` });
    project.ok(client, 'up', '-d');
    project.ok(client, 'exec', '-T', 'web', 'ping', '-c', '1', '-W', '2', 'api');
    project.ok(client, 'exec', '-T', 'web', 'ping', '-c', '1', '-W', '2', 'inside');
    project.ok(client, 'exec', '-T', 'api', 'ping', '-c', '1', '-W', '2', 'db');
    assert.notEqual(project.run(client, ['exec', '-T', 'web', 'ping', '-c', '1', '-W', '1', 'db']).code, 0);
  },
  'dependencies are started first, healthy or completed as asked': ({ client, project, image, docker }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', depends_on: {db: {condition: service_healthy}, init: {condition: service_completed_successfully}}')}, db: ${sleeper(image, ', healthcheck: {test: "test -e /ready || (touch /ready; false)", interval: 300ms, retries: 20}')}, init: {image: "${image}", command: [sleep, "0.3"]}}` });
    project.ok(client, 'up', '-d');
    const at = (service: string, field: string): number => Date.parse(docker('inspect', '-f', `{{.State.${field}}}`, `${project.name}-${service}-1`));
    assert.ok(at('web', 'StartedAt') > at('init', 'FinishedAt'));
    assert.equal(docker('inspect', '-f', '{{.State.Health.Status}}', `${project.name}-db-1`), 'healthy');
  },
  'a dependency that fails stops the up, and is named': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', depends_on: {init: {condition: service_completed_successfully}}')}, init: {image: "${image}", command: [sh, -c, "echo the reason; exit 4"]}}` });
    const { code, err, out } = project.run(client, ['up', '-d']);
    assert.notEqual(code, 0);
    assert.match(err + out, /init/);
    if (client.name === 'ours') assert.match(err, /service init: dependency failed to start: container .*-init-1 exited \(4\)\nlast lines of .*-init-1:\n {2}the reason/);
  },
  'up --wait waits for health, and fails without it': ({ client, project, image, docker }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', healthcheck: {test: "test -e /ready || (touch /ready; false)", interval: 200ms}')}}` });
    project.ok(client, 'up', '-d', '--wait');
    assert.equal(docker('inspect', '-f', '{{.State.Health.Status}}', `${project.name}-web-1`), 'healthy');
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', healthcheck: {test: "false", interval: 200ms, retries: 1}')}}` });
    assert.notEqual(project.run(client, ['up', '-d', '--wait']).code, 0);
  },
  'services are scaled up and down': (stage) => {
    const { client, project, image } = stage;
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image)}}` });
    project.ok(client, 'up', '-d', '--scale', 'web=3');
    assert.deepEqual([...ids(stage).keys()].toSorted(), [1, 2, 3].map((number) => `${project.name}-web-${number}`));
    project.ok(client, 'scale', 'web=1');
    assert.equal(ids(stage).size, 1);
  },
  'secrets and configs are there with their owners and modes': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', secrets: [{source: s, target: word, uid: "5", gid: "6", mode: 0400}], configs: [{source: c, target: /etc/c, mode: 0444}]')}}\nsecrets: {s: {environment: SECRET_WORD}}\nconfigs: {c: {content: "the text"}}` });
    project.ok(client, 'up', '-d');
    assert.equal(project.ok(client, 'exec', '-T', 'web', 'sh', '-c', 'stat -c "%a %u %g" /run/secrets/word; cat /run/secrets/word /etc/c'), '400 5 6\nsesamethe text');
  },
  'exec, run, cp, export, logs, top and port': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {web: {image: "${image}", command: [sh, -c, "echo out; echo err >&2; sleep 1000"], environment: {A: "1"}, ports: ["127.0.0.1::80"], stop_grace_period: 0s}}` });
    project.ok(client, 'up', '-d');
    assert.equal(project.ok(client, 'exec', '-T', 'web', 'sh', '-c', 'echo $A'), '1');
    assert.equal(project.run(client, ['exec', '-T', 'web', 'sh', '-c', 'exit 7']).code, 7);
    assert.equal(project.run(client, ['run', '--rm', '-T', 'web', 'sh', '-c', 'echo one-off; exit 3']).code, 3);
    assert.match(project.run(client, ['run', '--rm', '-T', '-e', 'B=2', 'web', 'sh', '-c', 'echo "$A$B"']).out, /^12$/m);
    assert.equal(project.run(client, ['run', '--rm', '-T', 'web', 'cat'], 'typed').out, 'typed');
    project.write({ 'file.txt': 'content' });
    project.ok(client, 'cp', 'file.txt', 'web:/tmp/there.txt');
    assert.equal(project.ok(client, 'exec', '-T', 'web', 'cat', '/tmp/there.txt'), 'content');
    project.ok(client, 'export', '-o', 'all.tar', 'web');
    assert.ok(readFileSync(join(project.directory, 'all.tar')).includes('tmp/there.txt'));
    const logs = project.run(client, ['logs', '--no-color', 'web']);
    assert.match(logs.out + logs.err, /web-1 +\| out/);
    assert.match(logs.out + logs.err, /web-1 +\| err/);
    assert.match(project.ok(client, 'top'), /sleep 1000/);
    assert.match(project.ok(client, 'port', 'web', '80'), /^127\.0\.0\.1:\d+$/);
    assert.match(project.ok(client, 'version', '--short'), /^\d+\.\d+/);
    assert.match(project.ok(client, 'alpha', 'viz'), /digraph [^]*web/);
  },
  'stop, start, restart, pause, kill and rm': ({ client, project, image, docker }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image)}}` });
    const state = (): string => docker('inspect', '-f', '{{.State.Status}}', `${project.name}-web-1`);
    project.ok(client, 'create');
    assert.equal(state(), 'created');
    project.ok(client, 'start');
    assert.equal(state(), 'running');
    const started = docker('inspect', '-f', '{{.State.StartedAt}}', `${project.name}-web-1`);
    project.ok(client, 'restart');
    assert.notEqual(docker('inspect', '-f', '{{.State.StartedAt}}', `${project.name}-web-1`), started);
    project.ok(client, 'pause');
    assert.equal(state(), 'paused');
    project.ok(client, 'unpause');
    project.ok(client, 'stop');
    assert.equal(state(), 'exited');
    project.ok(client, 'start');
    project.ok(client, 'kill');
    assert.equal(docker('inspect', '-f', '{{.State.ExitCode}}', `${project.name}-web-1`), '137');
    project.ok(client, 'rm', '-f');
    assert.equal(project.ok(client, 'ps', '-aq'), '');
  },
  'orphans are told of, and removed when asked': (stage) => {
    const { client, project, image } = stage;
    project.write({ 'compose.yaml': `services: {a: ${sleeper(image)}, b: ${sleeper(image)}}` });
    project.ok(client, 'up', '-d');
    project.write({ 'compose.yaml': `services: {a: ${sleeper(image)}}` });
    assert.match(project.run(client, ['up', '-d']).err, /Found orphan containers/);
    assert.equal(ids(stage).size, 2);
    project.ok(client, 'up', '-d', '--remove-orphans');
    assert.deepEqual([...ids(stage).keys()], [`${project.name}-a-1`]);
  },
  'profiles are off until they are asked for': (stage) => {
    const { client, project, image } = stage;
    project.write({ 'compose.yaml': `services: {a: ${sleeper(image)}, tool: ${sleeper(image, ', profiles: [tools]')}}` });
    project.ok(client, 'up', '-d');
    assert.equal(ids(stage).size, 1);
    project.ok(client, '--profile', 'tools', 'up', '-d');
    assert.equal(ids(stage).size, 2);
    project.ok(client, '--profile', 'tools', 'down');
    assert.equal(ids(stage).size, 0);
  },
  'anonymous volumes outlive a new container': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', volumes: [/anon]')}}` });
    project.ok(client, 'up', '-d');
    project.ok(client, 'exec', '-T', 'web', 'sh', '-c', 'echo kept > /anon/file');
    project.ok(client, 'up', '-d', '--force-recreate');
    assert.equal(project.ok(client, 'exec', '-T', 'web', 'cat', '/anon/file'), 'kept');
    project.ok(client, 'up', '-d', '--force-recreate', '-V');
    assert.notEqual(project.run(client, ['exec', '-T', 'web', 'cat', '/anon/file']).code, 0);
  },
  'an attached up shows what is written, and ends with the exit code asked for': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {a: ${sleeper(image)}, job: {image: "${image}", command: [sh, -c, "sleep 0.5; echo from the job; exit 5"]}}` });
    const { code, out, err } = project.run(client, ['up', '--no-color', '--exit-code-from', 'job']);
    assert.match(out + err, /job-1 +\| from the job/);
    assert.equal(code, 5, err);
  },
  'Ctrl-C stops an attached up cleanly': async ({ client, project, image, docker }) => {
    project.write({ 'compose.yaml': `services: {a: {image: "${image}", command: [sh, -c, "echo up; sleep 1000"], stop_grace_period: 0s}}` });
    const up = project.start(client, ['up', '--no-color']);
    for (let tries = 0; !/a-1 +\| up/.test(up.text()); tries++) {
      assert.ok(tries < 200, up.text());
      await pause(50);
    }
    up.child.kill('SIGINT');
    await up.ended;
    assert.equal(docker('inspect', '-f', '{{.State.Status}}', `${project.name}-a-1`), 'exited');
  },
  'namespaces and volumes are shared with another service': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {a: ${sleeper(image, ', volumes: ["data:/data"], hostname: shared')}, b: ${sleeper(image, ', network_mode: "service:a", volumes_from: [a]')}}\nvolumes: {data: }` });
    project.ok(client, 'up', '-d');
    project.ok(client, 'exec', '-T', 'a', 'sh', '-c', 'echo kept > /data/file');
    assert.equal(project.ok(client, 'exec', '-T', 'b', 'cat', '/data/file'), 'kept');
    assert.equal(project.ok(client, 'exec', '-T', 'b', 'hostname'), 'shared');
  },
  'a failure to create costs no running service': (stage) => {
    const { client, project, image, docker } = stage;
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image)}}` });
    project.ok(client, 'up', '-d');
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image, ', cap_add: [NOT_A_RIGHT]')}}` });
    const { code, err, out } = project.run(client, ['up', '-d']);
    assert.notEqual(code, 0);
    if (client.name === 'ours') assert.match(err + out, /service web: .*NOT_A_RIGHT/);
    assert.equal(docker('inspect', '-f', '{{.State.Status}}', `${project.name}-web-1`), 'running');
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image)}, a: ${sleeper(image, `, container_name: ${project.name}-own`)}, b: ${sleeper(image, `, container_name: ${project.name}-own`)}}` });
    assert.match(project.run(client, ['up', '-d']).err, /container name "\w+-own" is already in use by service/);
    assert.deepEqual([...ids(stage).keys()], [`${project.name}-web-1`], 'nothing is begun');
  },
  'a network that changed is made anew, with the containers in it': ({ client, project, image, docker }) => {
    const file = (label: string): string => `services: {web: ${sleeper(image, ', networks: [n]')}}\nnetworks: {n: {labels: {l: "${label}"}}}`;
    project.write({ 'compose.yaml': file('one') });
    project.ok(client, 'up', '-d');
    project.write({ 'compose.yaml': file('two') });
    project.ok(client, 'up', '-d');
    assert.equal(docker('network', 'inspect', '-f', '{{index .Labels "l"}}', `${project.name}_n`), 'two');
    assert.equal(docker('inspect', '-f', '{{.State.Status}}', `${project.name}-web-1`), 'running');
  },
  'ls, images, volumes and wait': ({ client, project, image }) => {
    project.write({ 'compose.yaml': `services: {web: {image: "${image}", command: [sleep, "0.5"], volumes: ["data:/d"]}}\nvolumes: {data: }` });
    project.ok(client, 'up', '-d');
    assert.notEqual(project.run(client, ['wait', 'web']).code, -1);
    assert.match(project.ok(client, 'ls', '-a'), new RegExp(`${project.name} +exited\\(1\\)`));
    assert.match(project.ok(client, 'images'), new RegExp(`${project.name}-web-1`));
    assert.match(project.ok(client, 'volumes'), new RegExp(`${project.name}_data`));
  },
  'hooks run after a start and before a stop': ({ client, project, image, docker }) => {
    const file = (label: string): string => `services: {web: ${sleeper(image, `, volumes: ["data:/data"], labels: {l: "${label}"}, post_start: [{command: [sh, -c, "echo started >>/data/told"]}], pre_stop: [{command: [sh, -c, "echo stops >>/data/told"]}]`)}}\nvolumes: {data: }`;
    const told = (): string => docker('run', '--rm', '-v', `${project.name}_data:/data`, image, 'cat', '/data/told').replaceAll('\n', ' ');
    project.write({ 'compose.yaml': file('one') });
    // With the project's name alone docker compose reads no file.
    const named = ['-f', 'compose.yaml'];
    project.ok(client, 'up', '-d');
    project.ok(client, ...named, 'stop');
    assert.equal(told(), 'started stops');
    project.ok(client, ...named, 'start');
    assert.equal(told(), 'started stops started');
    project.write({ 'compose.yaml': file('two') });
    project.ok(client, 'up', '-d');
    // docker compose 2.40 forgets those of a container that it replaces.
    assert.equal(told(), client.name === 'ours' ? 'started stops started stops started' : 'started stops started started');
    project.ok(client, 'exec', '-T', 'web', 'rm', '/data/told');
    project.ok(client, ...named, 'restart');
    assert.equal(told(), 'stops started');
    project.ok(client, ...named, 'down');
    assert.equal(told(), 'stops started stops');
  },
  'a provider gives variables to who depends on it, and is told to withdraw': ({ client, project, image, docker }) => {
    const program = join(project.directory, 'provider');
    project.write({
      'compose.yaml': `services: {web: ${sleeper(image, ', depends_on: [db]')}, alone: ${sleeper(image)}, db: {provider: {type: "${program}", options: {size: 256, tag: [a, "b c"]}}}}`,
      provider: '#!/bin/sh\n[ "$2" != metadata ] || exit 1\nfor word; do printf "<%s>" "$word"; done >>told; echo >>told\n[ "$3" = up ] || exit 0\n'
        + `echo '{"type":"info","message":"half"}'; echo '{"type":"setenv","message":"URL=db://'$(cat address)'"}'; echo '{"type":"debug","message":"d"}'\n`,
      address: 'one',
    });
    chmodSync(program, 0o755);
    const told = (): string[] => readFileSync(join(project.directory, 'told'), 'utf8').trim().split('\n');
    const made = (): string => docker('inspect', '-f', '{{.Id}}', `${project.name}-web-1`);
    project.ok(client, 'up', '-d');
    assert.equal(project.ok(client, 'exec', '-T', 'web', 'sh', '-c', 'echo $DB_URL'), 'db://one');
    assert.equal(project.ok(client, 'exec', '-T', 'alone', 'sh', '-c', 'echo $DB_URL'), '');
    // docker compose gives options in an order of chance.
    assert.deepEqual(told()[0]?.split('><').toSorted(), [`<compose`, `--project-name=${project.name}`, 'up', '--size=256', '--tag=a', '--tag=b c', 'db>'].toSorted());
    const first = made();
    project.ok(client, 'up', '-d');
    assert.equal(made(), first, 'the same variables change nothing');
    project.write({ address: 'two' });
    project.ok(client, 'up', '-d');
    assert.equal(project.ok(client, 'exec', '-T', 'web', 'sh', '-c', 'echo $DB_URL'), 'db://two');
    project.ok(client, '-f', 'compose.yaml', 'down');
    assert.match(told().at(-1) ?? '', /^<compose><--project-name=\w+><down>.*<db>$/);
    project.write({ provider: '#!/bin/sh\n[ "$2" != metadata ] || exit 1\necho \'{"type":"error","message":"no room left"}\'\n' });
    const { code, err, out } = project.run(client, ['up', '-d']);
    assert.notEqual(code, 0);
    assert.match(err + out, /no room left/);
  },
  ...buildScenarios,
};
