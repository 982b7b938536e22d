import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { autoscalerController } from './autoscaler.ts';
import { pace, remember, type ScalingHistory } from './autoscaler-behavior.ts';
import type { PodUsage } from './autoscaler-shape.ts';
import { deploymentController } from './deployment.ts';
import { replicaSetController } from './replica-set.ts';
import { SimulatedCluster, spec, status } from './simulated-cluster.ts';
import { SimulatedNodes } from './simulated-nodes.ts';

const NOTHING: ScalingHistory = { recommendations: [], changes: [] };

/** A deployment whose pods share a load of so many thousandths of a processor. */
class World {
  readonly usage = new Map<string, PodUsage>();
  isMeasured = true;
  readonly cluster = new SimulatedCluster([deploymentController, replicaSetController, autoscalerController(() => this.isMeasured ? this.usage : undefined)]);
  readonly nodes = new SimulatedNodes(this.cluster, new SeededRandom(1));

  static async open(replicas: number, more: JsonObject = {}, requests: JsonObject = { cpu: '100m' }, isMeasured = true): Promise<World> {
    const world = new World();
    world.isMeasured = isMeasured;
    await world.cluster.runtime.open();
    await world.cluster.create('apps/deployments', { metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }] } } } });
    await world.bringUp();
    await world.cluster.create('autoscaling/horizontalpodautoscalers', { metadata: { name: 'web' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 10, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }], ...more } });
    return world;
  }

  async bringUp(): Promise<void> {
    for (let step = 0; step < 4; step += 1) {
      await this.cluster.settle(4);
      await this.nodes.step({ succeeds: 0, fails: 0, pace: 256 });
    }
    await this.cluster.settle(4);
  }

  /** So many periods under this load. */
  async under(loadMilli: number, periods: number): Promise<number[]> {
    const seen: number[] = [];
    for (let period = 0; period < periods; period += 1) {
      const pods = await this.cluster.list('pods');
      this.usage.clear();
      for (const { metadata } of pods) this.usage.set(metadata.uid, new Map([['c', { cpuMilli: loadMilli / pods.length, memoryBytes: 1000 }]]));
      this.cluster.clock.advance(15_000);
      await this.bringUp();
      seen.push(Number(spec(await this.cluster.get('apps/deployments', 'web'))['replicas']));
    }
    return seen;
  }

  async conditions(): Promise<string[]> {
    const { conditions = [] } = status(await this.cluster.get('autoscaling/horizontalpodautoscalers', 'web'));
    return (conditions as unknown as { type: string; status: string; reason: string }[]).map(({ type, status: is, reason }) => `${type} ${is} ${reason}`);
  }
}

test('a load brings as many pods as it needs, as fast as the rules allow, and fewer after five quiet minutes', async () => {
  const world = await World.open(2);
  assert.deepEqual(await world.under(400, 4), [6, 8, 8, 8]);
  assert.deepEqual(await world.conditions(), ['AbleToScale True ReadyForNewScale', 'ScalingActive True ValidMetricFound', 'ScalingLimited False DesiredWithinRange']);
  const { currentReplicas, desiredReplicas, currentMetrics } = status(await world.cluster.get('autoscaling/horizontalpodautoscalers', 'web'));
  assert.deepEqual([currentReplicas, desiredReplicas, currentMetrics], [8, 8, [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '50m' } } }]]);
  assert.deepEqual(new Set(await world.under(100, 19)), new Set([8]));
  assert.ok((await world.conditions()).includes('AbleToScale True ScaleDownStabilized'));
  assert.equal((await world.under(100, 3)).at(-1), 2);
  assert.ok((await world.cluster.list('events')).some((event) => event['message'] === 'New size: 6; reason: cpu resource utilization (percentage of request) above target'));
  assert.deepEqual(world.cluster.log, []);
});

test('bounds hold, whatever the load', async () => {
  const world = await World.open(2, { minReplicas: 3, maxReplicas: 5 });
  assert.deepEqual(await world.under(10_000, 3), [3, 5, 5]);
  assert.ok((await world.conditions()).includes('ScalingLimited True TooManyReplicas'));
});

test('what is not known is said, and changes nothing', async () => {
  const world = await World.open(2, {}, {});
  assert.deepEqual(await world.under(400, 2), [2, 2]);
  assert.ok((await world.conditions()).includes('ScalingActive False FailedGetResourceMetric'));
  assert.equal((await world.cluster.list('events')).filter((event) => event['reason'] === 'FailedGetResourceMetric').length, 1, 'once');
  const unmeasured = await World.open(2, {}, {}, false);
  await unmeasured.under(400, 2);
  assert.deepEqual(await unmeasured.conditions(), []);
  const zero = await World.open(0);
  await zero.under(0, 1);
  assert.ok((await zero.conditions()).includes('ScalingActive False ScalingDisabled'));
});

test('policies bound the speed, and Disabled stops it', () => {
  const up = (rules: object, current: number, wanted: number, history = NOTHING): number => pace(current, wanted, { scaleUp: rules }, history, 100_000).replicas;
  assert.equal(up({ policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] }, 5, 20), 7);
  assert.equal(up({ policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] }, 7, 20, { recommendations: [], changes: [{ atMs: 90_000, by: 2 }] }), 7);
  assert.equal(up({ selectPolicy: 'Min', policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }, { type: 'Percent', value: 10, periodSeconds: 60 }] }, 10, 20), 11);
  assert.equal(up({ selectPolicy: 'Disabled' }, 5, 20), 5);
  assert.deepEqual(pace(10, 1, { scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 20, periodSeconds: 60 }] } }, NOTHING, 100_000), { replicas: 8, held: 'ScaleDownLimit' });
});

test('whatever is recommended, the pace never overshoots what was said, and gets there', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }), (start, wishes) => {
    let [current, history, nowMs] = [start, NOTHING, 1_000_000];
    for (const wish of [...wishes, ...Array<number>(60).fill(wishes.at(-1) ?? 1)]) {
      const { replicas } = pace(current, wish, {}, history, nowMs);
      assert.ok(replicas >= Math.min(current, wish) && replicas <= Math.max(current, wish));
      history = remember(history, wish, replicas - current, nowMs);
      current = replicas;
      nowMs += 15_000;
    }
    assert.equal(current, wishes.at(-1));
  }), { numRuns: 50 });
});
