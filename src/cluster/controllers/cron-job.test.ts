import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { cronJobController } from './cron-job.ts';
import { jobEnd } from './job-shape.ts';
import { SimulatedCluster, spec, status } from './simulated-cluster.ts';

const MINUTE = 60_000;
const cron = (more: JsonObject = {}): JsonObject => ({ metadata: { name: 'tick' }, spec: { schedule: '* * * * *', jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } }, ...more } });

async function open(more: JsonObject = {}, seed = 1, faultRate = 0): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster([cronJobController], seed, faultRate);
  await cluster.runtime.open();
  // The clock begins at a full minute.
  cluster.clock.advance(MINUTE - Number(cluster.clock.nowNs() / 1_000_000n) % MINUTE);
  await cluster.create('batch/cronjobs', cron(more));
  await cluster.settle(4);
  return cluster;
}

async function pass(cluster: SimulatedCluster, minutes: number): Promise<void> {
  cluster.clock.advance(minutes * MINUTE);
  await cluster.settle(6);
}

async function finish(cluster: SimulatedCluster, type: 'Complete' | 'Failed' = 'Complete'): Promise<void> {
  for (const job of await cluster.list('batch/jobs')) {
    if (jobEnd(job) === undefined) await cluster.change('batch/jobs', job.metadata.name, (current) => ({ ...current, status: { startTime: current.metadata.creationTimestamp, completionTime: cluster.now(), conditions: [{ type, status: 'True', lastTransitionTime: cluster.now() }] } }), 'status');
  }
  await cluster.settle(6);
}

const tick = (cluster: SimulatedCluster): Promise<KubeObject> => cluster.get('batch/cronjobs', 'tick');
const jobs = async (cluster: SimulatedCluster): Promise<number> => (await cluster.list('batch/jobs')).length;
const events = async (cluster: SimulatedCluster): Promise<string[]> => (await cluster.list('events')).map((event) => String(event['reason']));

test('each time makes one job, named after its minute', async () => {
  const cluster = await open();
  assert.equal(await jobs(cluster), 0);
  await pass(cluster, 1);
  const [job] = await cluster.list('batch/jobs');
  const due = Math.floor(Number(cluster.clock.nowNs() / 1_000_000n) / MINUTE);
  assert.deepEqual([job?.metadata.name, job?.metadata.labels?.['a'], job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']], [`tick-${due}`, 'b', timeText(due * MINUTE)]);
  const { active, lastScheduleTime } = status(await tick(cluster));
  assert.deepEqual([(active as unknown as { name: string }[]).map(({ name }) => name), lastScheduleTime], [[`tick-${due}`], timeText(due * MINUTE)]);
  await finish(cluster);
  const { active: then, lastSuccessfulTime } = status(await tick(cluster));
  assert.deepEqual([then, typeof lastSuccessfulTime], [undefined, 'string']);
  assert.deepEqual((await events(cluster)).sort(), ['SawCompletedJob', 'SuccessfulCreate']);
  assert.deepEqual(cluster.log, []);
});

for (const [policy, expected] of [['Allow', 2], ['Forbid', 1], ['Replace', 1]] as const) {
  test(`while one runs, ${policy} ${policy === 'Allow' ? 'runs another beside it' : policy === 'Forbid' ? 'waits' : 'puts the next in its place'}`, async () => {
    const cluster = await open({ concurrencyPolicy: policy });
    await pass(cluster, 1);
    const [first] = await cluster.list('batch/jobs');
    await pass(cluster, 1);
    assert.equal(await jobs(cluster), expected);
    assert.equal((await cluster.list('batch/jobs')).some(({ metadata }) => metadata.uid === first?.metadata.uid), policy !== 'Replace');
    assert.equal((await events(cluster)).includes('JobAlreadyActive'), policy === 'Forbid');
    if (policy !== 'Forbid') return;
    await finish(cluster);
    assert.equal(await jobs(cluster), 2, 'the time that was missed is made good');
  });
}

test('of times that were missed the last is made good, within the deadline', async () => {
  const cluster = await open({ schedule: '*/10 * * * *' });
  cluster.runtime.close();
  cluster.clock.advance(35 * MINUTE);
  await cluster.restart();
  await cluster.settle(6);
  assert.equal(await jobs(cluster), 1);
  const late = await open({ schedule: '*/10 * * * *', startingDeadlineSeconds: 60 });
  late.runtime.close();
  late.clock.advance(45 * MINUTE - Number(late.clock.nowNs() / 1_000_000n) % (10 * MINUTE));
  await late.restart();
  await late.settle(6);
  assert.equal(await jobs(late), 0);
  const many = await open();
  many.runtime.close();
  many.clock.advance(200 * MINUTE);
  await many.restart();
  await many.settle(6);
  assert.deepEqual([await jobs(many), (await events(many)).includes('TooManyMissedTimes')], [1, true]);
});

test('a schedule is meant in the zone that it names', async () => {
  const cluster = await open({ schedule: '30 9 * * *', timeZone: 'Asia/Kolkata' });
  const minutes = Number(cluster.clock.nowNs() / 1_000_000n) / MINUTE;
  // Half past nine in India is four o'clock in UTC.
  await pass(cluster, (4 * 60 - minutes % (24 * 60) + 24 * 60) % (24 * 60) - 1);
  assert.equal(await jobs(cluster), 0);
  await pass(cluster, 1);
  const [job, ...others] = await cluster.list('batch/jobs');
  assert.match(job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '', /^2026-\d\d-\d\dT09:30:00\+05:30$/);
  assert.deepEqual(others, []);
});

test('none of those that are over are kept where that is said', async () => {
  const cluster = await open({ successfulJobsHistoryLimit: 0 });
  await pass(cluster, 1);
  await finish(cluster);
  assert.equal(await jobs(cluster), 0);
  assert.ok(status(await tick(cluster))['lastSuccessfulTime'] !== undefined);
});

test('what a suspended one missed is made good once, when it goes on within the deadline', async () => {
  for (const [startingDeadlineSeconds, expected] of [[undefined, 1], [20, 0]] as const) {
    const cluster = await open({ suspend: true, ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }) });
    await pass(cluster, 3.5);
    assert.equal(await jobs(cluster), 0);
    await cluster.change('batch/cronjobs', 'tick', (current) => ({ ...current, spec: { ...spec(current), suspend: false } }));
    await cluster.settle(6);
    assert.equal(await jobs(cluster), expected);
  }
});

test('a suspended one rests, and only the last that are over are kept', async () => {
  const cluster = await open({ successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 0 });
  for (let minute = 0; minute < 4; minute += 1) {
    await pass(cluster, 1);
    await finish(cluster);
  }
  assert.equal(await jobs(cluster), 2);
  await pass(cluster, 1);
  await finish(cluster, 'Failed');
  assert.equal(await jobs(cluster), 2);
  await cluster.change('batch/cronjobs', 'tick', (current) => ({ ...current, spec: { ...spec(current), suspend: true } }));
  await pass(cluster, 3);
  assert.equal(await jobs(cluster), 2);
});

test('whatever fails and whoever dies, no time makes two jobs and the last one makes one', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), async (seed) => {
    const cluster = await open({ successfulJobsHistoryLimit: 100 }, seed, 60);
    for (let round = 0; round < 6; round += 1) {
      await pass(cluster, 1);
      await cluster.settle(10);
      await finish(cluster);
      if (round % 2 === 1) await cluster.restart();
    }
    cluster.faults.rate = 0;
    await pass(cluster, 2);
    const made = (await cluster.list('batch/jobs')).map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '');
    assert.equal(new Set(made).size, made.length);
    assert.equal(made.sort().at(-1), timeText(Math.floor(Number(cluster.clock.nowNs() / 1_000_000n) / MINUTE) * MINUTE));
    assert.equal(made.at(-1), status(await tick(cluster))['lastScheduleTime']);
  }), { numRuns: 3, seed: 3 });
});
