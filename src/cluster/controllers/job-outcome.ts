import type { KubeObject } from '#cluster/kinds/object.ts';
import { parseRanges } from './index-ranges.ts';
import { isActive, jobCondition, jobSpec, jobStatus, type JobSpec } from './job-shape.ts';
import type { Tally } from './job-tally.ts';
import { phaseOf, statusOf } from './pod-shape.ts';

/** What a job is on its way to, with `batch.v1`'s reason. It has arrived when none of its pods is left running. */
export interface Outcome {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet';
  readonly reason: string;
  readonly message: string;
}

const DEFAULT_BACKOFF_LIMIT = 6;

/** Once decided, it stays. */
export function outcomeOf(job: KubeObject): Outcome | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const found = jobCondition(job, type);
    if (found !== undefined) return { type, reason: found.reason ?? '', message: found.message ?? '' };
  }
  return undefined;
}

export function decideOutcome(job: KubeObject, pods: readonly KubeObject[], count: Tally, nowMs: number): Outcome | undefined {
  const spec = jobSpec(job);
  const failure = (reason: string, message: string): Outcome => ({ type: 'FailureTarget', reason, message });
  if (count.failJob !== undefined) return failure('PodFailurePolicy', count.failJob);
  if (count.failed > (spec.backoffLimit ?? DEFAULT_BACKOFF_LIMIT) || isPastLimit(spec, pods)) return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if ((deadlineWaitMs(job, nowMs) ?? 1) <= 0) return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  const { failedIndexes, completed } = count;
  if (spec.backoffLimitPerIndex !== undefined) {
    if (spec.maxFailedIndexes !== undefined && failedIndexes.size > spec.maxFailedIndexes) return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
    if (failedIndexes.size > 0 && failedIndexes.size + completed.size >= (spec.completions ?? 0)) return failure('FailedIndexes', 'Job has failed indexes');
  }
  const rule = spec.successPolicy?.rules?.findIndex((each) => isMet(each, completed, spec.completions ?? 0)) ?? -1;
  if (rule >= 0) return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
  const isComplete = spec.completions === undefined ? count.succeeded > 0 && !pods.some(isActive) : count.succeeded >= spec.completions;
  return isComplete ? { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined;
}

/** Containers that are started again in place fail as often as their pods were restarted. */
function isPastLimit(spec: JobSpec, pods: readonly KubeObject[]): boolean {
  if (spec.template?.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = pods.filter((pod) => ['Running', 'Pending'].includes(phaseOf(pod)) && isActive(pod)).reduce((total, pod) => {
    const { containerStatuses = [], initContainerStatuses = [] } = statusOf(pod);
    return total + [...containerStatuses, ...initContainerStatuses].reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  }, 0);
  const limit = spec.backoffLimit ?? DEFAULT_BACKOFF_LIMIT;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function isMet({ succeededIndexes, succeededCount }: { readonly succeededIndexes?: string; readonly succeededCount?: number }, completed: ReadonlySet<number>, completions: number): boolean {
  if (succeededIndexes === undefined) return succeededCount !== undefined && completed.size >= succeededCount;
  const meant = parseRanges(succeededIndexes, completions);
  return [...meant].filter((index) => completed.has(index)).length >= (succeededCount ?? meant.size);
}

/** Until the job has been active for as long as it may. */
export function deadlineWaitMs(job: KubeObject, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = jobSpec(job);
  const startMs = Date.parse(jobStatus(job).startTime ?? '');
  return activeDeadlineSeconds === undefined || suspend === true || Number.isNaN(startMs) ? undefined : startMs + activeDeadlineSeconds * 1000 - nowMs;
}
