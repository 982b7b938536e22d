import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { ManualClock } from '#base/manual-clock.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { EnginePort } from '#container/engine/port.ts';
import { Agent, type AgentParts } from './agent.ts';

const settle = async (): Promise<void> => { for (let turn = 0; turn < 50; turn += 1) await Promise.resolve(); };
const nothing = { onChange: () => {}, get: () => undefined, list: () => [] } as unknown as ObjectCache;
const pod = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'd', uid: `uid-${name}` }, spec: { nodeName: 'here', containers: [{ name: 'c', image: 'i' }] }, status: {} }) as unknown as KubeObject;

/** An engine that makes a container when it is told to. */
function start(pods: readonly KubeObject[]): { agent: Agent; made: string[]; told: JsonObject[]; finish: () => void } {
  const [made, told]: [string[], JsonObject[]] = [[], []];
  const gate = Promise.withResolvers<void>();
  const clock = new ManualClock();
  const containers = {
    list: () => [], remove: async () => {}, start: async (id: string) => void made.push(`started ${id}`),
    create: async ({ name }: { readonly name: string }) => {
      await gate.promise;
      made.push(`made ${name.split('_')[2]}`);
      return { id: name.split('_')[2] };
    },
  };
  const cache = { onChange: (listener: (each: KubeObject) => void) => pods.forEach((each) => listener(each)), list: () => pods, get: (_: string, name: string) => pods.find(({ metadata }) => metadata.name === name) } as unknown as ObjectCache;
  const agent = new Agent({
    nodeName: 'here', hostIp: '10.0.0.1', place: { network: 'bridge', names: { zone: 'cluster.local', server: '10.96.0.10' } }, room: { cpuMilli: 2000, memoryBytes: 2 ** 30 }, pods: cache, configMaps: nothing, secrets: nothing, services: nothing, claims: nothing, volumes: nothing,
    engine: { containers, events: { subscribe: () => () => {} } } as unknown as EnginePort, node: { podsWithVolumes: async () => [] } as unknown as AgentParts['node'],
    writes: { status: async (_pod, status) => void told.push(status), release: async () => {}, event: async () => {} }, routes: { leadsTo: () => false, onWithdrawn: () => {} }, isolation: { admit: () => undefined }, rootCa: '', token: async () => '', clock, timers: clock, log: () => {},
  });
  return { agent, made, told, finish: () => gate.resolve() };
}

test('an agent has ended when what it was making is there, and makes no more', async () => {
  const { agent, made, finish } = start([pod('a'), pod('b')]);
  await agent.open();
  await settle();
  let hasEnded = false;
  const ending = agent.close().then(() => (hasEnded = true));
  await settle();
  assert.equal(hasEnded, false, 'whoever took all containers away now would miss two');
  finish();
  await ending;
  assert.deepEqual(made, ['made a', 'made b', 'started a', 'started b']);
  await settle();
  assert.equal(made.length, 4);
});

test('a pod that was put on the node past the scheduler, and wants a port that another has, has failed', async () => {
  const on = (name: string, hostPort: number, status: object = {}): KubeObject => ({ ...pod(name), spec: { nodeName: 'here', containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort }] }] }, status }) as unknown as KubeObject;
  const { agent, told, finish } = start([on('first', 80, { phase: 'Running', startTime: '2026-01-01T00:00:00Z' }), on('second', 80), on('third', 81)]);
  await agent.open();
  await settle();
  finish();
  await settle();
  assert.deepEqual(told.filter(({ phase }) => phase === 'Failed').map(({ reason, message }) => `${reason}: ${message}`), ['NodePorts: Pod was rejected: Predicate NodePorts failed']);
  await agent.close();
});

test('a pod that is evicted has failed from then on, and says why', async () => {
  // It waits for a claim that nobody has bound.
  const one = { ...pod('a'), spec: { nodeName: 'here', containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }] } } as unknown as KubeObject;
  const { agent, told } = start([one]);
  await agent.open();
  await settle();
  assert.ok(told.length > 0 && told.every(({ phase }) => phase === 'Pending'));
  told.length = 0;
  agent.evict(one, 'low on memory');
  agent.evict(one, 'once more');
  await settle();
  assert.ok(told.length > 0 && told.every(({ phase, reason, message }) => phase === 'Failed' && reason === 'Evicted' && message === 'low on memory'), JSON.stringify(told));
});
