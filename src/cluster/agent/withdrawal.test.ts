import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '#base/seeded-random.ts';
import type { JsonObject } from '#base/json.ts';
import { deploymentController } from '#cluster/controllers/deployment.ts';
import { endpointSliceController } from '#cluster/controllers/endpoint-slice.ts';
import { garbageCollector } from '#cluster/controllers/garbage-collector.ts';
import { replicaSetController } from '#cluster/controllers/replica-set.ts';
import { SimulatedCluster, spec, status } from '#cluster/controllers/simulated-cluster.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { RefusedPorts, ServicesPort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { Frontend } from '#net/service/model.ts';
import type { ServiceRoutes } from './agent.ts';
import type { ObservedContainer } from './observed.ts';
import { planPod } from './plan.ts';
import { ServiceBalancer } from './service-balancer.ts';
import { ServiceProxy } from './service-proxy.ts';
import { SliceIndex } from './slice-index.ts';

/* A rollout with clients: what the barrier is for. Everything between an API object and the kernel's table is what runs in a daemon. */

/** A kernel that takes its time with each change. */
class SlowKernel implements ServicesPort {
  readonly table = new Map<string, readonly Frontend[]>();
  readonly #cluster: SimulatedCluster;
  readonly #random: SeededRandom;

  constructor(cluster: SimulatedCluster, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
  }

  get backends(): readonly string[] {
    return [...this.table.values()].flatMap((frontends) => frontends.flatMap(({ backends }) => backends.map(({ address }) => address)));
  }

  async claim(): Promise<void> {}
  async remove(): Promise<void> {}
  async replace(_range: string, all: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts> {
    for (const [owner, frontends] of all) this.table.set(owner, frontends);
    return new Map();
  }

  async put(changes: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts> {
    const [delay = 0] = this.#random.bytes(1);
    await new Promise<void>((resolve) => void this.#cluster.clock.after(delay, resolve));
    for (const [owner, frontends] of changes) this.table.set(owner, frontends);
    return new Map();
  }
}

const CONTAINER = { id: 'c-0' as ContainerId, name: 'c', attempt: 0, state: 'running', exitCode: 0, startedMs: 0, finishedMs: undefined, oomKilled: false, error: '', imageId: '', resources: {}, address: undefined } as const satisfies ObservedContainer;

/** A node that brings up what it is given, and tells a pod to end as the planner says: then the pod takes no client any more. */
class Node {
  /** Addresses of pods that were told to end. */
  readonly closed = new Set<string>();
  readonly #cluster: SimulatedCluster;
  readonly #routes: ServiceRoutes;
  #addresses = 0;

  constructor(cluster: SimulatedCluster, routes: ServiceRoutes) {
    this.#cluster = cluster;
    this.#routes = routes;
  }

  async step(): Promise<void> {
    for (const pod of await this.#cluster.list('pods')) {
      const address = String(status(pod)['podIP'] ?? '');
      if (pod.metadata.deletionTimestamp !== undefined) await this.#end(pod, address);
      else if (address === '') await this.#start(pod);
    }
  }

  async #start({ metadata }: KubeObject): Promise<void> {
    this.#addresses += 1;
    const podIP = `10.0.0.${this.#addresses}`;
    await this.#cluster.change('pods', metadata.name, (current) => ({ ...current, status: { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: this.#cluster.now() }] } }), 'status');
  }

  async #end(pod: KubeObject, address: string): Promise<void> {
    const nowMs = Number(this.#cluster.clock.nowNs() / 1_000_000n);
    const { actions } = planPod({ pod, containers: [CONTAINER], probes: new Map(), heldUntilMs: new Map(), isServed: this.#routes.leadsTo(pod), isResizeHeld: false, nowMs });
    if (!actions.some(({ kind }) => kind === 'stop')) return;
    this.closed.add(address);
    await this.#cluster.release(pod.metadata.name);
  }
}

const template = (image: string): JsonObject => ({ metadata: { labels: { app: 'web' } }, spec: { nodeName: 'here', terminationGracePeriodSeconds: 30, containers: [{ name: 'c', image }] } });

/** How many clients a rollout under load turns away, and one that goes back. */
async function refusalsOfARollout(seed: number, barrier: (proxy: ServiceProxy, slices: SliceIndex) => ServiceRoutes): Promise<{ readonly refused: number; readonly served: number }> {
  const cluster = new SimulatedCluster([deploymentController, replicaSetController, endpointSliceController, garbageCollector(['apps/deployments', 'apps/replicasets', 'pods'])], seed);
  const kernel = new SlowKernel(cluster, new SeededRandom(seed));
  const { runtime } = cluster;
  const slices = new SliceIndex(runtime.cache('discovery.k8s.io/endpointslices'));
  const proxy = new ServiceProxy({ nodeName: 'here', range: '10.96.0.0/16', services: runtime.cache('services'), slices, engine: kernel, balancer: new ServiceBalancer({ serviceStatus: async () => {}, serviceEvent: async () => {} }, '192.0.2.1'), address: '192.0.2.1', timers: cluster.clock, log: () => {} });
  const node = new Node(cluster, barrier(proxy, slices));
  await runtime.open();
  await proxy.open();
  let [refused, served] = [0, 0];
  const steps = async (count: number): Promise<void> => {
    for (let step = 0; step < count; step += 1) {
      await node.step();
      await cluster.settle(1);
      for (const address of kernel.backends) {
        if (node.closed.has(address)) refused += 1;
        else served += 1;
      }
    }
  };
  await cluster.create('services', { metadata: { name: 'web' }, spec: { clusterIP: '10.96.0.7', selector: { app: 'web' }, ports: [{ port: 80 }] } });
  await cluster.create('apps/deployments', { metadata: { name: 'web' }, spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, template: template('v1') } });
  await steps(60);
  assert.equal(kernel.backends.length, 3);
  for (const image of ['v2', 'v1']) {
    await cluster.patch('apps/deployments', 'web', (object) => ({ ...object, spec: { ...spec(object), template: template(image) } }));
    await steps(300);
    const pods = await cluster.list('pods');
    assert.deepEqual(pods.map((pod) => (spec(pod)['containers'] as { readonly image: string }[])[0]?.image), [image, image, image], 'it is rolled out');
    assert.deepEqual(kernel.backends.toSorted(), pods.map((pod) => String(status(pod)['podIP'])).sort(), 'clients are sent to those who are there');
  }
  assert.equal(node.closed.size, 6);
  return { refused, served };
}

const SEEDS = [1, 2, 3];

test('a rollout turns nobody away: a pod is told to end when the kernel sends it nobody', async () => {
  for (const seed of SEEDS) {
    const { refused, served } = await refusalsOfARollout(seed, (proxy) => proxy);
    assert.deepEqual([refused, served > 100], [0, true], `seed ${seed}`);
  }
});

for (const [what, leadsTo] of [
  ['for nobody', () => () => false],
  ['for the API alone', (slices: SliceIndex) => (pod: KubeObject) => slices.lists(pod.metadata.uid)],
] as readonly (readonly [string, (slices: SliceIndex) => ServiceRoutes['leadsTo']])[]) {
  test(`a node that waits ${what} turns clients away in each rollout`, async () => {
    for (const seed of SEEDS) {
      const { refused } = await refusalsOfARollout(seed, (_, slices) => ({ leadsTo: leadsTo(slices), onWithdrawn: () => {} }));
      assert.ok(refused > 0, `seed ${seed}`);
    }
  });
}
