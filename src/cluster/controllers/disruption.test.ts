import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { evict } from '#cluster/api/eviction.ts';
import { renderStatus } from '#cluster/api/status.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { disruptionController } from './disruption.ts';
import { deploymentController } from './deployment.ts';
import { isDeleted } from './owned.ts';
import { replicaSetController } from './replica-set.ts';
import { SimulatedCluster, status } from './simulated-cluster.ts';
import { SimulatedNodes } from './simulated-nodes.ts';

const RUN = { succeeds: 0, fails: 0, pace: 256 };
const budget = (spec: JsonObject): JsonObject => ({ metadata: { name: 'keep' }, spec: { selector: { matchLabels: { app: 'web' } }, ...spec } });

class World {
  readonly cluster = new SimulatedCluster([deploymentController, replicaSetController, disruptionController]);
  readonly nodes = new SimulatedNodes(this.cluster, new SeededRandom(1));

  /** A deployment of so many pods that serve, and a budget for them. */
  static async open(replicas: number, spec: JsonObject): Promise<World> {
    const world = new World();
    await world.cluster.runtime.open();
    await world.cluster.create('apps/deployments', { metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
    await world.cluster.create('policy/poddisruptionbudgets', budget(spec));
    await world.steps(4);
    return world;
  }

  async steps(times: number): Promise<void> {
    for (let step = 0; step < times; step += 1) {
      await this.cluster.settle(4);
      await this.nodes.step(RUN);
    }
    await this.cluster.settle(6);
  }

  async pods(): Promise<string[]> {
    return (await this.cluster.list('pods')).filter((pod) => !isDeleted(pod)).map(({ metadata }) => metadata.name);
  }

  async budget(): Promise<unknown[]> {
    const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = status(await this.cluster.get('policy/poddisruptionbudgets', 'keep'));
    return [disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods];
  }

  /** The code, the reason and the cause of the answer. */
  async evict(pod: string, more: JsonObject = {}): Promise<readonly [number, string?, string?]> {
    const { cluster } = this;
    const parts = { objects: cluster.objects, writer: cluster.writer, schemas: new SchemaSet(schemaPackages), clock: cluster.clock, pods: cluster.definition('pods'), budgets: cluster.definition('policy/poddisruptionbudgets') };
    const bytes = new TextEncoder().encode(JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod }, ...more }));
    const request = { method: 'POST', path: '', query: new Map(), accept: '', contentType: 'application/json', user: { name: 'u', groups: [] }, body: async () => bytes };
    try {
      const answer = await evict(parts, { group: '', version: 'v1', namespace: 'default', plural: 'pods', name: pod, subresource: 'eviction', rest: '' }, request, { dryRun: false, user: 'u' });
      return [answer.kind === 'json' ? answer.code : 0];
    } catch (thrown) {
      const { code, body } = renderStatus(thrown);
      const details = body['details'] as { causes?: { reason: string; message: string }[] } | undefined;
      return [code, String(body['reason']), `${details?.causes?.[0]?.reason}: ${details?.causes?.[0]?.message}`];
    }
  }
}

test('a budget is counted, in numbers and in shares, of what is there or of what is wanted', async () => {
  const world = await World.open(3, { minAvailable: 2 });
  for (const [limit, expected] of [
    [{ minAvailable: 2 }, [1, 3, 2, 3]], [{ minAvailable: '50%' }, [1, 3, 2, 3]], [{ maxUnavailable: 1 }, [1, 3, 2, 3]], [{ maxUnavailable: '0%' }, [0, 3, 3, 3]], [{ minAvailable: 5 }, [0, 3, 5, 3]],
  ] as const) {
    await world.cluster.change('policy/poddisruptionbudgets', 'keep', (current) => ({ ...current, spec: { ...budget(limit)['spec'] as object } }));
    await world.cluster.settle(4);
    assert.deepEqual(await world.budget(), expected, JSON.stringify(limit));
    const [condition] = status(await world.cluster.get('policy/poddisruptionbudgets', 'keep'))['conditions'] as unknown as { type: string; status: string; reason: string }[];
    assert.deepEqual([condition?.type, condition?.status, condition?.reason], expected[0] > 0 ? ['DisruptionAllowed', 'True', 'SufficientPods'] : ['DisruptionAllowed', 'False', 'InsufficientPods']);
  }
});

test('an eviction takes what is allowed, and the next one waits until another pod serves', async () => {
  const world = await World.open(2, { minAvailable: 1 });
  const [first = '', second = ''] = await world.pods();
  assert.deepEqual(await world.evict(first), [201]);
  const target = (status(await world.cluster.get('pods', first))['conditions'] as unknown as { type: string; reason: string }[]).find(({ type }) => type === 'DisruptionTarget');
  assert.equal(target?.reason, 'EvictionByEvictionAPI');
  assert.equal((await world.evict(second))[0], 429, 'also before the controller has looked');
  await world.cluster.settle(4);
  assert.deepEqual(await world.evict(second), [429, 'TooManyRequests', 'DisruptionBudget: The disruption budget keep needs 1 healthy pods and has 1 currently']);
  await world.steps(5);
  assert.deepEqual(await world.evict(second), [201]);
});

test('a budget that changed is not guessed at, and pods that do not serve may go', async () => {
  const world = await World.open(2, { minAvailable: 2 });
  const [first = '', second = ''] = await world.pods();
  world.cluster.runtime.close();
  await world.cluster.change('policy/poddisruptionbudgets', 'keep', (current) => ({ ...current, spec: { ...current['spec'] as object, minAvailable: 1 } }));
  assert.deepEqual(await world.evict(first), [429, 'TooManyRequests', 'DisruptionBudget: The disruption budget keep is still being processed by the server.']);
  await world.cluster.restart();
  await world.cluster.settle(4);
  await world.cluster.change('pods', second, (pod) => ({ ...pod, status: { ...status(pod), conditions: [{ type: 'Ready', status: 'False' }] } }), 'status');
  await world.cluster.settle(4);
  assert.equal((await world.evict(first))[0], 429);
  assert.deepEqual(await world.evict(second), [201], 'the others are enough, and this one is none of them');
  assert.equal((await world.evict('nobody'))[0], 404);
  assert.equal((await world.evict(first, { metadata: { name: 'other' } }))[0], 400);
});

test('what was evicted and stayed counts again after two minutes', async () => {
  const world = await World.open(2, { minAvailable: 1 });
  const [first = ''] = await world.pods();
  await world.cluster.change('policy/poddisruptionbudgets', 'keep', (current) => ({ ...current, status: { ...status(current), disruptionsAllowed: 0, disruptedPods: { [first]: world.cluster.now() } } }), 'status');
  await world.cluster.settle(4);
  assert.deepEqual(await world.budget(), [0, 1, 1, 2]);
  world.cluster.clock.advance(120_000);
  await world.cluster.settle(4);
  assert.deepEqual(await world.budget(), [1, 2, 1, 2]);
});
