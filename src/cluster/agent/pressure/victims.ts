import type { KubeObject } from '#cluster/kinds/object.ts';
import { priorityOf, podSpec, requestsOf } from '#cluster/scheduler/pod-shape.ts';
import { pressureOf, type Pressure } from './pressure.ts';
import type { Met } from './thresholds.ts';

/** What a pod takes of the node. */
export interface PodUse {
  readonly pod: KubeObject;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly processes: number;
}

/** `system-node-critical` and `system-cluster-critical` begin here: the node is nothing without them. */
const CRITICAL_PRIORITY = 2_000_000_000;

interface Taken { readonly used: (use: PodUse) => number; readonly requested: (pod: KubeObject) => number; readonly resource: string }

const TAKEN: Readonly<Record<Pressure, Taken>> = {
  MemoryPressure: { resource: 'memory', used: ({ memoryBytes }) => memoryBytes, requested: (pod) => requestsOf(podSpec(pod)).get('memory') ?? 0 },
  DiskPressure: { resource: 'ephemeral-storage', used: ({ diskBytes }) => diskBytes, requested: (pod) => requestsOf(podSpec(pod)).get('ephemeral-storage') ?? 0 },
  // Nobody can ask for process ids: all are above what they asked for.
  PIDPressure: { resource: 'pids', used: ({ processes }) => processes, requested: () => -1 },
};

/**
 * Pods in the order in which they go: those that use more than they asked for, of these the least important, of these the one
 * that is farthest above what it asked for (kubernetes.io, "Pod selection for kubelet eviction"). Critical ones never go.
 */
export function rankVictims(uses: readonly PodUse[], pressure: Pressure): readonly PodUse[] {
  const { used, requested } = TAKEN[pressure];
  const above = (use: PodUse): number => used(use) - requested(use.pod);
  return uses.filter(({ pod }) => priorityOf(pod) < CRITICAL_PRIORITY).toSorted((one, other) => Number(above(other) > 0) - Number(above(one) > 0) || priorityOf(one.pod) - priorityOf(other.pod) || above(other) - above(one));
}

/** The first threshold that something is done about: memory before everything else, as the kernel would kill there. */
export function mostUrgent(met: readonly Met[]): Met | undefined {
  return met.find(({ threshold }) => threshold.signal === 'memory.available') ?? met[0];
}

/** What the status of an evicted pod says. */
export function evictionMessage({ threshold, left }: Met, use: PodUse): string {
  const { resource, used, requested } = TAKEN[pressureOf(threshold.signal)];
  const own = resource === 'pids' ? ` The pod had ${used(use)} processes.` : ` The pod was using ${used(use)}, request is ${requested(use.pod)}${used(use) > requested(use.pod) ? `, has larger consumption of ${resource}` : ''}.`;
  return `The node was low on resource: ${resource}. Threshold quantity: ${threshold.text}, available: ${left}.${own}`;
}
