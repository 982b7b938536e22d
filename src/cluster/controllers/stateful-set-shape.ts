import type { JsonObject } from '#base/json.ts';
import type { LabelSelector } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { REVISION_HASH } from './controller-revision.ts';
import { isAvailable, isReady, phaseOf, specOf, type PodTemplate } from './pod-shape.ts';

// `apps.v1.StatefulSet`, as far as its controller looks at it. Field names are the API's.

export interface StatefulSetSpec {
  readonly replicas?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
  readonly serviceName?: string;
  readonly podManagementPolicy?: string;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly ordinals?: { readonly start?: number };
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number; readonly maxUnavailable?: string | number } };
  readonly volumeClaimTemplates?: readonly ClaimTemplate[];
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
}

export interface ClaimTemplate {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: JsonObject;
}

export interface StatefulSetStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly currentReplicas?: number;
  readonly updatedReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
}

export const setSpec = (set: KubeObject): StatefulSetSpec => specOf<StatefulSetSpec>(set);
export const setStatus = (set: KubeObject): StatefulSetStatus => (set['status'] ?? {}) as StatefulSetStatus;

/** `web-3` of the set `web` is 3. */
export function ordinalOf(set: KubeObject, pod: KubeObject): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const text = pod.metadata.name.startsWith(prefix) ? pod.metadata.name.slice(prefix.length) : '';
  return /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined;
}

export const revisionOfPod = ({ metadata }: KubeObject): string => metadata.labels?.[REVISION_HASH] ?? '';
/** Runs and is ready: the next one may follow once it has been so for long enough. */
export const isRunning = (pod: KubeObject): boolean => phaseOf(pod) === 'Running' && isReady(pod);
export const isSettled = (pod: KubeObject, { minReadySeconds = 0 }: StatefulSetSpec, nowMs: number): boolean => isRunning(pod) && isAvailable(pod, minReadySeconds, nowMs);
