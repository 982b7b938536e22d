import type { KubeObject } from '#cluster/kinds/object.ts';
import { isReady, phaseOf, readyForMs, specOf, statusOf } from './pod-shape.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES: readonly string[] = ['Pending', 'Unknown', 'Running'];

/** Those first whose loss costs least (upstream's `ActivePodsWithRanks`): unplaced, pending, not ready, cheap, young, often restarted. */
export function inOrderOfDeletion(pods: readonly KubeObject[], nowMs: number): KubeObject[] {
  return [...pods].sort((a, b) =>
    isPlaced(a) - isPlaced(b)
    || PHASES.indexOf(phaseOf(a)) - PHASES.indexOf(phaseOf(b))
    || Number(isReady(a)) - Number(isReady(b))
    || costOf(a) - costOf(b)
    || Math.floor(log2(readyForMs(a, nowMs))) - Math.floor(log2(readyForMs(b, nowMs)))
    || restartsOf(b) - restartsOf(a)
    || Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp)
    || (a.metadata.uid < b.metadata.uid ? -1 : 1));
}

const isPlaced = (pod: KubeObject): number => (specOf<{ nodeName?: string }>(pod).nodeName ?? '') === '' ? 0 : 1;
const costOf = (pod: KubeObject): number => Number(pod.metadata.annotations?.[COST] ?? 0) || 0;
const restartsOf = (pod: KubeObject): number => Math.max(0, ...(statusOf(pod).containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount));
const log2 = (ms: number): number => ms <= 0 ? 0 : Math.log2(ms);
