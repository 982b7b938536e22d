import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { garbageCollector } from './garbage-collector.ts';
import { formatRanges, parseRanges } from './index-ranges.ts';
import { jobController } from './job.ts';
import { FAILURES, INDEX, jobCondition } from './job-shape.ts';
import { SimulatedCluster, spec, status } from './simulated-cluster.ts';
import { SimulatedNodes, type Fate } from './simulated-nodes.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';

const ALL_WELL: Fate = { succeeds: 256, fails: 0, pace: 256 };
const ALL_BADLY: Fate = { succeeds: 0, fails: 256, pace: 256 };
const ALL_RUN: Fate = { succeeds: 0, fails: 0, pace: 256 };

const job = (more: JsonObject = {}, pod: JsonObject = {}): JsonObject => ({ metadata: { name: 'work' }, spec: { ...more, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }], ...pod } } } });

interface World { readonly cluster: SimulatedCluster; readonly nodes: SimulatedNodes }

async function open(seed = 1, faultRate = 0): Promise<World> {
  const cluster = new SimulatedCluster([jobController, ttlAfterFinishedController, garbageCollector(['batch/jobs', 'pods'])], seed, faultRate);
  await cluster.runtime.open();
  return { cluster, nodes: new SimulatedNodes(cluster, new SeededRandom(seed)) };
}

async function steps({ cluster, nodes }: World, times: number, fate: Fate, advanceMs = 0): Promise<void> {
  for (let step = 0; step < times; step += 1) {
    await cluster.settle(4);
    await nodes.step(fate);
    cluster.clock.advance(advanceMs);
  }
  await cluster.settle(6);
}

const work = ({ cluster }: World): Promise<KubeObject> => cluster.get('batch/jobs', 'work');
const ended = async (world: World): Promise<string> => {
  const end = jobCondition(await work(world), 'Complete') ?? jobCondition(await work(world), 'Failed');
  return `${end?.type} ${end?.reason}`;
};
const events = async ({ cluster }: World): Promise<string[]> => (await cluster.list('events')).flatMap((event) => Array.from({ length: Number(event['count']) }, () => String(event['reason'])));

test('a job runs as many pods at a time as it may, to as many successes as it wants', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 5, parallelism: 2 }));
  await steps(world, 3, ALL_RUN);
  assert.deepEqual([status(await work(world))['active'], status(await work(world))['ready']], [2, 2]);
  await steps(world, 16, ALL_WELL);
  const { conditions, startTime, completionTime, ...counts } = status(await work(world));
  assert.deepEqual(counts, { succeeded: 5, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
  assert.deepEqual((conditions as unknown as { type: string; reason: string }[]).map(({ type, reason }) => `${type} ${reason}`), ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
  assert.ok(Date.parse(startTime as string) <= Date.parse(completionTime as string));
  assert.deepEqual((await world.cluster.list('pods')).map(({ metadata }) => metadata.finalizers ?? []), [[], [], [], [], []]);
  assert.deepEqual((await events(world)).sort(), ['Completed', ...Array<string>(5).fill('SuccessfulCreate')]);
  assert.deepEqual(world.cluster.log, []);
});

test('without a number of completions the first success ends it', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ parallelism: 3 }));
  await steps(world, 8, ALL_WELL);
  assert.equal(await ended(world), 'Complete CompletionsReached');
  assert.equal((await world.cluster.list('pods')).length, 3);
});

test('failures are tried again, later each time, until they are too many', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ backoffLimit: 2 }));
  await steps(world, 6, ALL_BADLY);
  assert.equal((await world.cluster.list('pods')).length, 1, 'the second waits for ten seconds');
  await steps(world, 24, ALL_BADLY, 3_000);
  assert.equal(await ended(world), 'Failed BackoffLimitExceeded');
  assert.deepEqual([status(await work(world))['failed'], (await world.cluster.list('pods')).length], [3, 3]);
  assert.ok((await events(world)).includes('BackoffLimitExceeded'));
});

test('restarts in place count against the limit as well', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ backoffLimit: 1 }, { restartPolicy: 'OnFailure' }));
  await steps(world, 3, ALL_RUN);
  const [pod] = await world.cluster.list('pods');
  await world.cluster.change('pods', pod?.metadata.name ?? '', (current) => ({ ...current, status: { ...status(current), containerStatuses: [{ name: 'c', restartCount: 1 }] } }), 'status');
  await steps(world, 3, ALL_RUN);
  assert.equal(await ended(world), 'Failed BackoffLimitExceeded');
});

test('an indexed job has a pod for each index, that knows it', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 4, parallelism: 4, completionMode: 'Indexed' }));
  await steps(world, 3, ALL_RUN);
  const pods = await world.cluster.list('pods');
  assert.deepEqual(pods.map(({ metadata }) => metadata.annotations?.[INDEX]).sort(), ['0', '1', '2', '3']);
  for (const pod of pods) {
    const [container] = spec(pod)['containers'] as unknown as readonly { readonly env: readonly { readonly name: string; readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } } }[] }[];
    assert.equal(spec(pod)['hostname'], `work-${pod.metadata.labels?.[INDEX]}`);
    assert.deepEqual(container?.env.map(({ name, valueFrom }) => [name, valueFrom.fieldRef.fieldPath]), [['JOB_COMPLETION_INDEX', `metadata.labels['${INDEX}']`]]);
  }
  await steps(world, 4, ALL_WELL);
  assert.deepEqual([await ended(world), status(await work(world))['completedIndexes']], ['Complete CompletionsReached', '0-3']);
});

test('an index has failures of its own, and fails without the others', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 }));
  await steps(world, 3, ALL_RUN);
  const fail = async (index: string): Promise<void> => {
    for (const pod of await world.cluster.list('pods')) {
      if (pod.metadata.annotations?.[INDEX] === index && status(pod)['phase'] === 'Running') await world.cluster.change('pods', pod.metadata.name, (current) => ({ ...current, status: { phase: 'Failed', containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 1, finishedAt: world.cluster.now() } } }] } }), 'status');
    }
  };
  await fail('1');
  await steps(world, 2, ALL_RUN);
  assert.equal((await world.cluster.list('pods')).length, 3, 'the index waits');
  await steps(world, 8, ALL_RUN, 3_000);
  assert.deepEqual((await world.cluster.list('pods')).filter(({ metadata }) => metadata.annotations?.[INDEX] === '1').map(({ metadata }) => metadata.annotations?.[FAILURES]).sort(), ['0', '1']);
  await fail('1');
  await steps(world, 10, ALL_WELL, 3_000);
  const { completedIndexes, failedIndexes, failed, succeeded } = status(await work(world));
  assert.deepEqual([await ended(world), completedIndexes, failedIndexes, failed, succeeded], ['Failed FailedIndexes', '0,2', '1', 2, 2]);
});

test('an indexed job shrinks and grows with its parallelism', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }));
  await steps(world, 3, ALL_RUN);
  const size = (count: number): Promise<KubeObject> => world.cluster.patch('batch/jobs', 'work', (current) => ({ ...current, spec: { ...spec(current), completions: count, parallelism: count } }));
  const indexes = async (): Promise<unknown[]> => (await world.cluster.list('pods')).map(({ metadata }) => metadata.annotations?.[INDEX]).sort();
  await size(1);
  await steps(world, 3, ALL_RUN);
  assert.deepEqual([await indexes(), status(await work(world))['failed']], [['0'], undefined]);
  await size(2);
  await steps(world, 3, ALL_RUN);
  assert.deepEqual(await indexes(), ['0', '1']);
  await steps(world, 4, ALL_WELL);
  assert.deepEqual([await ended(world), status(await work(world))['completedIndexes']], ['Complete CompletionsReached', '0,1']);
});

for (const [name, rule, exitCode, expected, failed] of [
  ['FailJob ends it at once', { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }, 42, 'Failed PodFailurePolicy', 1],
  ['Ignore does not count', { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, 1, 'undefined undefined', undefined],
  ['what no rule meets counts', { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [7] } }, 7, 'Failed BackoffLimitExceeded', 1],
] as const) {
  test(`of a failure policy: ${name}`, async () => {
    const world = await open();
    await world.cluster.create('batch/jobs', job({ backoffLimit: 0, podFailurePolicy: { rules: [rule] } as unknown as JsonObject }));
    await steps(world, 3, ALL_RUN);
    const [pod] = await world.cluster.list('pods');
    await world.cluster.change('pods', pod?.metadata.name ?? '', (current) => ({ ...current, status: { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }], containerStatuses: [{ name: 'c', state: { terminated: { exitCode } } }] } }), 'status');
    await steps(world, 3, ALL_RUN);
    assert.deepEqual([await ended(world), status(await work(world))['failed']], [expected, failed]);
    if (exitCode === 42) assert.match(jobCondition(await work(world), 'Failed')?.message ?? '', /^Container c for pod default\/work-\w{5} failed with exit code 42 matching FailJob rule at index 0$/);
  });
}

const endOf = async ({ cluster }: World, index: string, exitCode: number): Promise<void> => {
  for (const pod of await cluster.list('pods')) {
    if (pod.metadata.annotations?.[INDEX] === index && status(pod)['phase'] === 'Running') await cluster.change('pods', pod.metadata.name, (current) => ({ ...current, status: { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [{ name: 'c', state: { terminated: { exitCode, finishedAt: cluster.now() } } }] } }), 'status');
  }
};

test('more indexes than may fail end it, and those that run with it', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 4, parallelism: 4, completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 1 }));
  await steps(world, 3, ALL_RUN);
  await endOf(world, '0', 1);
  await steps(world, 2, ALL_RUN);
  assert.deepEqual([await ended(world), status(await work(world))['failedIndexes'], status(await work(world))['active']], ['undefined undefined', '0', 3]);
  await endOf(world, '2', 1);
  await steps(world, 4, ALL_RUN);
  assert.deepEqual([await ended(world), status(await work(world))['active'], (await world.cluster.list('pods')).some((pod) => status(pod)['phase'] === 'Running')], ['Failed MaxFailedIndexesExceeded', undefined, false]);
});

test('a rule fails an index at once, whatever it had left', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 5, podFailurePolicy: { rules: [{ action: 'FailIndex', onExitCodes: { containerName: 'c', operator: 'In', values: [42] } }] } }));
  await steps(world, 3, ALL_RUN);
  await endOf(world, '1', 42);
  await endOf(world, '0', 0);
  await steps(world, 4, ALL_RUN);
  const { completedIndexes, failedIndexes } = status(await work(world));
  assert.deepEqual([await ended(world), completedIndexes, failedIndexes], ['Failed FailedIndexes', '0', '1']);
});

for (const [policy, beside] of [['TerminatingOrFailed', 2], ['Failed', 1]] as const) {
  test(`a pod that goes is replaced ${policy === 'Failed' ? 'when it has gone' : 'at once'} where the policy is ${policy}`, async () => {
    const world = await open();
    await world.cluster.create('batch/jobs', job({ podReplacementPolicy: policy, backoffLimit: 5 }));
    await steps(world, 3, ALL_RUN);
    const [pod] = await world.cluster.list('pods');
    await world.cluster.delete('pods', pod?.metadata.name ?? '');
    // Nothing of it ends yet: its node takes no step.
    await world.cluster.settle(12);
    const { terminating, failed } = status(await work(world));
    assert.deepEqual([(await world.cluster.list('pods')).length, terminating, failed], [beside, 1, policy === 'Failed' ? undefined : 1]);
    await world.cluster.change('pods', pod?.metadata.name ?? '', (current) => ({ ...current, status: { phase: 'Failed' } }), 'status');
    world.cluster.clock.advance(20_000);
    await steps(world, 4, ALL_RUN);
    assert.equal(status(await work(world))['active'], 1);
  });
}

test('who selects by hand keeps that selector, and its pods get no labels of the controller', async () => {
  const world = await open();
  const own = { manualSelector: true, selector: { matchLabels: { mine: 'yes' } } };
  const { spec: { template } } = job() as { readonly spec: { readonly template: JsonObject } };
  await world.cluster.create('batch/jobs', { metadata: { name: 'work' }, spec: { ...own, template: { ...template, metadata: { labels: { mine: 'yes' } } } } });
  await steps(world, 3, ALL_RUN);
  assert.deepEqual([spec(await work(world))['selector'], (await world.cluster.list('pods')).map(({ metadata }) => metadata.labels)], [own.selector, [{ mine: 'yes' }]]);
  await steps(world, 4, ALL_WELL);
  assert.equal(await ended(world), 'Complete CompletionsReached');
});

test('a job that another controller manages is let be', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ managedBy: 'example.com/queue' }));
  await steps(world, 3, ALL_RUN);
  assert.deepEqual([(await world.cluster.list('pods')).length, status(await work(world))], [0, {}]);
});

test('one that is to be forgotten at once is', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ ttlSecondsAfterFinished: 0 }));
  await steps(world, 8, ALL_WELL);
  assert.deepEqual([(await world.cluster.list('batch/jobs')).length, (await world.cluster.list('pods')).length], [0, 0]);
});

for (const [name, rules, indexes, expected] of [
  ['by a number', [{ succeededCount: 2 }], ['0', '3'], 'Complete SuccessPolicy'],
  ['by indexes, all of them', [{ succeededIndexes: '1,3' }], ['1', '3'], 'Complete SuccessPolicy'],
  ['not while one of them is missing', [{ succeededIndexes: '1,3' }], ['0', '3'], 'undefined undefined'],
  ['by the first rule that is met', [{ succeededCount: 4 }, { succeededIndexes: '0' }], ['0'], 'Complete SuccessPolicy'],
] as const) {
  test(`a success policy ends it ${name}`, async () => {
    const world = await open();
    await world.cluster.create('batch/jobs', job({ completions: 4, parallelism: 4, completionMode: 'Indexed', successPolicy: { rules } as unknown as JsonObject }));
    await steps(world, 3, ALL_RUN);
    for (const index of indexes) await endOf(world, index, 0);
    await steps(world, 4, ALL_RUN);
    assert.equal(await ended(world), expected);
    if (expected.startsWith('Complete')) assert.equal(jobCondition(await work(world), 'SuccessCriteriaMet')?.message, `Matched rules at index ${rules.length - 1}`);
  });
}

test('a success policy ends it before all indexes are done', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 3, parallelism: 1, completionMode: 'Indexed', successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] } }));
  await steps(world, 8, ALL_WELL);
  assert.deepEqual([await ended(world), status(await work(world))['completedIndexes']], ['Complete SuccessPolicy', '0']);
});

test('suspending ends the pods without counting them, and going on starts the clock anew', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ completions: 2, parallelism: 2, suspend: true, activeDeadlineSeconds: 100 }));
  await steps(world, 2, ALL_RUN);
  assert.equal((await world.cluster.list('pods')).length, 0);
  const suspend = (value: boolean): Promise<KubeObject> => world.cluster.change('batch/jobs', 'work', (current) => ({ ...current, spec: { ...spec(current), suspend: value } }));
  await suspend(false);
  await steps(world, 4, ALL_RUN, 10_000);
  assert.equal(status(await work(world))['active'], 2);
  await suspend(true);
  await steps(world, 4, ALL_RUN, 60_000);
  const { active, failed } = status(await work(world));
  assert.deepEqual([(await world.cluster.list('pods')).length, active, failed, await ended(world)], [0, undefined, undefined, 'undefined undefined']);
  await suspend(false);
  await steps(world, 8, ALL_WELL);
  assert.equal(await ended(world), 'Complete CompletionsReached');
  assert.deepEqual((await events(world)).filter((reason) => /Suspended|Resumed/.test(reason)).sort(), ['Resumed', 'Resumed', 'Suspended', 'Suspended']);
});

test('a deadline ends it, and a while after that it goes, with its pods', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ activeDeadlineSeconds: 30, ttlSecondsAfterFinished: 60 }));
  await steps(world, 5, ALL_RUN, 8_000);
  assert.equal(await ended(world), 'Failed DeadlineExceeded');
  assert.equal(status(await work(world))['failed'], 1);
  await steps(world, 8, ALL_RUN, 8_000);
  assert.deepEqual([(await world.cluster.list('batch/jobs')).length, (await world.cluster.list('pods')).length], [0, 0]);
});

test('pods of a job that is deleted lose what holds them, and go', async () => {
  const world = await open();
  await world.cluster.create('batch/jobs', job({ parallelism: 2 }));
  await steps(world, 3, ALL_RUN);
  await world.cluster.delete('batch/jobs', 'work');
  await steps(world, 3, ALL_RUN);
  assert.equal((await world.cluster.list('pods')).length, 0);
});

test('whatever fails and whoever dies, each pod is counted once, and the job ends', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 }), fc.boolean(), async (seed, completions, parallelism, indexed) => {
    const world = await open(seed, 40);
    const { cluster, nodes } = world;
    await cluster.create('batch/jobs', job({ completions, parallelism, backoffLimit: 1000, ...(indexed ? { completionMode: 'Indexed' } : {}) }));
    for (let round = 0; round < 8; round += 1) {
      await steps(world, 2, { succeeds: 40, fails: 60, pace: 160 }, 20_000);
      if (round % 3 === 1) await cluster.restart();
    }
    cluster.faults.rate = 0;
    for (let round = 0; round < 60 && await ended(world) === 'undefined undefined'; round += 1) await steps(world, 2, ALL_WELL, 200_000);
    const { succeeded = 0, failed = 0, uncountedTerminatedPods } = status(await work(world));
    assert.equal(await ended(world), 'Complete CompletionsReached');
    assert.deepEqual(uncountedTerminatedPods, {});
    assert.equal(failed, nodes.failed.size, 'failures');
    if (indexed) assert.equal(succeeded, completions);
    else assert.equal(succeeded, nodes.succeeded.size, 'successes');
  }), { numRuns: 4, seed: 7 });
});

test('ranges of indexes are written in one way, and read as written', () => {
  assert.equal(formatRanges([7, 1, 3, 4, 5, 9, 10]), '1,3-5,7,9,10');
  fc.assert(fc.property(fc.uniqueArray(fc.nat({ max: 60 })), (indexes) => {
    assert.deepEqual([...parseRanges(formatRanges(indexes), 61)].sort((a, b) => a - b), indexes.toSorted((a, b) => a - b));
  }));
  assert.deepEqual([...parseRanges('0-999999999,x,5-', 3)], [0, 1, 2]);
});
