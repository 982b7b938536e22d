import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { whyNoImage } from '../world/busybox.ts';
import { ClusterDaemon } from '../world/cluster-daemon.ts';
import { footprint } from '../world/leaks.ts';
import { placeOf } from '../world/place.ts';
import { eventually } from '../world/waiting.ts';

const SEED = Number(process.env['GANTRY_CRASH_SEED'] ?? Date.now() % 1_000_000);
/** The full number is for `npm run crash -- cluster`; a commit's tests take a sample. */
const KILLS = Number(process.env['GANTRY_CRASH_KILLS'] ?? (process.env['GANTRY_CRASH_SEED'] === undefined ? 2 : 6));
const WRITERS = 3;
const COMPLETIONS = 2;
const LONGEST_LIFE_MS = 1500;
const SETTLED_MS = 60_000;

const skip = whyNoImage() ?? false;
const namespace = 'default';
const MERGE = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch);

/** One who writes without end. What he was told is kept: that much must be true after every crash. */
class Writer {
  /** What each object may say: the last that was acknowledged, and what was asked for after it. */
  readonly kept = new Map<string, Set<string>>();
  readonly gone = new Set<string>();
  newest = 0;
  readonly #core: k8s.CoreV1Api;
  readonly #number: number;
  #round = 0;

  constructor(core: k8s.CoreV1Api, number: number) {
    this.#core = core;
    this.#number = number;
  }

  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.#round += 1;
      const name = `w${this.#number}-${this.#round}`;
      if (!await this.#say(name, '1', () => this.#core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { said: '1' } } }))) continue;
      await this.#say(name, '2', () => this.#core.patchNamespacedConfigMap({ namespace, name, body: { data: { said: '2' } } }, MERGE));
      const [oldest] = this.kept.keys();
      if (this.kept.size <= 5 || oldest === undefined) continue;
      // From the moment of asking on, nothing is certain about it.
      this.kept.delete(oldest);
      await this.#core.deleteNamespacedConfigMap({ namespace, name: oldest }).then(() => this.gone.add(oldest), () => {});
    }
  }

  async #say(name: string, text: string, write: () => Promise<k8s.V1ConfigMap>): Promise<boolean> {
    const allowed = this.kept.get(name);
    allowed?.add(text);
    try {
      const { metadata } = await write();
      this.newest = Number(metadata?.resourceVersion);
      this.kept.set(name, new Set([text]));
      return true;
    } catch {
      return false;
    }
  }
}

let cluster: ClusterDaemon;
const config = new k8s.KubeConfig();
let core: k8s.CoreV1Api;
let apps: k8s.AppsV1Api;
let batch: k8s.BatchV1Api;

before(async () => {
  if (skip !== false) return;
  cluster = await ClusterDaemon.start();
  config.loadFromFile(cluster.kubeconfig);
  [core, apps, batch] = [config.makeApiClient(k8s.CoreV1Api), config.makeApiClient(k8s.AppsV1Api), config.makeApiClient(k8s.BatchV1Api)];
  mkdirSync(`${cluster.daemon.directory}/starts`, { mode: 0o777 });
});

after(async () => {
  await cluster?.destroy();
});

/** Pods that come and go with the number of replicas, and jobs whose pods may run once and no more. */
async function churn(random: SeededRandom, jobs: Set<string>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const [replicas = 0] = random.bytes(1);
    await apps.patchNamespacedDeployment({ namespace, name: 'churn', body: { spec: { replicas: replicas % 4 } } }, MERGE).catch(() => {});
    const name = `job-${jobs.size}`;
    const container = { name: 'c', image: 'busybox', command: ['sh', '-c', 'echo $UID_OF_POD >> /starts/log; sleep 0.1'], env: [{ name: 'UID_OF_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } }], volumeMounts: [{ name: 'starts', mountPath: '/starts' }] };
    const template = { spec: { restartPolicy: 'Never', volumes: [{ name: 'starts', hostPath: { path: `${cluster.daemon.directory}/starts` } }], containers: [container] } };
    const isMade = await batch.createNamespacedJob({ namespace, body: { metadata: { name }, spec: { completions: COMPLETIONS, parallelism: COMPLETIONS, backoffLimit: 100, template } } }).then(() => true, () => false);
    // One that was not acknowledged may be there: its name is not used again.
    jobs.add(isMade ? name : `?${name}`);
    await pause(300);
  }
}

interface Row { readonly ID: string; readonly State: string; readonly Labels: string }

const rows = (): Row[] => cluster.daemon.ok('ps', '-a', '--no-trunc', '--format', '{{json .}}').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row);
const labelOf = ({ Labels }: Row, name: string): string => new RegExp(`(?:^|,)${name.replaceAll('.', '\\.')}=([^,]*)`).exec(Labels)?.[1] ?? '';

function checkNothingRunsTwice(where: string): void {
  const running = rows().filter(({ State }) => State === 'running').map((row) => `${labelOf(row, 'io.kubernetes.pod.uid')}/${labelOf(row, 'io.kubernetes.container.name')}`);
  assert.deepEqual(running.filter((each, at) => running.indexOf(each) !== at), [], `${where}: containers of one pod that run twice`);
  const starts = startsOfJobs();
  assert.deepEqual(starts.filter((each, at) => starts.indexOf(each) !== at), [], `${where}: pods that may run once and ran again`);
}

function startsOfJobs(): string[] {
  try {
    return readFileSync(`${cluster.daemon.directory}/starts/log`, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

async function checkWrites(writers: readonly Writer[], where: string): Promise<void> {
  const { items, metadata } = await core.listNamespacedConfigMap({ namespace });
  const said = new Map(items.map((item) => [item.metadata?.name ?? '', item.data?.['said'] ?? '']));
  for (const { kept, gone, newest } of writers) {
    for (const [name, allowed] of kept) assert.ok(allowed.has(said.get(name) ?? 'nothing'), `${where}: ${name} says ${said.get(name)}, and ${[...allowed].join(' or ')} was acknowledged`);
    for (const name of gone) assert.ok(!said.has(name), `${where}: ${name} is there again`);
    assert.ok(Number(metadata?.resourceVersion) >= newest, `${where}: the version goes back`);
  }
}

test(`kills of a cluster under churn lose no acknowledged write, run no pod twice and leave nothing: ${KILLS}, seed ${SEED}`, { skip, timeout: KILLS * 60_000 + 180_000 }, async () => {
  const random = new SeededRandom(SEED);
  const spec = { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sleep', '1000'] }] };
  await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'churn' }, spec: { replicas: 1, selector: { matchLabels: { app: 'churn' } }, template: { metadata: { labels: { app: 'churn' } }, spec } } } });
  const writers = Array.from({ length: WRITERS }, (_, number) => new Writer(core, number));
  const jobs = new Set<string>();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const where = `kill ${kill} of seed ${SEED}`;
    let isOver = false;
    const work = [...writers.map((writer) => writer.work(() => isOver)), churn(random, jobs, () => isOver)];
    const [high = 0, low = 0] = random.bytes(2);
    await pause(100 + ((high * 256 + low) % LONGEST_LIFE_MS));
    isOver = true;
    await cluster.restart();
    await Promise.all(work);
    await checkWrites(writers, where);
    checkNothingRunsTwice(where);
  }
  const acknowledged = [...jobs].filter((name) => !name.startsWith('?'));
  await eventually('all jobs are done', async () => new Map((await batch.listNamespacedJob({ namespace })).items.map(({ metadata, status }) => [metadata?.name ?? '', status?.succeeded ?? 0])), (done) => acknowledged.every((name) => done.get(name) === COMPLETIONS), SETTLED_MS);
  checkNothingRunsTwice('at the end');
  await eventually('the deployment is as it was asked to be', () => apps.readNamespacedDeployment({ namespace, name: 'churn' }), (churned) => (churned.status?.readyReplicas ?? 0) === churned.spec?.replicas && (churned.status?.replicas ?? 0) === churned.spec.replicas, SETTLED_MS);

  await apps.deleteNamespacedDeployment({ namespace, name: 'churn' });
  await batch.deleteCollectionNamespacedJob({ namespace, propagationPolicy: 'Background' });
  await eventually('all pods go', async () => (await core.listNamespacedPod({ namespace })).items.map(({ metadata }) => metadata?.name), (names) => names.length === 0, SETTLED_MS);
  const nothing = { links: [], cgroups: [], monitors: [], ports: [], bundles: [], snapshots: [], kept: [] };
  await eventually('nothing is left', () => {
    const { links, cgroups, monitors, ports, bundles, snapshots, kept } = footprint(placeOf(cluster.daemon));
    return { links, cgroups, monitors, ports, bundles, snapshots, kept };
  }, (left) => JSON.stringify(left) === JSON.stringify(nothing), SETTLED_MS);
  console.log(`${writers.reduce((sum, { kept, gone }) => sum + kept.size + gone.size, 0)} objects, ${acknowledged.length} jobs, ${startsOfJobs().length} pods that ran once`);
});
