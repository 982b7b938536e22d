import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { busyboxTar, whyNoImage } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';
import { footprint } from '../world/leaks.ts';
import { placeOf } from '../world/place.ts';

const SEED = Number(process.env['GANTRY_CRASH_SEED'] ?? Date.now() % 1_000_000);
/** The full number is for `npm run crash`; a commit's tests take a sample. */
const KILLS = Number(process.env['GANTRY_CRASH_KILLS'] ?? 6);
const CLIENTS = 4;
const LONGEST_RUN_MS = 900;

const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);

/** One client's endless round of work. What it was told is kept: that much must be true after every crash. */
class Client {
  readonly kept = new Map<string, 'running' | 'exited'>();
  readonly #daemon: TestDaemon;
  readonly #number: number;
  #round = 0;
  #stopped = false;

  constructor(daemon: TestDaemon, number: number) {
    this.#daemon = daemon;
    this.#number = number;
  }

  stop(): void {
    this.#stopped = true;
  }

  resume(): void {
    this.#stopped = false;
  }

  async work(): Promise<void> {
    while (!this.#stopped) {
      const name = `c${this.#number}-${this.#round}`;
      this.#round += 1;
      if (await this.#docker('run', '-d', '--name', name, '-p', '80', 'busybox', 'sleep', '1000')) this.kept.set(name, 'running');
      if (this.#stopped) return;
      await this.#docker('run', '--rm', '--network', 'none', 'busybox', 'true');
      if (this.#stopped) return;
      await this.#docker('exec', name, 'true');
      if (this.#stopped) return;
      const oldest = this.kept.keys().next().value;
      if (this.kept.size > 2 && oldest !== undefined) {
        // From the moment of asking on, nothing is certain about it.
        this.kept.delete(oldest);
        await this.#docker('rm', '-f', oldest);
      }
    }
  }

  /** Whether the daemon said that it was done. */
  #docker(...args: readonly string[]): Promise<boolean> {
    return new Promise((resolve) => {
      const child = spawn(findDockerCli() ?? '', args, { stdio: 'ignore', env: { PATH: process.env['PATH'], HOME: this.#daemon.directory, DOCKER_HOST: `unix://${this.#daemon.socket}` } });
      child.once('close', (code) => resolve(code === 0));
      child.once('error', () => resolve(false));
    });
  }
}

let daemon: TestDaemon;

before(async () => {
  if (skip !== false) return;
  daemon = await TestDaemon.start();
  daemon.ok('import', busyboxTar(), 'busybox');
});

after(async () => {
  await daemon?.destroy();
});

interface Row { readonly Names: string; readonly State: string; readonly ID: string }

function rows(): Row[] {
  return daemon.ok('ps', '-a', '--no-trunc', '--format', '{{json .}}').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row);
}

/** The kernel and the disk against what the daemon says. */
function check(where: string): void {
  const all = rows();
  const live = all.filter(({ State }) => State === 'running').map(({ ID }) => ID).sort();
  const seen = footprint(placeOf(daemon));
  const ports = all.filter(({ State, Names }) => State === 'running' && Names.startsWith('c')).length;
  assert.deepEqual(seen.monitors, live, `${where}: a monitor for each running container and no other`);
  assert.deepEqual(seen.bundles, live, `${where}: bundles`);
  assert.deepEqual(seen.cgroups, live, `${where}: control groups`);
  assert.equal(seen.links.length, ports, `${where}: links ${seen.links.join(' ')}`);
  assert.equal(seen.ports.length, ports * 2, `${where}: published ports ${seen.ports.join(' ')}`);
  assert.deepEqual(seen.snapshots, all.map(({ ID }) => ID).sort(), `${where}: snapshots`);
  assert.deepEqual(seen.kept, all.map(({ ID }) => ID).sort(), `${where}: kept files`);
}

test(`${KILLS} kills at random moments under load: no lost container, no leak (seed ${SEED})`, { skip, timeout: KILLS * 20_000 + 60_000 }, async () => {
  const random = new SeededRandom(SEED);
  const clients = Array.from({ length: CLIENTS }, (_, number) => new Client(daemon, number));
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const where = `kill ${kill} of seed ${SEED}`;
    for (const client of clients) client.resume();
    const work = clients.map((client) => client.work());
    const [high = 0, low = 0] = random.bytes(2);
    await new Promise((resolve) => setTimeout(resolve, 50 + ((high * 256 + low) % LONGEST_RUN_MS)));
    for (const client of clients) client.stop();
    await daemon.crash();
    await Promise.all(work);
    const began = performance.now();
    await daemon.up();
    const readyMs = performance.now() - began;
    assert.ok(readyMs < 15_000, `${where}: ready after ${readyMs} ms`);
    const present = new Map(rows().map(({ Names, State }) => [Names, State]));
    for (const client of clients) {
      for (const [name, state] of client.kept) assert.equal(present.get(name), state, `${where}: ${name} was acknowledged as ${state}`);
    }
    await settled(where);
  }
  const ids = daemon.ok('ps', '-aq').split('\n').filter(Boolean);
  if (ids.length > 0) daemon.ok('rm', '-f', ...ids);
  await settled('after removal');
});

/**
 * Background deletions, the ends of processes and the kernel's dismantling of network namespaces may take a moment; what is
 * still there after it is a leak.
 */
async function settled(where: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    try {
      check(where);
      return;
    } catch (thrown) {
      if (performance.now() > deadline) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
