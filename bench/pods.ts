// `./gantry dev bench --only pods`, or `node bench/pods.ts [--runs N] [--burst N]`: what pods of an image that is there cost, from their creation to Running as a watch sees it.
import { parseArgs } from 'node:util';
import { mkdtempSync, rmSync } from 'node:fs';
import * as k8s from '@kubernetes/client-node';
import { ClusterDaemon } from '../test/world/cluster-daemon.ts';
import { quantile } from './measure.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '30' }, burst: { type: 'string', default: '110' }, state: { type: 'string', default: '/var/tmp' } } });
const namespace = 'default';

interface Seen {
  readonly scheduledMs?: number;
  readonly sandboxMs?: number;
  readonly runningMs?: number;
  readonly goneMs?: number;
}

/** When a watch saw each pod for the first time in each phase of its start. */
class Watching {
  readonly seen = new Map<string, Seen>();
  readonly #waiting: { readonly isSo: () => boolean; readonly resolve: () => void }[] = [];

  take(phase: string, pod: k8s.V1Pod): void {
    const name = pod.metadata?.name ?? '';
    const before = this.seen.get(name) ?? {};
    const now = performance.now();
    const is = (type: string): boolean => pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
    this.seen.set(name, {
      ...before, ...(before.scheduledMs === undefined && is('PodScheduled') ? { scheduledMs: now } : {}), ...(before.sandboxMs === undefined && is('PodReadyToStartContainers') ? { sandboxMs: now } : {}),
      ...(before.runningMs === undefined && pod.status?.phase === 'Running' ? { runningMs: now } : {}), ...(phase === 'DELETED' ? { goneMs: now } : {}),
    });
    for (const waiter of this.#waiting) if (waiter.isSo()) waiter.resolve();
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ isSo, resolve });
      if (isSo()) resolve();
    });
  }
}

const root = mkdtempSync(`${values.state}/gantry-pods-`);
// Where a daemon is installed, /run is in memory.
const cluster = await ClusterDaemon.start([], `${root}/root`, '/dev/shm');
try {
  const config = new k8s.KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  const core = config.makeApiClient(k8s.CoreV1Api);
  const watching = new Watching();
  const watch = await new k8s.Watch(config).watch(`/api/v1/namespaces/${namespace}/pods`, {}, (phase, pod: k8s.V1Pod) => watching.take(phase, pod), () => {});
  const create = async (name: string): Promise<void> => void await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'busybox', imagePullPolicy: 'IfNotPresent', command: ['sleep', '1000'] }] } } });
  const remove = async (names: readonly string[]): Promise<void> => {
    await Promise.all(names.map((name) => core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 1 })));
    await watching.until(() => names.every((name) => watching.seen.get(name)?.goneMs !== undefined));
  };

  const alone: { readonly scheduled: number; readonly sandbox: number; readonly running: number }[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    const name = `one-${run}`;
    const began = performance.now();
    await create(name);
    await watching.until(() => watching.seen.get(name)?.runningMs !== undefined);
    const { scheduledMs = 0, sandboxMs = 0, runningMs = 0 } = watching.seen.get(name) ?? {};
    alone.push({ scheduled: scheduledMs - began, sandbox: sandboxMs - began, running: runningMs - began });
    await remove([name]);
  }
  const names = Array.from({ length: Number(values.burst) }, (_, number) => `many-${number}`);
  const began = performance.now();
  await Promise.all(names.map(create));
  const createdMs = performance.now() - began;
  await watching.until(() => names.every((name) => watching.seen.get(name)?.runningMs !== undefined));
  const burstMs = performance.now() - began;
  const removalBegan = performance.now();
  await remove(names);
  watch.abort();
  const ms = (of: 'scheduled' | 'sandbox' | 'running', share: number): number => Math.round(quantile(alone.map((each) => each[of]), share));
  console.log(JSON.stringify({
    alone: { runs: alone.length, scheduledMs: ms('scheduled', 0.5), sandboxMs: ms('sandbox', 0.5), runningMs: { p50: ms('running', 0.5), p90: ms('running', 0.9) } },
    burst: { pods: names.length, createdMs: Math.round(createdMs), allRunningMs: Math.round(burstMs), removedMs: Math.round(performance.now() - removalBegan) },
  }));
} finally {
  await cluster.destroy();
  rmSync(root, { recursive: true, force: true });
}
