// `./gantry dev bench --only scheduler`: pods a second that get a node of 5,000, by the scheduler of a cluster; the API answers at once.
import { SeededRandom } from '#base/seeded-random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { FakeObjectCache } from '#cluster/loop/fake-object-cache.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import { Scheduler } from '#cluster/scheduler/scheduler.ts';

const NODES = 5_000;
const ZONES = 10;
const WARM_UP = 2_000;
const PODS = 20_000;

const node = (number: number): KubeObject => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: `node-${number}`, uid: `n${number}`, labels: { 'kubernetes.io/hostname': `node-${number}`, 'topology.kubernetes.io/zone': `zone-${number % ZONES}` } },
  spec: {}, status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } },
}) as unknown as KubeObject;

/** What pods ask for: nothing but room, as in upstream's `SchedulingBasic`, or to be spread over zones, too. */
const SPECS: Readonly<Record<string, object>> = {
  basic: {},
  spread: { topologySpreadConstraints: [{ maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] },
};

const pod = (number: number, spec: object): KubeObject => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${number}`, namespace: 'default', uid: `p${number}`, labels: { app: 'web' } },
  spec: { ...spec, containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m', memory: '500Mi' } } }] },
}) as unknown as KubeObject;

async function measure(spec: object, pods: number): Promise<number> {
  const [nodes, all] = [new FakeObjectCache(), new FakeObjectCache()];
  const bound = Promise.withResolvers<void>();
  let count = 0;
  let target = WARM_UP;
  let warm = bound;
  const clock = { nowNs: () => BigInt(Date.now()) * 1_000_000n, monotonicMs: () => performance.now() };
  const scheduler = new Scheduler({
    nodes: nodes as unknown as ObjectCache, pods: all as unknown as ObjectCache, clock, timers: { after: (delayMs, callback) => { const timer = setTimeout(callback, delayMs); return () => clearTimeout(timer); } }, random: new SeededRandom(1), log: console.error,
    writes: {
      bind: async (object, name) => {
        all.put({ ...object, spec: { ...object['spec'] as object, nodeName: name } });
        count += 1;
        if (count === target) warm.resolve();
      },
      unschedulable: async (object, message) => { throw new Error(`${object.metadata.name}: ${message}`); },
      preempt: async (object) => { throw new Error(`${object.metadata.name} would have others go`); },
    },
  });
  for (let number = 0; number < NODES; number += 1) nodes.put(node(number));
  scheduler.open();
  for (let number = 0; number < WARM_UP; number += 1) all.put(pod(number, spec));
  await warm.promise;
  warm = Promise.withResolvers<void>();
  target = WARM_UP + pods;
  const began = performance.now();
  for (let number = WARM_UP; number < WARM_UP + pods; number += 1) all.put(pod(number, spec));
  await warm.promise;
  const seconds = (performance.now() - began) / 1000;
  scheduler.close();
  return Math.round(pods / seconds);
}

for (const [name, spec] of Object.entries(SPECS)) console.log(JSON.stringify({ case: name, nodes: NODES, podsPerSecond: await measure(spec, name === 'basic' ? PODS : PODS / 10) }));
