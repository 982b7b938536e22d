import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import { plainEndpoint } from '#container/model/container-row.ts';
import { isLive } from '#container/model/container-state.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import { MemoryStore } from '#store/memory.ts';
import type { Engine } from './engine.ts';
import { HASHER, openEngine, request, seedImage } from './_simulation.ts';

/** When the daemon is killed. After `begin-creation` is in the middle of a creation, which goes on without it. */
type Moment = 'before' | 'after';

/** Everything of a daemon stops at its N-th effect: before it happens, or after it happened and before anybody heard of it. */
class Crash {
  readonly reached: Promise<void>;
  readonly #reach: () => void;
  readonly #at: number;
  readonly #moment: Moment;
  #count = 0;

  constructor(at: number, moment: Moment) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.reached = promise;
    this.#reach = resolve;
    this.#at = at;
    this.#moment = moment;
  }

  wrap<T extends object>(target: T, effects: (name: string) => boolean): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name, object);
        if (typeof value !== 'function') return value;
        const bound = (value as (...args: unknown[]) => unknown).bind(object);
        return typeof name === 'string' && effects(name) ? (...args: unknown[]) => this.#effect(() => bound(...args)) : bound;
      },
    });
  }

  async #effect(effect: () => unknown): Promise<unknown> {
    this.#count += 1;
    if (this.#count < this.#at) return await effect();
    if (this.#count === this.#at && this.#moment === 'after') await effect();
    this.#reach();
    return await new Promise(() => {});
  }
}

const STEPS = /^(make-directory|write-files|remove-tree|copy-up|copy-tree|move-tree|mount-volume|unmount-volume|open-network|link-network|arrange-network|serve-names|close-network|publish|unpublish|begin-creation|create-container|start-container|end-creation|delete-container|ensureBridge|removeBridge|applyFirewall|pause|resume|withdrawFirewall|releasePort)$/;
const WRITES = /^(put|create|update|delete|transact)$/;

const SCRATCH = { kind: 'volume', volume: 'scratch', anonymous: true, copyUp: true, target: '/scratch', readonly: false } as const;

const NETWORK = { name: 'back', driver: 'bridge', ipv4: {}, ipv6: {}, internal: false, labels: {}, options: {} } as const;

async function runWithNetwork(engine: Engine): Promise<void> {
  await engine.networks.create(NETWORK);
  await engine.containers.create(request('web', { mounts: [SCRATCH] }));
  await engine.containers.start('web');
}

type Work = (engine: Engine, host: FakeHost) => Promise<void>;

const OPERATIONS: Readonly<Record<string, { before?: Work; work: Work }>> = {
  create: { work: async (engine) => void await engine.containers.create(request('web', { mounts: [SCRATCH] })) },
  start: { before: async (engine) => void await engine.containers.create(request('web', { mounts: [SCRATCH] })), work: async (engine) => await engine.containers.start('web') },
  'run to the end': {
    work: async (engine, host) => {
      const { id } = await engine.containers.create(request('web', { autoRemove: true, mounts: [SCRATCH] }));
      const removed = engine.containers.wait(id, 'removed');
      await engine.containers.start(id);
      host.end(id, 0);
      await removed;
    },
  },
  stop: {
    before: async (engine) => {
      await engine.containers.create(request('web', { restart: { kind: 'unless-stopped' }, mounts: [SCRATCH] }));
      await engine.containers.start('web');
    },
    work: async (engine) => await engine.containers.stop('web', {}),
  },
  'stop what is due to start again': {
    before: async (engine) => {
      await engine.containers.create(request('web', { restart: { kind: 'unless-stopped' }, mounts: [SCRATCH] }));
      await engine.containers.start('web');
    },
    work: async (engine, host) => {
      host.end(engine.containers.find('web').spec.id, 1);
      // Where the daemon is killed before, it never is.
      for (let turns = 0; turns < 50 && engine.containers.find('web').state.phase !== 'restarting'; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      await engine.containers.stop('web', {});
    },
  },
  'remove by force': {
    before: async (engine) => {
      await engine.containers.create(request('web', { mounts: [SCRATCH] }));
      await engine.containers.start('web');
    },
    work: async (engine) => await engine.containers.remove('web', { force: true, volumes: true }),
  },
  pause: {
    before: async (engine) => {
      await engine.containers.create(request('web', { mounts: [SCRATCH] }));
      await engine.containers.start('web');
    },
    work: async (engine) => await engine.containers.pause('web'),
  },
  unpause: {
    before: async (engine) => {
      await engine.containers.create(request('web', { mounts: [SCRATCH] }));
      await engine.containers.start('web');
      await engine.containers.pause('web');
    },
    work: async (engine) => await engine.containers.unpause('web'),
  },
  'create a network': { work: async (engine) => void await engine.networks.create(NETWORK) },
  'remove a network': { before: async (engine) => void await engine.networks.create(NETWORK), work: async (engine) => await engine.networks.remove('back') },
  'rename a volume': {
    before: async (engine) => void await engine.volumes.create({ name: 'data', labels: {}, options: {} }),
    work: async (engine) => void await engine.volumes.rename('data', 'other'),
  },
  'clone a volume': {
    before: async (engine) => void await engine.volumes.create({ name: 'data', labels: {}, options: {} }),
    work: async (engine) => void await engine.volumes.clone('data', 'copy'),
  },
  connect: { before: runWithNetwork, work: async (engine) => await engine.memberships.connect('web', plainEndpoint('back')) },
  disconnect: {
    before: async (engine) => {
      await runWithNetwork(engine);
      await engine.memberships.connect('web', { ...plainEndpoint('back'), gatewayPriority: 1 });
    },
    work: async (engine) => await engine.memberships.disconnect('web', 'back', { force: false }),
  },
};

/** Answers whether the work came to its end before the crash point: then every point has been tried. */
async function crashAt(name: string, point: number, moment: Moment): Promise<boolean> {
  const host = new FakeHost(new ManualClock());
  const store = new MemoryStore();
  const snapshots = new FakeSnapshots(HASHER);
  await seedImage(store);
  const operation = OPERATIONS[name];
  assert.ok(operation);
  if (operation.before !== undefined) await operation.before((await openEngine({ host, store, snapshots, seed: 7 })).engine, host);
  host.loseDaemon();
  const crash = new Crash(point, moment);
  const opened = await Promise.race([
    openEngine({
      host: crash.wrap(host, (method) => STEPS.test(method)), store: crash.wrap(store, (method) => WRITES.test(method)),
      snapshots: crash.wrap(snapshots, (method) => method === 'prepare' || method === 'discard'), seed: 8,
    }),
    crash.reached.then(() => undefined),
  ]);
  const work = opened === undefined ? new Promise<void>(() => {}) : operation.work(opened.engine, host);
  const finished = await Promise.race([work.then(() => true), crash.reached.then(() => false)]);
  host.loseDaemon();
  await checkRecovered(host, store, snapshots, `${name}, point ${point}, ${moment} the effect`);
  return finished;
}

async function checkRecovered(host: FakeHost, store: MemoryStore, snapshots: FakeSnapshots, where: string): Promise<void> {
  const { engine, clock } = await openEngine({ host, store, snapshots, seed: 9 });
  await clock.run(1000);
  await new Promise((resolve) => setImmediate(resolve));
  host.finishCreations();
  const containers = engine.containers.list();
  const live = containers.filter(({ state }) => isLive(state.phase)).map(({ spec }) => spec.id);
  for (const { state } of containers) assert.ok(['created', 'running', 'paused', 'exited'].includes(state.phase), `${where}: phase ${state.phase}`);
  const processes = [...host.running.values()].map(({ id }) => id);
  assert.deepEqual(processes.sort(), [...live].sort(), `${where}: processes are those of live containers`);
  assert.deepEqual([...host.frozen], containers.filter(({ state }) => state.phase === 'paused').map(({ spec }) => spec.id), `${where}: frozen are those that are paused`);
  assert.deepEqual([...host.networks].sort(), [...live].sort(), `${where}: networks are those of live containers`);
  for (const { spec, state } of containers.filter((container) => isLive(container.state.phase))) {
    assert.deepEqual(host.links.get(spec.id), state.endpoints.map(({ hostLink }) => hostLink), `${where}: links are those of the row`);
    assert.deepEqual(state.endpoints.map(({ network }) => network).sort(), spec.sandbox.endpoints.map(({ network }) => network).sort(), `${where}: places are those that were asked for`);
    assert.equal(state.rearranging, undefined, `${where}: no change is left half done`);
  }
  const named = containers.filter(({ state }) => isLive(state.phase) && state.endpoints.some(({ network }) => network === 'back')).map(({ spec }) => spec.id);
  for (const id of named) assert.ok(host.named.has(id), `${where}: names are served to those in a network of their own`);
  for (const id of host.named) assert.ok(live.includes(id as typeof live[number]), `${where}: names are served to nobody who is gone`);
  assert.deepEqual([...host.bridges.keys()].sort(), engine.networks.list().flatMap(({ bridge }) => bridge ?? []).sort(), `${where}: bridges are those of networks`);
  assert.equal(host.ports.published.size, live.length * 2, `${where}: ports are those of live containers`);
  assert.deepEqual([...await snapshots.listPrepared()].sort(), containers.map(({ spec }) => spec.id).sort(), `${where}: snapshots are those of containers`);
  const kept = [...host.tree.directories].filter((path) => path.startsWith('/var/lib/gantry/containers/')).map((path) => path.slice('/var/lib/gantry/containers/'.length));
  assert.deepEqual(kept.sort(), containers.map(({ spec }) => spec.id).sort(), `${where}: kept files are those of containers`);
  const volumes = engine.volumes.list();
  assert.deepEqual(volumes.filter(({ anonymous }) => anonymous).map(({ name }) => name), containers.flatMap(({ spec }) => spec.mounts.map(() => 'scratch')), `${where}: anonymous volumes are those of containers`);
  const trees = [...host.tree.directories].filter((path) => /^\/var\/lib\/gantry\/volumes\/[^/]+\/_data$/.test(path)).map((path) => path.split('/')[5]);
  assert.deepEqual(trees.sort(), volumes.map(({ name }) => name).sort(), `${where}: trees are those of volumes`);
  for (const volume of volumes) assert.ok(volume.isFilling === undefined && volume.movingTo === undefined, `${where}: no volume is left half made`);
  if (volumes.some(({ name }) => name === 'copy')) assert.ok(volumes.some(({ name }) => name === 'data'), `${where}: a copy leaves its source`);
  assert.deepEqual([...host.exits.notes.keys()], [], `${where}: no end is noted that nobody asks for`);
  // And it goes on working.
  for (const { spec } of containers) await engine.containers.remove(spec.id, { force: true, volumes: true });
  for (const { name } of engine.networks.list()) if (name === 'back') await engine.networks.remove(name);
  assert.deepEqual(host.leftovers(), [], `${where}: nothing is left after removal`);
}

for (const name of Object.keys(OPERATIONS)) {
  for (const moment of ['before', 'after'] as const) {
    test(`never a lost or leaked container: killed during ${name}, ${moment} each of its effects`, async () => {
      let point = 1;
      while (!await crashAt(name, point, moment)) point += 1;
      assert.ok(point > 1, 'no effect was cut short');
    });
  }
}

test('a program that ran and ended before its start was written down is not run again', async () => {
  for (let point = 1, finished = false, ran = 0; !finished; point += 1) {
    const host = new FakeHost(new ManualClock());
    const [store, snapshots] = [new MemoryStore(), new FakeSnapshots(HASHER)];
    await seedImage(store);
    const { id } = await (await openEngine({ host, store, snapshots, seed: 7 })).engine.containers.create(request('web'));
    host.loseDaemon();
    const crash = new Crash(point, 'before');
    const opened = await Promise.race([openEngine({ host: crash.wrap(host, (method) => STEPS.test(method)), store: crash.wrap(store, (method) => WRITES.test(method)), snapshots, seed: 8 }), crash.reached]);
    finished = opened !== undefined && await Promise.race([opened.engine.containers.start('web').then(() => true), crash.reached.then(() => false)]);
    host.loseDaemon();
    const isRunning = [...host.running.values()].some(({ started }) => started);
    if (isRunning) host.end(id, 3);
    const { engine, clock } = await openEngine({ host, store, snapshots, seed: 9 });
    await clock.run(1000);
    const { phase, exitCode } = engine.containers.find('web').state;
    assert.deepEqual([phase, exitCode], isRunning ? ['exited', 3] : ['created', 0], `point ${point}`);
    if (isRunning && !finished) ran += 1;
    if (finished) assert.ok(ran > 0, 'it was never killed between the start and the note of it');
  }
});
