import { same } from '#cluster/api/same.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, splitKey, type Controller, type Plan, type View, type Write } from '#cluster/loop/controller.ts';
import type { Index } from '#cluster/loop/object-index.ts';
import { adoptions, keysOfPod, selectsBy } from './adoption.ts';
import { decideOutcome, deadlineWaitMs, outcomeOf, type Outcome } from './job-outcome.ts';
import { changePods, dismiss, type PodChanges } from './job-pods.ts';
import { hasTracking, isActive, jobCondition, jobEnd, jobSpec, jobStatus, TRACKING, untracked, type JobCondition, type JobStatus } from './job-shape.ts';
import { tally, type Tally } from './job-tally.ts';
import { controlledBy, controllerOf, isDeleted, ownerKey } from './owned.ts';
import { isFinished, isReady } from './pod-shape.ts';

const RESOURCE = 'batch/jobs';
const OWN_NAME = 'kubernetes.io/job-controller';

const selects = (job: KubeObject, pod: KubeObject): boolean => selectsBy(jobSpec(job).selector, pod);

/** Runs pods until enough of them have succeeded, or too many have failed. */
export const jobController: Controller = {
  name: 'job-controller',
  reads: [RESOURCE, 'pods'],
  writes: [RESOURCE, 'pods'],
  keysFor: (resource, object, view) => resource === RESOURCE ? [keyOf(object)] : keysOfPod(RESOURCE, 'Job', selects, object, view),
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const job = view.get(RESOURCE, namespace, name);
    const strangers = strangersOf(namespace, name, job, view);
    if (job === undefined || (jobSpec(job).managedBy ?? OWN_NAME) !== OWN_NAME) return { writes: strangers };
    const pods = controlledBy(job, 'pods', view);
    if (isDeleted(job) || jobEnd(job) !== undefined) return { writes: [...strangers, ...release(pods.filter(hasTracking))] };
    const adopted = adoptions(job, selects, view, [TRACKING]);
    if (adopted.length > 0) return { writes: [...strangers, ...adopted] };
    const plan = planJob(job, pods, nowMs);
    return { ...plan, writes: [...strangers, ...plan.writes] };
  },
};

const trackedByJob: Index = { keysOf: (pod) => hasTracking(pod) ? ownerKey(pod, 'Job') : [] };

/** Pods of a job of this name that is no more: nobody counts them. */
function strangersOf(namespace: string | undefined, name: string, job: KubeObject | undefined, view: View): Write[] {
  return release([...view.indexed('pods', trackedByJob, `${namespace ?? ''}/${name}`)].filter((pod) => controllerOf(pod)?.uid !== job?.metadata.uid));
}

function release(pods: readonly KubeObject[]): Write[] {
  return pods.map((pod) => ({ kind: 'update', resource: 'pods', object: untracked(pod), why: 'it is counted' }));
}

/** The status comes first: a pod that it does not have yet keeps its finalizer. */
function planJob(given: KubeObject, pods: readonly KubeObject[], nowMs: number): Plan {
  const job = started(given, nowMs);
  const decided = outcomeOf(job);
  const count = tally(job, pods, decided === undefined ? undefined : decided.type === 'FailureTarget' ? 'Failed' : 'Complete');
  const outcome = decided ?? decideOutcome(job, pods, count, nowMs);
  const changes = outcome !== undefined ? endAll(job, pods) : jobSpec(job).suspend === true ? suspendAll(job, pods) : changePods(job, pods, count, nowMs);
  const isOver = outcome !== undefined && decided !== undefined && pods.every(isFinished) && count.release.length === 0;
  const conditions = conditionsOf(job, outcome, isOver, nowMs);
  const status = statusOf(job, pods, count, conditions, isOver, nowMs);
  const news = conditions.filter((each) => jobStatus(job).conditions?.some(({ type, status: is }) => type === each.type && is === each.status) !== true);
  const writes: Write[] = [
    ...(same(status, given['status']) ? [] : [{ kind: 'status', resource: RESOURCE, object: { ...given, status }, why: outcome?.message ?? 'its pods changed' } as const]),
    ...news.flatMap((each) => eventOf(job, each)), ...release(count.release), ...changes.writes,
  ];
  const waits = [deadlineWaitMs(job, nowMs), changes.waitMs].filter((ms) => ms !== undefined);
  return { writes, ...(outcome !== undefined || waits.length === 0 ? {} : { againAfterMs: Math.max(1, Math.min(...waits)) }) };
}

/** With the time from which it counts as active: its first look, or when it goes on after it was suspended. */
function started(job: KubeObject, nowMs: number): KubeObject {
  if (jobSpec(job).suspend === true) return job;
  const { startTime } = jobStatus(job);
  return startTime !== undefined && jobCondition(job, 'Suspended') === undefined ? job : { ...job, status: { ...jobStatus(job), startTime: timeText(nowMs) } };
}

function endAll(job: KubeObject, pods: readonly KubeObject[]): PodChanges {
  return { writes: pods.filter(isActive).map((pod) => ({ kind: 'delete', resource: 'pods', object: pod, announceOn: job, why: 'the job has come to its end' })) };
}

function suspendAll(job: KubeObject, pods: readonly KubeObject[]): PodChanges {
  return { writes: pods.filter(isActive).flatMap((pod) => dismiss(job, pod, 'the job is suspended')) };
}

function conditionsOf(job: KubeObject, outcome: Outcome | undefined, isOver: boolean, nowMs: number): readonly JobCondition[] {
  const before = jobStatus(job).conditions ?? [];
  const wanted: (readonly [type: string, status: string, reason: string, message: string])[] = [];
  const isSuspended = jobSpec(job).suspend === true;
  if (outcome === undefined && (isSuspended || before.some(({ type }) => type === 'Suspended'))) wanted.push(isSuspended ? ['Suspended', 'True', 'JobSuspended', 'Job suspended'] : ['Suspended', 'False', 'JobResumed', 'Job resumed']);
  if (outcome !== undefined) wanted.push([outcome.type, 'True', outcome.reason, outcome.message]);
  if (outcome !== undefined && isOver) wanted.push([outcome.type === 'FailureTarget' ? 'Failed' : 'Complete', 'True', outcome.reason, outcome.message]);
  const conditions = [...before];
  for (const [type, status, reason, message] of wanted) {
    const at = conditions.findIndex((each) => each.type === type);
    if (at >= 0 && conditions[at]?.status === status) continue;
    const now = timeText(nowMs);
    conditions.splice(at < 0 ? conditions.length : at, at < 0 ? 0 : 1, { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message });
  }
  return conditions;
}

function statusOf(job: KubeObject, pods: readonly KubeObject[], count: Tally, conditions: readonly JobCondition[], isOver: boolean, nowMs: number): JobStatus {
  const before = jobStatus(job);
  const active = pods.filter(isActive);
  return {
    ...(conditions.length === 0 ? {} : { conditions }), ...(before.startTime === undefined ? {} : { startTime: before.startTime }),
    ...(isOver && conditions.some(({ type }) => type === 'Complete') ? { completionTime: timeText(nowMs) } : {}),
    ...(active.length === 0 ? {} : { active: active.length }), ready: active.filter(isReady).length, terminating: pods.filter((pod) => isDeleted(pod) && !isFinished(pod)).length, ...count.status,
  };
}

function eventOf(job: KubeObject, { type, status, reason = '', message = '' }: JobCondition): Write[] {
  const event = (kind: 'Normal' | 'Warning', why: string, text: string): Write[] => [{ kind: 'event', about: job, type: kind, reason: why, message: text, why: message }];
  if (type === 'Complete') return event('Normal', 'Completed', 'Job completed');
  if (type === 'Failed') return event('Warning', reason, message);
  return type === 'Suspended' ? event('Normal', status === 'True' ? 'Suspended' : 'Resumed', message) : [];
}
