import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { GantryError, isKind } from '#base/error.ts';
import { FakeHost } from '#container/host/fake.ts';
import type { StepKind } from '#container/host/step.ts';
import { plainEndpoint } from '#container/model/container-row.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import { MemoryStore } from '#store/memory.ts';
import { HASHER, openEngine, request, seedImage } from './_simulation.ts';
import type { Engine } from './engine.ts';
import type { CreateRequest } from './port.ts';

async function world() {
  const clock = new ManualClock();
  const host = new FakeHost(clock);
  const store = new MemoryStore();
  const snapshots = new FakeSnapshots(HASHER);
  await seedImage(store);
  return { host, store, snapshots, ...await openEngine({ host, store, snapshots, seed: 1, clock }) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a container runs, ends, and leaves nothing in the kernel', async () => {
  const { engine, host } = await world();
  const { id } = await engine.containers.create(request('web'));
  const waited = engine.containers.wait(id, 'next-exit');
  await engine.containers.start('web');
  assert.equal(engine.containers.find('web').state.phase, 'running');
  assert.deepEqual([...host.ports.published], ['0.0.0.0:8080/tcp', ':::8080/tcp']);
  host.end(id, 3);
  assert.deepEqual(await waited, { exitCode: 3 });
  await turn();
  assert.equal(engine.containers.find(id.slice(0, 12)).state.phase, 'exited');
  assert.equal(engine.containers.find(id).state.exitCode, 3);
  assert.deepEqual(host.leftovers(), []);
});

test('a start that fails at any step takes everything back, says why, and can be tried again', async () => {
  const kinds: readonly StepKind[] = ['make-directory', 'write-files', 'open-network', 'begin-creation', 'link-network', 'publish', 'create-container', 'start-container'];
  for (const kind of kinds) {
    const { engine, host } = await world();
    await engine.containers.create(request('web'));
    host.failNext.set(kind, `no luck with ${kind}`);
    await assert.rejects(engine.containers.start('web'), new RegExp(`no luck with ${kind}`));
    assert.deepEqual(host.leftovers(), [], kind);
    assert.equal(engine.containers.find('web').state.phase, 'created');
    assert.match(engine.containers.find('web').state.error, new RegExp(kind));
    await engine.containers.start('web');
    assert.equal(engine.containers.find('web').state.phase, 'running', kind);
  }
});

test('of two containers that publish one port, the second is told who is first, and nothing of it stays', async () => {
  const { engine, host } = await world();
  await engine.containers.create(request('first'));
  await engine.containers.create(request('second'));
  await engine.containers.start('first');
  const before = host.leftovers();
  await assert.rejects(engine.containers.start('second'), /port is already allocated/);
  assert.deepEqual(host.leftovers(), before);
});

test('a container that publishes one port twice is told so before anything is made', async () => {
  const { engine, host } = await world();
  const sandbox = { ...request('x').sandbox, ports: [80, 81].map((containerPort) => ({ protocol: 'tcp' as const, containerPort, hostAddress: '', hostPort: 8000 })) };
  await engine.containers.create(request('twice', { sandbox }));
  await assert.rejects(engine.containers.start('twice'), /on endpoint twice \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8000 failed: port is already allocated/);
  assert.deepEqual(host.leftovers(), []);
});

test('a network that binds ports to one address of IPv4 binds none to IPv6', async () => {
  const { engine, host } = await world();
  const policy = { betweenContainers: true, masquerade: { ipv4: true, ipv6: true }, mode: { ipv4: 'nat', ipv6: 'nat' }, hostBinding: { ipv4: '127.0.0.1' }, hostAddress: {}, trustedLinks: [], withoutGateway4: false, linkPrefix: 'eth' } as const;
  await engine.networks.create({ name: 'near', driver: 'bridge', internal: false, labels: {}, options: {}, ipv4: {}, ipv6: {}, policy, front: {} });
  await engine.containers.create(request('web', { sandbox: { ...request('x').sandbox, network: { kind: 'network', name: 'near' }, endpoints: [plainEndpoint('near')] } }));
  await engine.containers.start('web');
  assert.deepEqual([...host.ports.published], ['127.0.0.1:8080/tcp']);
});

test('ports that nobody named, and those of one range, are different ones', async () => {
  const { engine } = await world();
  const sandbox = { ...request('x').sandbox, ports: [80, 81].map((containerPort) => ({ protocol: 'tcp' as const, containerPort, hostAddress: '', hostPort: 8000, hostPortEnd: 8001 })), publishAll: true, exposed: [90, 91].map((port) => ({ protocol: 'tcp' as const, port })) };
  const { id } = await engine.containers.create(request('web', { sandbox }));
  await engine.containers.start(id);
  const ports = engine.containers.find(id).state.published.filter(({ hostAddress }) => hostAddress === '0.0.0.0').map(({ containerPort, hostPort }) => [containerPort, hostPort]);
  assert.deepEqual(ports.slice(0, 2), [[80, 8000], [81, 8001]]);
  assert.equal(new Set(ports.map(([, hostPort]) => hostPort)).size, 4);
  assert.ok(ports.slice(2).every(([, hostPort = 0]) => hostPort >= 32_768 && hostPort <= 60_999), JSON.stringify(ports));
});

test('a container that is started again has the port that was chosen for it, whoever came and went meanwhile', async () => {
  const { engine } = await world();
  const sandbox = { ...request('x').sandbox, ports: [80, 81].map((containerPort) => ({ protocol: 'tcp' as const, containerPort, hostAddress: '', hostPort: 0 })) };
  const portsOf = (id: string): readonly number[] => engine.containers.find(id).state.published.map(({ hostPort }) => hostPort);
  const made = await Promise.all(Array.from({ length: 8 }, (_, index) => engine.containers.create(request(`web${index}`, { sandbox }))));
  for (const { id } of made) await engine.containers.start(id);
  const before = made.map(({ id }) => portsOf(id));
  for (const { id } of made) await engine.containers.stop(id, { timeoutSeconds: 0 });
  for (const { id } of made.toReversed()) await engine.containers.start(id);
  assert.deepEqual(made.map(({ id }) => portsOf(id)), before);
});

const ANY_PORTS = { ...request('x').sandbox, ports: [80, 80, 81].map((containerPort) => ({ protocol: 'tcp' as const, containerPort, hostAddress: '', hostPort: 0 })) };

test('a container that its policy starts again has its ports until then, and comes back on them', async () => {
  const { engine, host, clock } = await world();
  const { id } = await engine.containers.create(request('web', { restart: { kind: 'always' }, sandbox: ANY_PORTS }));
  const portsOf = (of: string): readonly number[] => engine.containers.find(of).state.published.map(({ hostPort }) => hostPort);
  await engine.containers.start(id);
  const before = portsOf(id);
  assert.equal(new Set(before).size, 3);
  for (let ends = 0; ends < 3; ends += 1) {
    host.end(id, 1);
    await turn();
    assert.deepEqual([engine.containers.find(id).state.phase, portsOf(id), [...host.ports.published]], ['restarting', [], []]);
    assert.deepEqual(before.map((port) => host.ports.bindForeign(port)), before.map(() => false), 'a program of the host gets none of them');
    const other = await engine.containers.create(request(`other${ends}`, { sandbox: { ...ANY_PORTS, ports: [{ protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort: before[0] as number }] } }));
    await assert.rejects(engine.containers.start(other.id), /port is already allocated/);
    await clock.run(10_000);
    await turn();
    assert.deepEqual([engine.containers.find(id).state.phase, portsOf(id)], ['running', before]);
    assert.equal(host.ports.kept.size, 0);
  }
});

test('ports that were kept are free when the start that they were kept for does not come', async () => {
  const ways: Readonly<Record<string, (engine: Engine, host: FakeHost, clock: ManualClock) => Promise<void>>> = {
    stop: async (engine) => await engine.containers.stop('web', {}),
    remove: async (engine) => await engine.containers.remove('web', { force: true, volumes: true }),
    'a start that fails': async (engine, host) => {
      host.failNext.set('open-network', 'no luck');
      await assert.rejects(engine.containers.start('web'), /no luck/);
    },
    'a start that fails before it begins': async (engine, host) => {
      host.readRootfsFile = () => Promise.reject(new GantryError('internal', 'no luck'));
      await assert.rejects(engine.containers.start('web'), /no luck/);
    },
    'a network from which nothing is published': async (engine, host, clock) => {
      await engine.networks.create({ name: 'back', driver: 'bridge', ipv4: {}, ipv6: {}, internal: true, labels: {}, options: {} });
      await engine.memberships.disconnect('web', 'bridge', { force: false });
      await engine.memberships.connect('web', plainEndpoint('back'));
      await clock.run(10_000);
      await turn();
      await engine.containers.stop('web', {});
    },
    'an end of the daemon': async (_engine, host) => host.loseDaemon(),
  };
  for (const [way, calledOff] of Object.entries(ways)) {
    const { engine, host, clock } = await world();
    const { id } = await engine.containers.create(request('web', { restart: { kind: 'always' }, sandbox: ANY_PORTS }));
    await engine.containers.start(id);
    const ports = engine.containers.find(id).state.published.map(({ hostPort }) => hostPort);
    host.end(id, 1);
    await turn();
    assert.equal(host.ports.kept.size, 1, way);
    await calledOff(engine, host, clock);
    assert.deepEqual(host.leftovers(), [], way);
    assert.ok(ports.every((port, index) => ports.indexOf(port) < index || host.ports.bindForeign(port)), way);
  }
});

test('where any port will do, all of them are tried', async () => {
  const { engine, host } = await world();
  const sandbox = { ...request('x').sandbox, ports: [{ protocol: 'tcp' as const, containerPort: 80, hostAddress: '', hostPort: 0 }] };
  for (let port = 32_768; port <= 60_999; port += 1) if (port !== 40_000) host.ports.taken.add(port);
  const [first, second] = [await engine.containers.create(request('first', { sandbox })), await engine.containers.create(request('second', { sandbox }))];
  await engine.containers.start(first.id);
  assert.deepEqual(new Set(engine.containers.find(first.id).state.published.map(({ hostPort }) => hostPort)), new Set([40_000]));
  await assert.rejects(engine.containers.start(second.id), /all ports from 32768 to 60999 are allocated/);
});

test('containers that start at once get ports of their own', async () => {
  const { engine } = await world();
  const sandbox = { ...request('x').sandbox, ports: [{ protocol: 'tcp' as const, containerPort: 80, hostAddress: '', hostPort: 0 }] };
  const made = await Promise.all(Array.from({ length: 10 }, (_, index) => engine.containers.create(request(`web${index}`, { sandbox }))));
  await Promise.all(made.map(({ id }) => engine.containers.start(id)));
  assert.equal(new Set(made.flatMap(({ id }) => engine.containers.find(id).state.published.map(({ hostPort }) => hostPort))).size, 10);
});

test('a chosen port that another program takes meanwhile is chosen anew; one that was asked for is told of', async () => {
  const { engine, host } = await world();
  const ranged = (hostPort: number, hostPortEnd: number): Partial<CreateRequest> => ({ sandbox: { ...request('x').sandbox, ports: [{ protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort, hostPortEnd }] } });
  const choose = host.freePort.bind(host);
  let thefts = 0;
  host.freePort = async (...asked) => {
    const port = await choose(...asked);
    if (thefts > 0) host.ports.taken.add(port);
    thefts -= 1;
    return port;
  };
  thefts = 2;
  const { id } = await engine.containers.create(request('web', ranged(80, 82)));
  await engine.containers.start(id);
  assert.deepEqual(engine.containers.find(id).state.published.map(({ hostPort }) => hostPort), [82, 82]);
  assert.deepEqual([...host.ports.published].sort(), ['0.0.0.0:82/tcp', ':::82/tcp']);
  const fixed = await engine.containers.create(request('fixed', ranged(80, 80)));
  await assert.rejects(engine.containers.start(fixed.id), /failed to bind host port 80: address already in use/);
  thefts = 100;
  const late = await engine.containers.create(request('late', ranged(90, 99)));
  await assert.rejects(engine.containers.start(late.id), /address already in use/);
  assert.equal(host.ports.taken.size, 8, 'it gives up');
  assert.deepEqual([...host.ports.published].sort(), ['0.0.0.0:82/tcp', ':::82/tcp']);
});

test('a taken name is refused in words that clients match', async () => {
  const { engine } = await world();
  const { id } = await engine.containers.create(request('web'));
  await assert.rejects(engine.containers.create(request('web')), (error) => isKind(error, 'conflict') && error.message.includes(`"/web" is already in use by container "${id}"`));
});

test('nothing ends before it started, also where the clock of files is a tick behind', async () => {
  const { engine, host } = await world();
  const { id } = await engine.containers.create(request('web'));
  await engine.containers.start(id);
  host.end(id, 0, false, 4_000_000n);
  await turn();
  const { startedNs, finishedNs } = engine.containers.find(id).state;
  assert.equal(finishedNs, startedNs);
  assert.match(engine.containers.why(id).at(-1)?.text ?? '', /ended by itself after 0\.0 s/);
});

test('restart policies: on-failure gives up after its retries, always comes back, with a growing delay', async () => {
  const { engine, host, clock } = await world();
  const { id } = await engine.containers.create(request('web', { restart: { kind: 'on-failure', maximumRetries: 2 } }));
  await engine.containers.start(id);
  for (const delay of [100, 200]) {
    host.end(id, 1);
    await turn();
    assert.equal(engine.containers.find(id).state.phase, 'restarting');
    await clock.run(delay - 1);
    assert.equal(engine.containers.find(id).state.phase, 'restarting');
    await clock.run(1);
    await turn();
    assert.equal(engine.containers.find(id).state.phase, 'running');
  }
  host.end(id, 1);
  await turn();
  assert.equal(engine.containers.find(id).state.phase, 'exited');
  assert.equal(engine.containers.find(id).state.restarts, 2);
});

test('a container that a person stopped does not come back by its policy', async () => {
  const { engine, host } = await world();
  await engine.containers.create(request('web', { restart: { kind: 'always' } }));
  await engine.containers.start('web');
  await engine.containers.stop('web', {});
  assert.equal(engine.containers.find('web').state.phase, 'exited');
  assert.deepEqual(host.leftovers(), []);
});

test('auto-remove: the wait for removal settles when all is gone', async () => {
  const { engine, host, snapshots } = await world();
  const { id } = await engine.containers.create(request('web', { autoRemove: true }));
  const removed = engine.containers.wait(id, 'removed');
  await engine.containers.start(id);
  host.end(id, 7);
  assert.deepEqual(await removed, { exitCode: 7 });
  assert.deepEqual(await snapshots.listPrepared(), []);
  assert.throws(() => engine.containers.find(id), /No such container/);
});

test('events come in Docker\'s order', async () => {
  const { engine, host } = await world();
  const seen: string[] = [];
  engine.events.subscribe({}, ({ type, action }) => seen.push(`${type} ${action}`));
  const { id } = await engine.containers.create(request('web', { autoRemove: true }));
  await engine.containers.start(id);
  const removed = engine.containers.wait(id, 'removed');
  host.end(id, 0);
  await removed;
  assert.deepEqual(seen, ['container create', 'network connect', 'container start', 'network disconnect', 'container die', 'container destroy']);
});

test('a container whose monitor died with the daemon is told as killed, and its place is free again', async () => {
  const { engine, host, store, snapshots } = await world();
  const { id } = await engine.containers.create(request('web'));
  await engine.containers.start(id);
  host.loseDaemon();
  host.running.clear();
  host.networks.clear();
  const next = await openEngine({ host, store, snapshots, seed: 2 });
  await turn();
  assert.equal(next.engine.containers.find('web').state.phase, 'exited');
  assert.equal(next.engine.containers.find('web').state.exitCode, 137);
  assert.deepEqual(host.leftovers(), []);
  await next.engine.containers.start('web');
});

test('a container that runs is adopted: same process, ports published again', async () => {
  const { engine, host, store, snapshots } = await world();
  const { id } = await engine.containers.create(request('web'));
  await engine.containers.start(id);
  const { process } = engine.containers.find(id).state;
  host.loseDaemon();
  const next = await openEngine({ host, store, snapshots, seed: 2 });
  assert.deepEqual(next.engine.containers.find('web').state.process, process);
  assert.equal(host.ports.published.size, 2);
  host.end(id, 4);
  await turn();
  assert.equal(next.engine.containers.find('web').state.exitCode, 4);
});

test('the address of the default bridge is told, for names such as host-gateway', async () => {
  const { engine } = await world();
  assert.equal(engine.info.defaultBridgeAddress, '172.17.0.1');
});

test('who waits for a container that is due to start again has its end when that is called off', async () => {
  const { engine, host } = await world();
  const { id } = await engine.containers.create(request('web', { restart: { kind: 'always' } }));
  await engine.containers.start(id);
  host.end(id, 3);
  await turn();
  assert.equal(engine.containers.find(id).state.phase, 'restarting');
  const waited = engine.containers.wait(id, 'not-running');
  await engine.containers.stop(id, {});
  assert.deepEqual(await waited, { exitCode: 3 });
  assert.equal(engine.containers.find(id).state.phase, 'exited');
  assert.match(engine.containers.why(id).at(-1)?.text ?? '', /called its next start off/);
});

test('a kill is answered when the container has ended, a frozen one too; one that does not end is told of', async () => {
  for (const paused of [false, true]) {
    const { engine, host, clock } = await world();
    const { id } = await engine.containers.create(request('web', {}));
    await engine.containers.start(id);
    if (paused) await engine.containers.pause(id);
    const signal = host.signal.bind(host);
    const resume = host.resume.bind(host);
    let thawed = !paused;
    host.resume = async (target) => {
      await resume(target);
      thawed = true;
    };
    host.signal = (target, number) => {
      setTimeout(() => thawed && signal(target, number), 5);
      return true;
    };
    await engine.containers.kill(id, 'SIGKILL');
    assert.equal(engine.containers.find(id).state.exitCode, 137, paused ? 'paused' : 'running');
    await engine.containers.start(id);
    host.signal = () => true;
    const killed = assert.rejects(engine.containers.kill(id, ''), /was killed, and has not ended/);
    await turn();
    await clock.run(10_000);
    await killed;
  }
});

test('what is asked of a container whose start is under way is done to what becomes of it', async () => {
  for (const work of ['stop', 'kill', 'remove'] as const) {
    const { engine, host } = await world();
    const { id } = await engine.containers.create(request('web', { restart: { kind: 'always' } }));
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const create = host['create-container'].bind(host);
    host['create-container'] = async (step) => {
      await gate;
      return await create(step);
    };
    const started = engine.containers.start(id);
    for (let tries = 0; tries < 50 && engine.containers.find(id).state.phase !== 'starting'; tries++) await turn();
    const asked = work === 'stop' ? engine.containers.stop(id, {}) : work === 'kill' ? engine.containers.kill(id, 'SIGKILL') : engine.containers.remove(id, { force: true, volumes: true });
    await turn();
    open();
    await Promise.all([started, asked]);
    await turn();
    assert.deepEqual(host.leftovers(), [], work);
    if (work === 'remove') assert.throws(() => engine.containers.find(id), (error) => isKind(error, 'not-found'));
    else assert.equal(engine.containers.find(id).state.phase, 'exited', work);
  }
});

test('a container that waits for its restart is removed by force only', async () => {
  const { engine, host } = await world();
  const { id } = await engine.containers.create(request('web', { restart: { kind: 'always' } }));
  await engine.containers.start('web');
  host.end(id, 1);
  await turn();
  assert.equal(engine.containers.find('web').state.phase, 'restarting');
  await assert.rejects(engine.containers.remove('web', { force: false, volumes: false }), /cannot remove container "web": container is restarting: stop the container before removing or force remove/);
  await engine.containers.remove('web', { force: true, volumes: false });
  assert.deepEqual(host.leftovers(), []);
});
