import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { SeededRandom } from '../src/base/seeded-random.ts';
import { whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { DockerRegistry, findProgram } from './world/docker-registry.ts';
import { ask } from './world/http.ts';
import { OurRegistry } from './world/our-registry.ts';
import { signedArchive } from './world/package-archive.ts';
import { sleep } from './world/waiting.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const SEED = Number(process.env['GANTRY_CRASH_SEED'] ?? Date.now() % 1_000_000);
const random = new SeededRandom(SEED);
const skip = whyNoImage() ?? (findProgram('mmdebstrap') === undefined ? 'needs mmdebstrap' : false);
const skipUbuntu = skip !== false ? skip : ['dpkg-deb', 'gpg'].map((name) => (findProgram(name) === undefined ? `needs ${name}` : false)).find((why) => why !== false) ?? false;
const skipRound = skip !== false ? skip : ['docker-registry', 'skopeo'].map((name) => (findProgram(name) === undefined ? `needs ${name}` : false)).find((why) => why !== false) ?? false;
const directory = mkdtempSync('/tmp/gantry-round-');
let daemon: TestDaemon;
let first = '';

before(async () => {
  if (skip === false) daemon = await TestDaemon.start();
});
after(async () => {
  await daemon?.destroy();
  rmSync(directory, { recursive: true, force: true });
});

// Packages unpacked and not set up: what the variant is for, and the fastest.
const command = (...args: readonly string[]): string[] => ['image', 'bootstrap', '-q', '--variant=extract', ...args, 'debian:12'];
const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}` });

function bootstrap(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(LAUNCHER, command(...args), { encoding: 'utf8', env: environment(), timeout: 110_000 });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

/** Ends when the program does, however it does. */
function begin(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  return new Promise((resolve) => spawn(program, args, { env, stdio: 'ignore' }).once('close', resolve));
}

test('the same inputs give the same image, other packages another one', { skip, timeout: 230_000 }, async () => {
  first = bootstrap('--include', 'busybox-static', '-t', 'base:1');
  // The second is killed in its middle first, and begun again.
  const killed = begin(LAUNCHER, command('--include', 'busybox-static', '-t', 'base:2'), environment());
  await sleep(500 + random.below(2500));
  await daemon.crash();
  await killed;
  await daemon.up();
  assert.equal(bootstrap('--include', 'busybox-static', '-t', 'base:2'), first);
  assert.equal(daemon.ok('run', '--rm', 'base:1', '/bin/busybox', 'echo', 'runs'), 'runs');
  const other = bootstrap('--include', 'busybox-static,tzdata', '-t', 'base:3');
  assert.notEqual(other, first);
  assert.equal(daemon.ok('run', '--rm', 'base:3', '/bin/busybox', 'ls', '/usr/share/zoneinfo/UTC'), '/usr/share/zoneinfo/UTC');
  assert.equal(daemon.ok('inspect', '-f', '{{.Created}}', 'base:1'), '1970-01-01T00:00:00Z');
});

test('a suite of Ubuntu, from an archive that is signed by keys of its own', { skip: skipUbuntu, timeout: 60_000 }, () => {
  const archive = signedArchive(`${directory}/ubuntu`, 'noble');
  const args = ['image', 'bootstrap', '-q', '--variant=extract', '--include', 'greeting', '--mirror', `copy://${archive.root}`, '-t', 'ubuntu:own'];
  const make = (...more: readonly string[]) => spawnSync(LAUNCHER, [...args, ...more, 'ubuntu:24.04'], { encoding: 'utf8', env: environment(), timeout: 50_000 });
  const refused = make();
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /NO_PUBKEY[^]*ubuntu-keyring/);
  const made = make('--keyring', archive.keyring);
  assert.equal(made.status, 0, made.stderr);
  daemon.ok('create', '--name', 'ubuntu', 'ubuntu:own');
  daemon.ok('cp', 'ubuntu:/usr/share/greeting', `${directory}/greeting`);
  assert.equal(readFileSync(`${directory}/greeting`, 'utf8'), 'from noble\n');
  daemon.ok('rm', 'ubuntu');
});

test(`round: commit, push, remove, pull, run, then by skopeo to our registry and a second daemon; killed in the middle of each (seed ${SEED})`, { skip: skipRound, timeout: 240_000 }, async () => {
  assert.notEqual(first, '', 'there is a base');
  const theirs = await DockerRegistry.start();
  const ours = await OurRegistry.start(`${directory}/ours`);
  const second = await TestDaemon.start();
  const name = `${theirs.host}/round/trip:1`;
  const encoded = encodeURIComponent(name);
  /** Begins, and kills who does it before it has ended, or soon after. */
  const killedIn = async (longestMs: number, who: TestDaemon, method: string, path: string, body?: string): Promise<void> => {
    const begun = ask(who.socket, method, `/v1.51${path}`, body === undefined ? {} : { body }).catch(() => undefined);
    await sleep(random.below(longestMs));
    await who.crash();
    await begun;
    await who.up();
  };
  const imagesOf = (who: TestDaemon): string[] => who.ok('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n').filter(Boolean);
  const busybox = ['/bin/busybox', 'sh', '-c'] as const;
  /** It runs, though who starts it is killed. */
  const runsThough = async (who: TestDaemon, image: string): Promise<void> => {
    const held = who.ok('create', '--name', 'held', image, ...busybox, '/bin/busybox sleep 60');
    await killedIn(120, who, 'POST', `/containers/${held}/start`);
    if (who.ok('inspect', '-f', '{{.State.Running}}', held) === 'false') who.ok('start', held);
    assert.equal(who.ok('exec', held, '/bin/busybox', 'cat', '/mark'), 'marked');
    who.ok('rm', '-f', held);
  };
  try {
    daemon.ok('run', '--name', 'maker', 'base:1', ...busybox, 'echo marked > /mark; /bin/busybox head -c 4000000 /dev/urandom > /noise');
    await killedIn(150, daemon, 'POST', `/commit?container=maker&repo=${encodeURIComponent(`${theirs.host}/round/trip`)}&tag=1`);
    daemon.ok('commit', 'maker', name);
    const id = daemon.ok('images', '-q', '--no-trunc', name);
    daemon.ok('rm', 'maker');

    await killedIn(250, daemon, 'POST', `/images/${theirs.host}/round/trip/push?tag=1`);
    const digest = /digest: (sha256:\S+)/.exec(daemon.ok('push', name))?.[1] ?? '';
    assert.notEqual(digest, '');

    await killedIn(40, daemon, 'DELETE', `/images/${encoded}`);
    daemon.docker('rmi', '-f', name);
    daemon.ok('rmi', '-f', ...new Set(daemon.ok('images', '-q').split('\n').filter(Boolean)));
    assert.deepEqual(imagesOf(daemon), []);

    await killedIn(250, daemon, 'POST', `/images/create?fromImage=${encoded}`);
    assert.match(daemon.ok('pull', name), new RegExp(`Digest: ${digest}`));
    assert.equal(daemon.ok('images', '-q', '--no-trunc', name), id, 'what was pushed has come back');

    await runsThough(daemon, name);

    const target = `${ours.host}/round/trip:1`;
    const copy = ['--insecure-policy', 'copy', '--src-tls-verify=false', '--dest-tls-verify=false', `docker://${name}`, `docker://${target}`];
    const copied = begin(findProgram('skopeo') ?? '', copy, { PATH: process.env['PATH'], HOME: directory });
    await sleep(random.below(300));
    await ours.end('SIGKILL');
    await copied;
    await ours.up();
    const { status, stderr } = spawnSync(findProgram('skopeo') ?? '', copy, { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory }, timeout: 60_000 });
    assert.equal(status, 0, stderr);
    await killedIn(250, second, 'POST', `/images/create?fromImage=${encodeURIComponent(target)}`);
    assert.match(second.ok('pull', target), new RegExp(`Digest: ${digest}`));
    await runsThough(second, target);
    for (const each of [daemon, second]) assert.doesNotMatch(each.log, /unhandled/);
  } finally {
    await Promise.all([second.destroy(), theirs.stop(), ours.end()]);
  }
});
