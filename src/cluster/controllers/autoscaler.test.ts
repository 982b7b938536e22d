import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { autoscalerController } from './autoscaler.ts';
import { pace, remember, type ScalingHistory } from './autoscaler-behavior.ts';
import { propose, toleranceOf, type Proposal } from './autoscaler-metric.ts';
import type { MetricSpec, PodUsage } from './autoscaler-shape.ts';
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

test('bounds hold without a measurement, both ways', async () => {
  for (const [replicas, expected, why] of [[1, 3, 'below Spec.MinReplicas'], [8, 5, 'above Spec.MaxReplicas']] as const) {
    const world = await World.open(replicas, { minReplicas: 3, maxReplicas: 5 }, {});
    assert.deepEqual(await world.under(0, 2), [expected, expected]);
    assert.ok((await world.cluster.list('events')).some((event) => event['message'] === `New size: ${expected}; reason: Current number of replicas ${why}`));
    assert.equal((await world.conditions())[0], 'AbleToScale True SucceededGetScale', 'the next look fails for want of requests');
  }
});

const ready = (name: string, status: object): KubeObject => asObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: name }, spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m', memory: '100' } } }, { name: 's', resources: { requests: { cpu: '100m', memory: '100' } } }] }, status: status as JsonObject });
const NOW = Date.parse('2026-01-01T01:00:00Z');
const pod = (name: string, isReady = true, startTime = '2026-01-01T00:00:00Z', lastTransitionTime = '2026-01-01T00:00:05Z'): KubeObject => ready(name, { phase: 'Running', startTime, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime }] });
const using = (...each: readonly (readonly [string, number, number])[]): Map<string, PodUsage> => new Map(each.map(([name, c, s]) => [name, new Map([['c', { cpuMilli: c, memoryBytes: c }], ['s', { cpuMilli: s, memoryBytes: s }]])]));
const asked = (metric: object, pods: readonly KubeObject[], usage: ReadonlyMap<string, PodUsage>): Proposal => propose(metric as MetricSpec, pods.length, pods, usage, { nowMs: NOW, tolerance: { up: 0.1, down: 0.1 } });
const share = (name: string, averageUtilization: number): object => ({ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } });

test('each kind of metric asks for replicas, or says why it can not', () => {
  const [pods, usage] = [[pod('a'), pod('b')], using(['a', 100, 20], ['b', 100, 20])];
  const told = (metric: object): unknown => {
    const proposal = asked(metric, pods, usage);
    return proposal.kind === 'replicas' ? [proposal.replicas, proposal.what] : [proposal.reason, proposal.message];
  };
  assert.deepEqual(told(share('cpu', 30)), [4, 'cpu resource utilization (percentage of request)']);
  assert.deepEqual(told({ type: 'ContainerResource', containerResource: { name: 'cpu', container: 's', target: { type: 'Utilization', averageUtilization: 10 } } }), [4, 'cpu container resource utilization (percentage of request)']);
  assert.deepEqual(told({ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '40' } } }), [6, 'memory resource']);
  assert.deepEqual(told({ type: 'Pods', pods: { metric: { name: 'rps' } } }), ['FailedGetPodsMetric', 'failed to get pods metric value: unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered']);
  assert.equal((told({ type: 'Object', object: { metric: { name: 'rps' } } }) as string[])[0], 'FailedGetObjectMetric');
  assert.match((told({ type: 'External', external: { metric: { name: 'queue' } } }) as string[]).join(), /^FailedGetExternalMetric,.*unable to get external metric queue: .*no external metrics API/);
  assert.deepEqual(told({ type: 'Odd' }), ['InvalidMetricSourceType', 'unknown metric source type "Odd"']);
});

test('a tolerance of its own decides how near is near enough, up and down', async () => {
  const wanted = (milli: number, up: number, down: number): unknown => {
    const pods = Array.from({ length: 10 }, (_, index) => pod(`p${index}`));
    const proposal = propose(share('cpu', 50) as MetricSpec, 10, pods, using(...pods.map(({ metadata }) => [metadata.name, milli, 0] as const)), { nowMs: NOW, tolerance: { up, down } });
    return proposal.kind === 'replicas' && proposal.replicas;
  };
  assert.deepEqual([wanted(120, 0.25, 0.1), wanted(120, 0.1, 0.25), wanted(102, 0, 0.1)], [10, 12, 11]);
  assert.deepEqual([wanted(80, 0.1, 0.25), wanted(80, 0.25, 0.1), wanted(98, 0.1, 0)], [10, 8, 10]);
  assert.deepEqual(['0', '0.05', '50m', '1', undefined].map((tolerance) => toleranceOf(tolerance === undefined ? {} : { tolerance })), [0, 0.05, 0.05, 1, 0.1]);
  const world = await World.open(2, { behavior: { scaleUp: { tolerance: '3' } } });
  assert.deepEqual(await world.under(400, 2), [2, 2], 'four times the target is not above it');
});

test('of pods that begin, their processor says nothing yet; of those that were ready once, and of memory, it does', () => {
  const wanted = (metric: object, second: KubeObject): unknown => {
    const proposal = asked(metric, [pod('a'), second], using(['a', 100, 0], ['b', 500, 0]));
    return proposal.kind === 'replicas' ? proposal.replicas : proposal.message;
  };
  const young = '2026-01-01T00:58:00Z';
  assert.equal(wanted(share('cpu', 40), pod('b')), 8, 'both count');
  assert.equal(wanted(share('cpu', 40), pod('b', false, young)), 2, 'one that begins counts for nothing: 100 m of 400 m are 62 % of the target, and that is no way up');
  assert.equal(wanted(share('cpu', 40), pod('b', false, '2026-01-01T00:00:00Z', '2026-01-01T00:00:10Z')), 2, 'nor one that was never ready');
  assert.equal(wanted(share('cpu', 40), pod('b', false, '2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z')), 8, 'one that ceased to be ready does');
  assert.equal(wanted(share('memory', 40), pod('b', false, young)), 8);
  assert.equal(wanted(share('memory', 40), ready('b', { phase: 'Pending' })), 2);
  const none = asked(share('cpu', 40), [pod('b', false, young)], using(['b', 500, 0]));
  assert.deepEqual(none.kind === 'unknown' && none.message, 'failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)');
});

test('of several metrics the largest wins, and one that is not known lets nothing go', async () => {
  const metrics = (...names: readonly string[]): JsonObject => ({ metrics: names.map((name) => (name === 'rps' ? { type: 'Pods', pods: { metric: { name }, target: { type: 'AverageValue', averageValue: '1' } } } : share(name, 50))) as unknown as JsonObject[], behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } });
  const busy = await World.open(2, metrics('cpu', 'rps'));
  assert.deepEqual(await busy.under(200, 1), [4], 'the one that is known adds');
  assert.deepEqual(await busy.under(200, 1), [4]);
  assert.ok((await busy.conditions()).includes('ScalingActive True ValidMetricFound'));
  assert.deepEqual(await busy.under(20, 1), [4]);
  assert.ok((await busy.conditions()).includes('ScalingActive False FailedGetPodsMetric'));
});

test('windows of stabilization hold both ways, and a look that failed is no recommendation', () => {
  const said = (...replicas: readonly number[]): ScalingHistory => replicas.reduce((history, each, at) => remember(history, each, 0, 40_000 + at * 15_000), NOTHING);
  assert.deepEqual(pace(5, 9, { scaleUp: { stabilizationWindowSeconds: 60 } }, said(5, 9, 9), 85_000), { replicas: 5, held: 'ScaleUpStabilized' });
  assert.deepEqual(pace(5, 9, { scaleUp: { stabilizationWindowSeconds: 60 } }, said(7, 8, 9), 85_000), { replicas: 7 });
  assert.deepEqual(pace(5, 2, { scaleDown: { stabilizationWindowSeconds: 60 } }, said(4, 3, 2), 85_000), { replicas: 4 });
  assert.deepEqual(pace(5, 2, { scaleDown: { stabilizationWindowSeconds: 20 } }, said(4, 3, 2), 85_000), { replicas: 2 }, 'what is older than the window is forgotten');
  const failed = remember(said(9), undefined, 0, 80_000);
  assert.deepEqual([failed.lookedMs, pace(5, 9, { scaleUp: { stabilizationWindowSeconds: 60 } }, failed, 85_000).replicas], [80_000, 9]);
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
