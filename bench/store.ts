// `./gantry dev bench --only store`: the store in the process beside Debian's etcd on the same disk, at the port and through the API.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEtcdStore } from '#store/edge/etcd/etcd.ts';
import { openSqliteStore } from '#store/edge/sqlite.ts';
import type { Store } from '#store/store.ts';
import { startEtcd } from '../test/world/etcd.ts';
import { interleave, quantile, ratioOfMedians, seededRandom } from './measure.ts';
import { startCluster, type BenchCluster } from './store-cluster.ts';

const CLIENTS = 64;
const PODS = 10_000;
const WATCHERS = 1000;
const VALUE = JSON.stringify({ data: { text: 'x'.repeat(1000) } });
/** What the machine still writes of the case before is not the next one's. */
const REST_MS = 200;

interface Case {
  readonly what: string;
  /** Operations in one run; undefined: the whole of it is what counts. */
  readonly operations?: number;
  /** By who was measured, milliseconds of each run. */
  readonly ms: Map<string, number[]>;
}

export async function benchStore(checkout: string, parent: string, runs: number): Promise<string> {
  mkdirSync(parent, { recursive: true });
  const state = mkdtempSync(join(parent, 'store-'));
  const cases: Case[] = [];
  const etcd = await startEtcd(state);
  try {
    console.error('bench: the port of the store');
    cases.push(...await atThePort(state, etcd.url, runs));
    const clusters: BenchCluster[] = [];
    try {
      console.error('bench: clusters over both');
      clusters.push(await startCluster(checkout, { name: 'gantry', state, store: 'file' }));
      clusters.push(await startCluster(checkout, { name: 'etcd', state, store: `${etcd.url}/bench` }));
      cases.push(...await throughTheApi(clusters, runs));
    } finally {
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    }
  } finally {
    await etcd.stop();
    rmSync(state, { recursive: true, force: true });
  }
  return render(cases);
}

async function atThePort(state: string, etcdUrl: string, runs: number): Promise<Case[]> {
  const stores: readonly (readonly [string, Store])[] = [
    ['gantry', (await openSqliteStore(join(state, 'port.db'))).store], ['etcd', await openEtcdStore({ endpoints: [etcdUrl], tls: {}, base: '/port/' })],
  ];
  const alone: Case = { what: 'durable creates at the port, 1 client', operations: 500, ms: new Map() };
  const many: Case = { what: `durable creates at the port, ${CLIENTS} clients`, operations: 6400, ms: new Map() };
  let next = 0;
  const creates = (store: Store) => async (): Promise<void> => void await store.create(`registry/core/configmaps/default/c${next++}`, VALUE);
  for (const [name, store] of interleave(stores, runs)) {
    await measure(alone, name, () => repeated(1, alone.operations as number, creates(store)));
    await measure(many, name, () => repeated(CLIENTS, many.operations as number, creates(store)));
  }
  for (const [, store] of stores) await store.close();
  return [alone, many];
}

async function throughTheApi(clusters: readonly BenchCluster[], runs: number): Promise<Case[]> {
  const alone: Case = { what: 'creates through the API, 1 client', operations: 500, ms: new Map() };
  const many: Case = { what: `creates through the API, ${CLIENTS} clients`, operations: 3200, ms: new Map() };
  const lists: Case = { what: `list of ${PODS} pods`, ms: new Map() };
  const watches: Case = { what: `a change reaches ${WATCHERS} watchers`, ms: new Map() };
  let next = 0;
  const configMap = (): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${next++}` }, data: { text: 'x'.repeat(500) } });
  const creates = (cluster: BenchCluster) => async (): Promise<void> => expectCode(201, await cluster.call('POST', '/api/v1/namespaces/default/configmaps', configMap()));
  for (const cluster of interleave(clusters, runs)) {
    await measure(alone, cluster.name, () => repeated(1, alone.operations as number, creates(cluster)));
    await measure(many, cluster.name, () => repeated(CLIENTS, many.operations as number, creates(cluster)));
  }
  for (const cluster of clusters) {
    console.error(`bench: ${PODS} pods over ${cluster.name}`);
    let pod = 0;
    await repeated(CLIENTS, PODS, async () => expectCode(201, await cluster.call('POST', '/api/v1/namespaces/default/pods', podOf(pod++))));
  }
  for (const cluster of interleave(clusters, runs)) await measure(lists, cluster.name, async () => expectCode(200, await cluster.call('GET', '/api/v1/pods')));
  for (const cluster of clusters) await measureWatches(watches, cluster, runs);
  return [alone, many, lists, watches];
}

/** From when a change is sent until the last of the watchers has it. */
async function measureWatches(into: Case, cluster: BenchCluster, runs: number): Promise<void> {
  console.error(`bench: ${WATCHERS} watchers over ${cluster.name}`);
  let [seen, told] = [0, Promise.withResolvers<void>()];
  const watches = [];
  const onPiece = (text: string): void => {
    seen += text.split('"type":"ADDED"').length - 1;
    if (seen === WATCHERS) told.resolve();
  };
  const { body } = await cluster.call('GET', '/api/v1/namespaces/default/secrets');
  const { resourceVersion } = (JSON.parse(body.toString()) as { readonly metadata: { readonly resourceVersion: string } }).metadata;
  for (let count = 0; count < WATCHERS; count++) watches.push(await cluster.watch(`/api/v1/namespaces/default/secrets?watch=true&resourceVersion=${resourceVersion}`, onPiece));
  for (let run = 0; run < runs; run++) {
    [seen, told] = [0, Promise.withResolvers<void>()];
    await measure(into, cluster.name, async () => {
      expectCode(201, await cluster.call('POST', '/api/v1/namespaces/default/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: `s${run}` }, stringData: { text: 'x'.repeat(500) } }));
      await told.promise;
    });
  }
  for (const { close } of watches) close();
}

/** Like one of a deployment, for a scheduler that nobody runs. */
function podOf(index: number): object {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${index}`, labels: { app: 'web', 'pod-template-hash': '7d9c' } },
    spec: { schedulerName: 'nobody', containers: [{ name: 'c', image: 'web:1', env: [{ name: 'A', value: 'b' }], ports: [{ containerPort: 80 }], resources: { requests: { cpu: '1m', memory: '1Mi' } } }] },
  };
}

async function repeated(clients: number, times: number, work: () => Promise<void>): Promise<void> {
  let left = times;
  await Promise.all(Array.from({ length: clients }, async () => { while (left-- > 0) await work(); }));
}

async function measure(into: Case, name: string, work: () => Promise<void>): Promise<void> {
  await sleep(REST_MS);
  const began = performance.now();
  await work();
  into.ms.set(name, [...into.ms.get(name) ?? [], performance.now() - began]);
}

function expectCode(code: number, answer: { readonly code: number; readonly body: Buffer }): void {
  if (answer.code !== code) throw new Error(`${answer.code}: ${answer.body.toString('utf8', 0, 500)}`);
}

/** How many times as fast as over etcd: above 1 is faster. */
function render(cases: readonly Case[]): string {
  const rows = cases.flatMap(({ what, operations, ms }) => [...ms].map(([name, sample]) => {
    const shown = (value: number): string => operations === undefined ? `${value.toFixed(0)} ms` : `${Math.round(operations / value * 1000)}/s`;
    const ours = ms.get('gantry') as number[];
    const { ratio, low, high } = ratioOfMedians(sample, ours, seededRandom(1));
    return `| ${what} | ${name} | ${sample.length} | ${shown(quantile(sample, 0.5))} | ${shown(quantile(sample, 0.25))} to ${shown(quantile(sample, 0.75))} | ${name === 'gantry' ? '' : `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`} |`;
  }));
  return ['| case | store | runs | median | quartiles | Gantry is faster by (95 %) |', '| --- | --- | --- | --- | --- | --- |', ...rows, ''].join('\n');
}
