import type { KubeObject } from '#cluster/kinds/object.ts';
import { formatRanges, parseRanges } from './index-ranges.ts';
import { annotatedCount, FAILURES, hasFailed, hasTracking, IGNORED_FAILURES, indexOf, isIndexed, jobSpec, jobStatus, type JobSpec, type JobStatus } from './job-shape.ts';
import { isDeleted } from './owned.ts';
import { judgeFailure } from './pod-failure-policy.ts';
import { phaseOf } from './pod-shape.ts';

/** What is known of the pods of a job that have ended. */
export interface Tally {
  /** Together with what the status has not counted yet. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completed: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  readonly status: Pick<JobStatus, 'succeeded' | 'failed' | 'completedIndexes' | 'failedIndexes' | 'uncountedTerminatedPods'>;
  /** Written down in the status: once that is stored, their finalizer can go. */
  readonly release: readonly KubeObject[];
  /** Why the failure policy ends the job. */
  readonly failJob: string | undefined;
}

/** Finished pods that the status takes up at a time: it is one object, with a bound. */
const MOST_UNCOUNTED = 500;

/**
 * Counts each pod once, whatever is lost on the way (kubernetes.io, "Job tracking with finalizers"): its uid is written into the
 * status while its finalizer holds it, and becomes a number when the finalizer is gone.
 * @param ending what the job is on its way to
 */
export function tally(job: KubeObject, pods: readonly KubeObject[], ending: 'Failed' | 'Complete' | undefined): Tally {
  const count = new Counting(jobSpec(job), jobStatus(job), pods, ending);
  for (const pod of pods.filter(hasTracking)) count.take(pod);
  return count.result();
}

class Counting {
  readonly #spec: JobSpec;
  readonly #before: JobStatus;
  readonly #pods: readonly KubeObject[];
  readonly #ending: 'Failed' | 'Complete' | undefined;
  readonly #held: ReadonlySet<string>;
  readonly #succeeded: Set<string>;
  readonly #failed: Set<string>;
  readonly #completed: Set<number>;
  readonly #failedIndexes: Set<number>;
  readonly #release: KubeObject[] = [];
  #failJob: string | undefined;

  constructor(spec: JobSpec, before: JobStatus, pods: readonly KubeObject[], ending: 'Failed' | 'Complete' | undefined) {
    this.#spec = spec;
    this.#before = before;
    this.#pods = pods;
    this.#ending = ending;
    this.#held = new Set(pods.filter(hasTracking).map(({ metadata }) => metadata.uid));
    const { succeeded = [], failed = [] } = before.uncountedTerminatedPods ?? {};
    this.#succeeded = new Set(succeeded.filter((uid) => this.#held.has(uid)));
    this.#failed = new Set(failed.filter((uid) => this.#held.has(uid)));
    this.#completed = parseRanges(before.completedIndexes ?? '', spec.completions ?? 0);
    this.#failedIndexes = parseRanges(before.failedIndexes ?? '', spec.completions ?? 0);
  }

  take(pod: KubeObject): void {
    if (this.#succeeded.size + this.#failed.size >= MOST_UNCOUNTED && !this.#isTaken(pod)) return;
    if (phaseOf(pod) === 'Succeeded') this.#takeSuccess(pod);
    // What was still running when enough had succeeded is no failure.
    else if (this.#ending === 'Complete' && isDeleted(pod) && phaseOf(pod) !== 'Failed') this.#release.push(pod);
    else if (hasFailed(this.#spec, pod) || (this.#ending === 'Failed' && isDeleted(pod))) this.#takeFailure(pod);
  }

  #isTaken({ metadata }: KubeObject): boolean {
    return this.#succeeded.has(metadata.uid) || this.#failed.has(metadata.uid);
  }

  #takeSuccess(pod: KubeObject): void {
    this.#release.push(pod);
    if (!isIndexed(this.#spec)) this.#succeeded.add(pod.metadata.uid);
    else {
      const index = indexOf(this.#spec, pod);
      if (index !== undefined && !this.#failedIndexes.has(index)) this.#completed.add(index);
    }
  }

  #takeFailure(pod: KubeObject): void {
    const { backoffLimitPerIndex: perIndex } = this.#spec;
    const { action, message } = judgeFailure(this.#spec.podFailurePolicy, pod);
    if (action === 'FailJob') this.#failJob ??= message;
    const index = isIndexed(this.#spec) ? indexOf(this.#spec, pod) : undefined;
    if (perIndex !== undefined && index !== undefined && action !== 'Ignore' && (action === 'FailIndex' || annotatedCount(pod, FAILURES) >= perIndex) && !this.#completed.has(index)) this.#failedIndexes.add(index);
    if (perIndex !== undefined && index !== undefined && !this.#isSuperseded(pod, index)) return;
    this.#release.push(pod);
    if (action !== 'Ignore' && (index !== undefined || !isIndexed(this.#spec))) this.#failed.add(pod.metadata.uid);
  }

  /** The last failure of an index is all that knows how often it failed: it stays until the next pod knows, or nobody asks. */
  #isSuperseded(pod: KubeObject, index: number): boolean {
    if (this.#ending !== undefined || this.#completed.has(index) || this.#failedIndexes.has(index)) return true;
    return this.#pods.some((other) => indexOf(this.#spec, other) === index && attemptOf(other) > attemptOf(pod));
  }

  result(): Tally {
    const { uncountedTerminatedPods: { succeeded = [], failed = [] } = {}, succeeded: oldSucceeded = 0, failed: oldFailed = 0 } = this.#before;
    const gone = (uids: readonly string[]): number => uids.filter((uid) => !this.#held.has(uid)).length;
    const counted = { succeeded: isIndexed(this.#spec) ? this.#completed.size : oldSucceeded + gone(succeeded), failed: oldFailed + gone(failed) };
    const completedIndexes = formatRanges(this.#completed);
    return {
      succeeded: counted.succeeded + this.#succeeded.size, failed: counted.failed + this.#failed.size + this.#unreleasedFailures(), completed: this.#completed, failedIndexes: this.#failedIndexes, release: this.#release, failJob: this.#failJob,
      status: {
        ...(counted.succeeded === 0 ? {} : { succeeded: counted.succeeded }), ...(counted.failed === 0 ? {} : { failed: counted.failed }), ...(completedIndexes === '' ? {} : { completedIndexes }),
        ...(this.#spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatRanges(this.#failedIndexes) }),
        uncountedTerminatedPods: { ...(this.#succeeded.size === 0 ? {} : { succeeded: [...this.#succeeded] }), ...(this.#failed.size === 0 ? {} : { failed: [...this.#failed] }) },
      },
    };
  }

  /** Failures of indexes that are kept for their number count against the limit all the same. */
  #unreleasedFailures(): number {
    if (this.#spec.backoffLimitPerIndex === undefined) return 0;
    const released = new Set(this.#release);
    return this.#pods.filter((pod) => hasTracking(pod) && !released.has(pod) && hasFailed(this.#spec, pod) && judgeFailure(this.#spec.podFailurePolicy, pod).action !== 'Ignore').length;
  }
}

/** Which pod of its index this is. */
export function attemptOf(pod: KubeObject): number {
  return annotatedCount(pod, FAILURES) + annotatedCount(pod, IGNORED_FAILURES);
}
