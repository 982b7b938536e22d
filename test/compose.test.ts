import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { ComposeProject, dockerCompose, ours, type ComposeClient } from './compose/clients.ts';
import { composeScenarios } from './compose/scenarios.ts';
import { openReference } from './differential/reference.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';

/**
 * The life of projects: `gantry compose` and docker compose 2.40, each on our daemon and, where there is one, on a real
 * dockerd. What passes on our daemon is in the ratchet.
 */
const SCENARIO_MS = 60_000;
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const theirs = dockerCompose();
const passing = readFileSync(new URL('ratchet/compose-scenarios.txt', import.meta.url), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));

function docker(host: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(findDockerCli() ?? '', ['-H', host, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: '/nonexistent' } });
  assert.equal(status, 0, `docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Of one client on one daemon, every scenario a test. */
function lives(daemon: string, hostOf: () => string, client: ComposeClient, other: ComposeClient | undefined, reason: string | false): void {
  describe(`${client.name} on ${daemon}`, { skip: reason }, () => {
    let count = 0;
    for (const [name, run] of Object.entries(composeScenarios)) {
      const title = `${client.name} on ${daemon}: ${name}`;
      const known = daemon === 'a real dockerd' || passing.includes(title);
      test(name, { timeout: SCENARIO_MS, ...(known ? {} : { todo: 'not in the ratchet' }) }, async (context) => {
        const host = hostOf();
        const project = new ComposeProject(host, `gt${process.pid}c${client.name === 'ours' ? 'o' : 't'}${count++}`);
        try {
          await run({ client, other, project, image: `gantry-compose-test:${process.pid}`, docker: (...args) => docker(host, ...args), skip: (reason) => context.skip(reason) });
        } finally {
          clean(host, project);
        }
      });
    }
  });
}

/** Whatever is left of a project, also of one whose scenario failed. */
function clean(host: string, project: ComposeProject): void {
  const filter = ['--filter', `label=com.docker.compose.project=${project.name}`];
  const found = (...args: readonly string[]): string[] => docker(host, ...args, ...filter).split('\n').filter(Boolean);
  const containers = found('ps', '-aq');
  if (containers.length > 0) docker(host, 'rm', '-fv', ...containers);
  for (const network of found('network', 'ls', '-q')) docker(host, 'network', 'rm', network);
  for (const volume of found('volume', 'ls', '-q')) docker(host, 'volume', 'rm', '-f', volume);
  rmSync(project.directory, { recursive: true, force: true });
}

const image = `gantry-compose-test:${process.pid}`;

test('the ratchet names scenarios that there are', () => {
  const titles = (['ours', 'docker compose'] as const).flatMap((client) => Object.keys(composeScenarios).map((name) => `${client} on our daemon: ${name}`));
  assert.deepEqual(passing.filter((name) => !titles.includes(name)), []);
});

describe('our daemon', { skip }, () => {
  let daemon: TestDaemon | undefined;
  const host = (): string => `unix://${daemon?.socket}`;
  before(async () => {
    daemon = await TestDaemon.start();
    docker(host(), 'import', '-c', 'CMD ["sh"]', busyboxTar(), image);
  });
  after(async () => {
    await daemon?.destroy();
  });
  lives('our daemon', host, ours, theirs.client, false);
  if (theirs.client !== undefined) lives('our daemon', host, theirs.client, ours, false);
  else test('docker compose', { skip: theirs.missing }, () => {});
});

const reference = skip === false ? await openReference() : skip;

describe('a real dockerd', { skip: typeof reference === 'string' ? reference : false }, () => {
  const host = typeof reference === 'string' ? '' : `unix://${reference.socket}`;
  before(() => {
    docker(host, 'import', '-c', 'CMD ["sh"]', busyboxTar(), image);
  });
  after(async () => {
    docker(host, 'rmi', image);
    if (typeof reference !== 'string') await reference.close();
  });
  lives('a real dockerd', () => host, ours, theirs.client, false);
  if (theirs.client !== undefined) lives('a real dockerd', () => host, theirs.client, ours, false);
});
