import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { EngineUnderTest } from './differential/engine.ts';
import { openReference } from './differential/reference.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { sleep } from './world/waiting.ts';

const NAME = `gev${process.pid}`;
const IMAGE = `${NAME}:1`;

interface Told {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** What both engines are asked to do, and whose events are then equal. */
const SCRIPT: readonly (readonly string[])[] = [
  ['volume', 'create', `${NAME}v`],
  ['network', 'create', `${NAME}net`],
  ['create', '--name', `${NAME}a`, '--label', 'l=m', '-v', `${NAME}v:/data:ro`, IMAGE, 'sleep', '100'],
  ['start', `${NAME}a`],
  ['cp', '-q', `${NAME}a:/etc/passwd`, `/tmp/${NAME}`],
  ['cp', '-q', `/tmp/${NAME}`, `${NAME}a:/tmp/x`],
  ['exec', `${NAME}a`, 'true'],
  ['exec', '-w', '/tmp', `${NAME}a`, 'sh', '-c', 'exit 3'],
  ['top', `${NAME}a`],
  ['pause', `${NAME}a`],
  ['unpause', `${NAME}a`],
  ['update', '--restart', 'no', `${NAME}a`],
  ['network', 'connect', `${NAME}net`, `${NAME}a`],
  ['network', 'disconnect', `${NAME}net`, `${NAME}a`],
  ['rename', `${NAME}a`, `${NAME}b`],
  ['export', '-o', `/tmp/${NAME}.tar`, `${NAME}b`],
  ['commit', '-m', 'words', `${NAME}b`, `${NAME}c:1`],
  ['kill', '-s', 'USR1', `${NAME}b`],
  ['restart', '-t', '0', `${NAME}b`],
  ['kill', `${NAME}b`],
  ['wait', `${NAME}b`],
  ['rm', `${NAME}b`],
  ['run', '--rm', '--name', `${NAME}d`, '--health-cmd', 'true', '--health-interval', '200ms', IMAGE, 'sleep', '1'],
  ['run', '--name', `${NAME}e`, IMAGE, 'nosuch'],
  ['rm', `${NAME}e`],
  ['tag', IMAGE, `${NAME}f:2`],
  ['rmi', `${NAME}f:2`],
  ['volume', 'rm', `${NAME}v`],
  ['network', 'rm', `${NAME}net`],
];

/** Differences that are meant: ours in place of theirs. */
const MEANT: readonly [RegExp, string][] = [
  // The end of a tag tells its name, where the reference tells only an id.
  [/^image untag .*$/, 'image untag'],
];

const reference = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : await openReference());

describe('events beside the reference engine', { skip: typeof reference === 'string' ? reference : false }, () => {
  if (typeof reference === 'string') return;
  const cli = findDockerCli() ?? '';
  let daemon: TestDaemon;

  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => {
    await new EngineUnderTest(cli, reference.socket, daemon.directory).clean(IMAGE, NAME);
    await daemon.destroy();
    await reference.close();
  });

  test('the same things done are told in the same words', { timeout: 90_000 }, async () => {
    const [theirs, ours] = await Promise.all([reference.socket, daemon.socket].map((socket) => eventsOf(new EngineUnderTest(cli, socket, daemon.directory))));
    assert.deepEqual(ours, theirs);
  });

  async function eventsOf(engine: EngineUnderTest): Promise<string[]> {
    assert.equal((await engine.run(['import', '-c', 'CMD ["sh"]', busyboxTar(), IMAGE])).code, 0);
    const listening = spawn(cli, ['events', '--format', '{{json .}}'], { env: { PATH: process.env['PATH'], HOME: daemon.directory, DOCKER_HOST: `unix://${engine.socket}` } });
    let text = '';
    listening.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    await sleep(500);
    for (const step of SCRIPT) await engine.run(step);
    await sleep(500);
    listening.kill('SIGKILL');
    return mine(text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Told));
  }
});

/** Events of this test's things, less what differs from run to run, in no order: that of two causes of one deed is nobody's promise. */
function mine(events: readonly Told[]): string[] {
  const ids = new Set(events.filter(({ Type, Actor }) => (Type === 'container' || Type === 'network') && (Actor.Attributes['name'] ?? '').startsWith(NAME)).map(({ Actor }) => Actor.ID));
  const images = new Set(events.filter(({ Type, Actor }) => Type === 'image' && (Actor.Attributes['name'] ?? '').startsWith(NAME)).map(({ Actor }) => Actor.ID));
  const told = events.filter(({ Actor }) => Actor.ID.startsWith(NAME) || ids.has(Actor.ID) || ids.has(Actor.Attributes['container'] ?? '') || images.has(Actor.ID)).map(({ Type, Action, Actor }) => {
    const attributes = Object.entries(Actor.Attributes).filter(([name]) => name !== 'execDuration').sort(([one], [other]) => (one < other ? -1 : 1));
    return `${Type} ${Action} ${attributes.map(([name, value]) => `${name}=${/^(sha256:)?[0-9a-f]{64}$/.test(value) ? '<id>' : value}`).join(' ')}`;
  });
  // Probes come as often as time allows.
  return [...new Set(told.map((line) => MEANT.reduce((text, [pattern, words]) => text.replace(pattern, words), line)))].sort();
}
