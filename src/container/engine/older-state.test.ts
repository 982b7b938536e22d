import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import type { Container } from '#container/model/container.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import { MemoryStore } from '#store/memory.ts';
import { STATE_OF_2026_11 } from './_older-state.ts';
import { HASHER, openEngine, request } from './_simulation.ts';

/*
 * An upgrade: the daemon of a later version finds the records of an earlier one, and containers that run.
 */

test('an engine takes over what an earlier version left: containers that run go on, and all of it can be worked with', async () => {
  const clock = new ManualClock();
  const host = new FakeHost(clock);
  const store = new MemoryStore();
  for (const [key, value] of Object.entries(STATE_OF_2026_11)) await store.put(key, JSON.stringify(value));
  const { spec, state } = Object.entries(STATE_OF_2026_11).find(([key]) => key.startsWith('container/'))?.[1] as Container;
  assert.ok(state.process !== undefined);
  host.running.set(state.process.pid, { id: spec.id, started: true });
  host.networks.add(spec.id);
  const { engine } = await openEngine({ host, store, snapshots: new FakeSnapshots(HASHER), seed: 2, clock });

  const { state: found } = engine.containers.find('web');
  assert.deepEqual([found.phase, found.process, found.published], ['running', state.process, state.published]);
  assert.equal(host.running.size, 1, 'nothing was started, and nothing ended');
  assert.deepEqual(engine.networks.list().map(({ name }) => name).sort(), ['back', 'bridge', 'host', 'none']);
  assert.deepEqual(engine.volumes.list().map(({ name }) => name), ['data']);
  assert.equal(engine.images.find('test').id, spec.image.id);

  const { done } = await engine.execs.start(await engine.execs.create('web', { args: ['true'], env: [], cwd: '', user: '', terminal: false, attachStdin: false, attachStdout: true, attachStderr: true, privileged: false, detachKeys: '', front: {} }), { attached: true });
  assert.equal(await done, 0);
  await engine.containers.rename('web', 'site');
  await engine.containers.restart('site', {});
  assert.deepEqual([...host.ports.published], ['0.0.0.0:8080/tcp', ':::8080/tcp']);
  // What it had is known to be had: its volume is in use, and its addresses are given to nobody else.
  await assert.rejects(engine.volumes.remove('data', { force: false }), { kind: 'conflict' });
  const { id } = await engine.containers.create(request('other', { sandbox: { ...request('').sandbox, ports: [], network: { kind: 'network', name: 'back' }, endpoints: spec.sandbox.endpoints.slice(0, 1) } }));
  await engine.containers.start(id);
  const addresses = engine.containers.list().flatMap(({ state: { endpoints } }) => (endpoints ?? []).flatMap(({ ipv4 }) => ipv4?.address ?? []));
  assert.equal(new Set(addresses).size, addresses.length);

  for (const name of ['site', 'other']) await engine.containers.remove(name, { force: true, volumes: false });
  await engine.volumes.remove('data', { force: false });
  await engine.networks.remove('back');
  assert.deepEqual(host.leftovers(), []);
});
