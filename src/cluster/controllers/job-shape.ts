import type { LabelSelector } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { PodFailurePolicy } from './pod-failure-policy.ts';
import { isFinished, phaseOf, specOf, statusOf, type PodTemplate } from './pod-shape.ts';
import { isDeleted } from './owned.ts';

// `batch.v1.Job`, as far as its controllers look at it. Field names are the API's.

export interface JobSpec {
  readonly parallelism?: number;
  readonly completions?: number;
  readonly completionMode?: string;
  readonly activeDeadlineSeconds?: number;
  readonly backoffLimit?: number;
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly podFailurePolicy?: PodFailurePolicy;
  readonly podReplacementPolicy?: string;
  readonly successPolicy?: { readonly rules?: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[] };
  readonly selector?: LabelSelector;
  readonly suspend?: boolean;
  readonly managedBy?: string;
  readonly ttlSecondsAfterFinished?: number;
  readonly template?: PodTemplate & { readonly spec?: { readonly restartPolicy?: string } };
}

export interface JobCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
}

export interface JobStatus {
  readonly conditions?: readonly JobCondition[];
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly active?: number;
  readonly ready?: number;
  readonly terminating?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly completedIndexes?: string;
  readonly failedIndexes?: string;
  readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] };
}

/** Keeps a pod until it has been counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';
export const INDEX = 'batch.kubernetes.io/job-completion-index';
/** How often pods of the same index had failed before this one. */
export const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
export const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

export const jobSpec = (job: KubeObject): JobSpec => specOf<JobSpec>(job);
export const jobStatus = (job: KubeObject): JobStatus => (job['status'] ?? {}) as JobStatus;

export function jobCondition(job: KubeObject, type: string): JobCondition | undefined {
  return jobStatus(job).conditions?.find((each) => each.type === type && each.status === 'True');
}

/** It is over, one way or the other: the condition that says so. */
export const jobEnd = (job: KubeObject): JobCondition | undefined => jobCondition(job, 'Complete') ?? jobCondition(job, 'Failed');

export const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === 'Indexed';
export const hasTracking = ({ metadata }: KubeObject): boolean => metadata.finalizers?.includes(TRACKING) === true;

export function untracked(pod: KubeObject): KubeObject {
  return { ...pod, metadata: { ...pod.metadata, finalizers: (pod.metadata.finalizers ?? []).filter((each) => each !== TRACKING) } };
}

/** Runs, or may yet. */
export const isActive = (pod: KubeObject): boolean => !isFinished(pod) && !isDeleted(pod);

/** Ended badly. Where pods are replaced before they are gone, one that is on its way out has, too. */
export function hasFailed({ podReplacementPolicy }: JobSpec, pod: KubeObject): boolean {
  if (phaseOf(pod) === 'Failed') return true;
  return podReplacementPolicy !== 'Failed' && isDeleted(pod) && phaseOf(pod) !== 'Succeeded';
}

/** Its completion index, where it has one of this job's. */
export function indexOf({ completions = 0 }: JobSpec, { metadata }: KubeObject): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text !== undefined && /^\d+$/.test(text) && Number(text) < completions ? Number(text) : undefined;
}

export function annotatedCount({ metadata }: KubeObject, name: string): number {
  const text = metadata.annotations?.[name] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** When a pod ended: its last container, or else the last that is known of it. */
export function finishedAtMs(pod: KubeObject): number {
  const { containerStatuses = [], conditions = [] } = statusOf(pod);
  const times = containerStatuses.flatMap(({ state }) => Date.parse(state?.terminated?.finishedAt ?? '')).filter((ms) => !Number.isNaN(ms));
  if (times.length > 0) return Math.max(...times);
  const ready = Date.parse(conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
  return Number.isNaN(ready) ? Date.parse(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp) : ready;
}
