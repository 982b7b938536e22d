import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom } from '#base/seeded-random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { SimulatedCluster, spec, status } from './simulated-cluster.ts';
import { SimulatedNodes } from './simulated-nodes.ts';
import { deploymentController } from './deployment.ts';
import { garbageCollector } from './garbage-collector.ts';
import { replicaSetController } from './replica-set.ts';
import { planProportional, planRollout, rolloutBounds } from './rollout-plan.ts';

const template = (image: string): object => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } });
const deployment = (replicas: number, more: object = {}): never => ({ metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('v1'), ...more } }) as never;
const collector = garbageCollector(['apps/deployments', 'apps/replicasets', 'pods']);

async function open(): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster([deploymentController, replicaSetController, collector]);
  await cluster.runtime.open();
  return cluster;
}

async function bringUpAll(cluster: SimulatedCluster): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    await cluster.settle(4);
    const waiting = (await cluster.list('pods')).filter((pod) => status(pod)['phase'] === 'Pending');
    if (waiting.length === 0) return;
    for (const pod of waiting) await cluster.bringUp(pod);
  }
}

const images = async (cluster: SimulatedCluster): Promise<string[]> => (await cluster.list('pods')).map((pod) => String((spec(pod)['containers'] as { image: string }[])[0]?.image)).sort();
const setImage = (image: string) => (object: KubeObject): KubeObject => ({ ...object, spec: { ...spec(object), template: template(image) } });

test('a deployment has its pods, one ReplicaSet, and says so', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(3));
  await bringUpAll(cluster);
  await cluster.settle();
  assert.deepEqual(await images(cluster), ['v1', 'v1', 'v1']);
  const web = await cluster.get('apps/deployments', 'web');
  const { conditions, ...counts } = status(web);
  assert.deepEqual(counts, { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
  assert.deepEqual((conditions as { type: string; status: string; reason: string }[]).map(({ type, status: is, reason }) => [type, is, reason]), [['Available', 'True', 'MinimumReplicasAvailable'], ['Progressing', 'True', 'NewReplicaSetAvailable']]);
  assert.equal(web.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  const [set] = await cluster.list('apps/replicasets');
  assert.deepEqual((await cluster.list('events')).map((event) => event['message']).filter((text) => /replica set/.test(String(text))), [`Scaled up replica set ${set?.metadata.name} from 0 to 3`]);
  assert.deepEqual(['desired', 'max'].map((which) => set?.metadata.annotations?.[`deployment.kubernetes.io/${which}-replicas`]), ['3', '4']);
  assert.deepEqual(cluster.log, []);
});

test('a rollout replaces every pod, keeps the old set, and going back makes its revision the newest', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(3));
  await bringUpAll(cluster);
  await cluster.change('apps/deployments', 'web', setImage('v2'));
  await bringUpAll(cluster);
  await cluster.settle();
  assert.deepEqual(await images(cluster), ['v2', 'v2', 'v2']);
  assert.equal((await cluster.list('apps/replicasets')).length, 2);
  await cluster.change('apps/deployments', 'web', setImage('v1'));
  await bringUpAll(cluster);
  await cluster.settle();
  assert.deepEqual(await images(cluster), ['v1', 'v1', 'v1']);
  assert.equal((await cluster.list('apps/replicasets')).length, 2);
});

test('a set that nobody controls is adopted, a template that came back has the newest revision, and what is noted reaches the history', async () => {
  const cluster = await open();
  await cluster.create('apps/replicasets', { metadata: { name: 'orphan', labels: { app: 'web' }, annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' } }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: template('v0') as never } });
  await bringUpAll(cluster);
  await cluster.create('apps/deployments', deployment(1));
  await bringUpAll(cluster);
  await cluster.settle();
  const notes = async (): Promise<unknown[]> => (await cluster.list('apps/replicasets')).map(({ metadata: { name, annotations } }) => [name === 'orphan', annotations?.['deployment.kubernetes.io/revision'], annotations?.['kubernetes.io/change-cause'], annotations?.['deployment.kubernetes.io/revision-history']]).sort();
  assert.deepEqual(await images(cluster), ['v1']);
  assert.deepEqual(await notes(), [[false, '3546343826724305833', undefined, undefined], [true, '3546343826724305832', undefined, undefined]]);
  await cluster.change('apps/deployments', 'web', (web) => setImage('v0')({ ...web, metadata: { ...web.metadata, annotations: { ...web.metadata.annotations, 'kubernetes.io/change-cause': 'back' } } }));
  await bringUpAll(cluster);
  await cluster.settle();
  assert.deepEqual([await images(cluster), await notes()], [['v0'], [[false, '3546343826724305833', undefined, undefined], [true, '3546343826724305834', 'back', '3546343826724305832']]]);
  assert.equal((await cluster.get('apps/deployments', 'web')).metadata.annotations?.['deployment.kubernetes.io/revision'], '3546343826724305834');
});

test('what keeps pods from being made is told once, by the set and by the deployment, and no more when it is over', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(2));
  await bringUpAll(cluster);
  cluster.faults.refused = 'pods';
  await cluster.change('apps/deployments', 'web', (web) => ({ ...web, spec: { ...spec(web), replicas: 3 } }));
  const failures = async (): Promise<unknown[]> => Promise.all(['apps/replicasets', 'apps/deployments'].map(async (resource) => {
    const { conditions = [], readyReplicas } = status((await cluster.list(resource))[0] as KubeObject) as { conditions?: { type: string; reason: string; message: string }[]; readyReplicas?: number };
    return [readyReplicas, conditions.filter(({ type }) => type === 'ReplicaFailure').map(({ reason, message }) => `${reason}: ${message}`)];
  }));
  for (let step = 0; step < 8; step += 1) {
    cluster.clock.advance(10_000);
    await cluster.settle(4);
  }
  assert.deepEqual(await failures(), [[2, ['FailedCreate: refused 1 times']], [2, ['FailedCreate: refused 1 times']]]);
  cluster.faults.refused = undefined;
  cluster.clock.advance(60_000);
  await bringUpAll(cluster);
  await cluster.settle();
  assert.deepEqual(await failures(), [[3, []], [3, []]]);
});

test('the image that never comes up stops a rollout before it costs availability, and the deadline tells', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(4, { progressDeadlineSeconds: 60, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }));
  await bringUpAll(cluster);
  await cluster.change('apps/deployments', 'web', setImage('broken'));
  await cluster.settle();
  assert.deepEqual(await images(cluster), ['broken', 'v1', 'v1', 'v1', 'v1']);
  for (let step = 0; step < 8; step += 1) {
    cluster.clock.advance(10_000);
    await cluster.settle(4);
  }
  const progressing = (status(await cluster.get('apps/deployments', 'web'))['conditions'] as { type: string; status: string; reason: string }[]).find(({ type }) => type === 'Progressing');
  assert.deepEqual([progressing?.status, progressing?.reason], ['False', 'ProgressDeadlineExceeded']);
});

test('Recreate ends all of the old before it makes any of the new', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(2, { strategy: { type: 'Recreate' } }));
  await bringUpAll(cluster);
  await cluster.change('apps/deployments', 'web', setImage('v2'));
  await bringUpAll(cluster);
  await cluster.settle();
  assert.deepEqual(await images(cluster), ['v2', 'v2']);
});

test('a paused deployment scales and does not roll out', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(2));
  await bringUpAll(cluster);
  await cluster.change('apps/deployments', 'web', (web) => ({ ...web, spec: { ...spec(web), paused: true, replicas: 3, template: template('v2') as never } }));
  await bringUpAll(cluster);
  assert.deepEqual(await images(cluster), ['v1', 'v1', 'v1']);
});

test('pods go with their deployment, and stay where they are orphaned', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(2));
  await bringUpAll(cluster);
  await cluster.delete('apps/deployments', 'web');
  await cluster.settle();
  assert.deepEqual([(await cluster.list('apps/replicasets')).length, (await cluster.list('pods')).length], [0, 0]);
  await cluster.create('apps/deployments', deployment(2));
  await bringUpAll(cluster);
  await cluster.delete('apps/deployments', 'web', 'Orphan');
  await cluster.settle();
  assert.deepEqual([(await cluster.list('apps/deployments')).length, (await cluster.list('apps/replicasets')).length, (await cluster.list('pods')).length], [0, 1, 2]);
});

test('a pod that is deleted by hand is made again, and one that is not ours is let be', async () => {
  const cluster = await open();
  await cluster.create('apps/deployments', deployment(2));
  await bringUpAll(cluster);
  await cluster.create('pods', { metadata: { name: 'stranger' }, spec: { containers: [{ name: 'c', image: 'x' }] } });
  const [first] = (await cluster.list('pods')).filter(({ metadata }) => metadata.name !== 'stranger');
  await cluster.delete('pods', first?.metadata.name ?? '');
  await cluster.settle();
  assert.equal((await cluster.list('pods')).length, 3);
});

test('whatever comes up and whenever, a rollout stays within its bounds and ends', () => {
  fc.assert(fc.property(fc.nat(), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), (seed, replicas, surge, unavailable) => {
    const { maxSurge, maxUnavailable } = rolloutBounds(replicas, surge, unavailable);
    const random = new SeededRandom(seed);
    const draw = (most: number): number => (random.bytes(1)[0] ?? 0) % (most + 1);
    const sets = [{ name: 'old', wanted: replicas, available: replicas, present: replicas }, { name: 'next', wanted: 0, available: 0, present: 0 }];
    for (let step = 0; step < 400; step += 1) {
      const [old, next] = sets as [typeof sets[0], typeof sets[0]];
      if (next.available === replicas && old.wanted === 0) return;
      for (const [name, size] of planRollout({ replicas, maxSurge, maxUnavailable, next, olds: [old] })) {
        const set = name === 'old' ? old : next;
        set.available = Math.min(set.available, size);
        set.wanted = size;
      }
      assert.ok(old.wanted + next.wanted <= replicas + maxSurge, 'no more than the surge');
      assert.ok(old.available + next.available >= replicas - maxUnavailable, 'no fewer than may be missing');
      next.available += draw(next.wanted - next.available);
    }
    assert.fail(`it does not end: ${JSON.stringify(sets)}`);
  }));
});

test('scaling in the middle of a rollout keeps proportions and the total', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 }), fc.integer({ min: 0, max: 60 }), (sizes, total) => {
    const sets = sizes.map((wanted, at) => ({ name: `s${at}`, wanted }));
    const planned = planProportional(sets, total);
    assert.equal(sets.reduce((sum, { name, wanted }) => sum + (planned.get(name) ?? wanted), 0), total);
    assert.ok([...planned.values()].every((size) => size >= 0));
    // What is left over of rounding can be more than the largest set has.
  }), { examples: [[[4, 4, 4, 4, 4], 3]] });
});

test('whatever fails and whoever dies, a rollout comes to its end with the pods that are wanted, and no set is there twice', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 5 }), fc.boolean(), async (seed, replicas, recreate) => {
    const cluster = new SimulatedCluster([deploymentController, replicaSetController, collector], seed, 40);
    await cluster.runtime.open();
    const nodes = new SimulatedNodes(cluster, new SeededRandom(seed));
    const steps = async (times: number, pace: number): Promise<void> => {
      for (let step = 0; step < times; step += 1) {
        await cluster.settle(3);
        await nodes.step({ succeeds: 0, fails: 0, pace });
      }
    };
    await cluster.create('apps/deployments', deployment(replicas, recreate ? { strategy: { type: 'Recreate' } } : {}));
    for (const image of ['v2', 'v3']) {
      await steps(6, 160);
      await cluster.patch('apps/deployments', 'web', setImage(image));
      await cluster.restart();
    }
    await steps(4, 160);
    cluster.faults.rate = 0;
    cluster.clock.advance(60_000);
    await steps(30, 256);
    assert.deepEqual(await images(cluster), Array<string>(replicas).fill('v3'));
    const sets = await cluster.list('apps/replicasets');
    assert.equal(new Set(sets.map(({ metadata }) => metadata.labels?.['pod-template-hash'])).size, sets.length);
    assert.equal(Number(status(await cluster.get('apps/deployments', 'web'))['updatedReplicas'] ?? 0), replicas);
  }), { numRuns: 3, seed: 5 });
});
