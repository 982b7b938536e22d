import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { NewObject, Write } from '#cluster/loop/controller.ts';
import { annotatedCount, FAILURES, finishedAtMs, hasFailed, hasTracking, IGNORED_FAILURES, INDEX, indexOf, isActive, isIndexed, jobSpec, TRACKING, untracked, type JobSpec } from './job-shape.ts';
import { attemptOf, type Tally } from './job-tally.ts';
import { isDeleted } from './owned.ts';
import { inOrderOfDeletion } from './pod-deletion-order.ts';
import { judgeFailure } from './pod-failure-policy.ts';
import { isFinished, phaseOf, podOf } from './pod-shape.ts';

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 360_000;
/** Pods made or deleted in one look. */
const BURST = 500;

export interface PodChanges {
  readonly writes: readonly Write[];
  /** Until the next pod may be made. */
  readonly waitMs?: number;
}

/** Makes and ends pods until as many run as should. */
export function changePods(job: KubeObject, pods: readonly KubeObject[], count: Tally, nowMs: number): PodChanges {
  const spec = jobSpec(job);
  const active = pods.filter(isActive);
  const surplus = surplusOf(spec, active, nowMs);
  if (surplus.length > 0) return { writes: surplus.slice(0, BURST).flatMap((pod) => dismiss(job, pod, `${active.length} pods run, ${spec.parallelism ?? 1} may`)) };
  const onlyFailed = spec.podReplacementPolicy === 'Failed';
  const leaving = onlyFailed ? pods.filter((pod) => isDeleted(pod) && !isFinished(pod)) : [];
  const missing = Math.min(wantedActive(spec, count, active.length) - active.length - leaving.length, BURST);
  if (missing <= 0) return { writes: [] };
  if (spec.backoffLimitPerIndex !== undefined) return replaceByIndex(job, pods, count, [...active, ...leaving], missing, nowMs);
  const waitMs = backoffMs(spec, pods) - nowMs;
  if (waitMs > 0) return { writes: [], waitMs };
  const why = `${active.length} pods run, ${count.succeeded} have succeeded${spec.completions === undefined ? '' : ` of ${spec.completions}`}`;
  if (!isIndexed(spec)) return { writes: Array.from({ length: missing }, (): Write => ({ kind: 'create', resource: 'pods', object: podOf(job, spec.template ?? {}, { finalizers: [TRACKING] }), announceOn: job, why })) };
  return { writes: openIndexes(spec, count, [...active, ...leaving]).slice(0, missing).map((index): Write => ({ kind: 'create', resource: 'pods', object: indexedPod(job, index, {}), announceOn: job, why })) };
}

/** Ends a pod that is not to be counted: the finalizer goes first. */
export function dismiss(job: KubeObject, pod: KubeObject, why: string): Write[] {
  const release: Write[] = hasTracking(pod) ? [{ kind: 'update', resource: 'pods', object: untracked(pod), why }] : [];
  return [...release, { kind: 'delete', resource: 'pods', object: pod, announceOn: job, why }];
}

function wantedActive({ completions, parallelism = 1 }: JobSpec, { succeeded, failedIndexes }: Tally, active: number): number {
  // Without a number, the first success tells the others to end as well.
  if (completions === undefined) return succeeded > 0 ? Math.min(active, parallelism) : parallelism;
  return Math.min(Math.max(0, completions - succeeded - failedIndexes.size), parallelism);
}

/** Those that can't be counted first, second pods of an index and those of none, then the ones whose loss costs least. */
function surplusOf(spec: JobSpec, active: readonly KubeObject[], nowMs: number): KubeObject[] {
  const seen = new Set<number>();
  const useless = active.filter((pod) => {
    // Its dismissal was cut short.
    if (!hasTracking(pod) || !isIndexed(spec)) return !hasTracking(pod);
    const index = indexOf(spec, pod);
    if (index === undefined || seen.has(index)) return true;
    seen.add(index);
    return false;
  });
  const rest = active.filter((pod) => !useless.includes(pod));
  return [...useless, ...inOrderOfDeletion(rest, nowMs).slice(0, Math.max(0, rest.length - (spec.parallelism ?? 1)))];
}

function openIndexes({ completions = 0, ...spec }: JobSpec, { completed, failedIndexes }: Tally, present: readonly KubeObject[]): number[] {
  const taken = new Set(present.map((pod) => indexOf({ ...spec, completions }, pod)));
  return Array.from({ length: completions }, (_, index) => index).filter((index) => !completed.has(index) && !failedIndexes.has(index) && !taken.has(index));
}

/** Each index waits for itself, by its own number of failures. */
function replaceByIndex(job: KubeObject, pods: readonly KubeObject[], count: Tally, present: readonly KubeObject[], missing: number, nowMs: number): PodChanges {
  const spec = jobSpec(job);
  const writes: Write[] = [];
  let waitMs = Number.POSITIVE_INFINITY;
  for (const index of openIndexes(spec, count, present)) {
    if (writes.length >= missing) break;
    const last = pods.filter((pod) => indexOf(spec, pod) === index && hasFailed(spec, pod)).sort((a, b) => attemptOf(b) - attemptOf(a))[0];
    const wait = last === undefined ? 0 : finishedAtMs(last) + delayMs(attemptOf(last) + 1) - nowMs;
    if (wait > 0) waitMs = Math.min(waitMs, wait);
    else writes.push({ kind: 'create', resource: 'pods', object: indexedPod(job, index, failuresAfter(spec, last)), announceOn: job, why: `index ${index} has neither succeeded nor failed` });
  }
  return { writes, ...(waitMs === Number.POSITIVE_INFINITY ? {} : { waitMs }) };
}

function failuresAfter(spec: JobSpec, last: KubeObject | undefined): Record<string, string> {
  if (last === undefined) return { [FAILURES]: '0' };
  const isIgnored = judgeFailure(spec.podFailurePolicy, last).action === 'Ignore';
  const ignored = annotatedCount(last, IGNORED_FAILURES) + (isIgnored ? 1 : 0);
  return { [FAILURES]: String(annotatedCount(last, FAILURES) + (isIgnored ? 0 : 1)), ...(ignored === 0 ? {} : { [IGNORED_FAILURES]: String(ignored) }) };
}

/** When the next pod may be made: later with each failure since the last success. */
function backoffMs(spec: JobSpec, pods: readonly KubeObject[]): number {
  const lastSuccess = Math.max(0, ...pods.filter((pod) => phaseOf(pod) === 'Succeeded').map(finishedAtMs));
  const failures = pods.filter((pod) => phaseOf(pod) === 'Failed' && judgeFailure(spec.podFailurePolicy, pod).action !== 'Ignore').map(finishedAtMs).filter((ms) => ms > lastSuccess);
  return failures.length === 0 ? 0 : Math.max(...failures) + delayMs(failures.length);
}

const delayMs = (failures: number): number => Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);

/** A pod that knows its index: by annotation, label, environment, name and host name. */
function indexedPod(job: KubeObject, index: number, failures: Readonly<Record<string, string>>): NewObject {
  const { template = {} } = jobSpec(job);
  const name = `${job.metadata.name}-${index}`;
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` } } };
  const withIndex = (containers: Json | undefined): Json => (containers as readonly JsonObject[]).map((container) => {
    const env = (container['env'] ?? []) as readonly JsonObject[];
    return env.some((each) => each['name'] === variable.name) ? container : { ...container, env: [...env, variable] };
  });
  const spec: JsonObject = template.spec ?? {};
  return podOf(job, template, {
    generateName: `${name}-`, finalizers: [TRACKING], annotations: { [INDEX]: String(index), ...failures }, labels: { [INDEX]: String(index) },
    spec: { ...Object.fromEntries(['containers', 'initContainers'].filter((list) => spec[list] !== undefined).map((list) => [list, withIndex(spec[list])])), ...(spec['hostname'] === undefined ? { hostname: name } : {}) },
  });
}
