import { same } from '#cluster/api/same.ts';
import { parseSchedule, timeInZone, type Schedule } from '#cluster/kinds/cron-schedule.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type NewObject, type Plan, type Write } from '#cluster/loop/controller.ts';
import { jobCondition, jobEnd, jobStatus, type JobSpec } from './job-shape.ts';
import { controlledBy, controllerReference, isDeleted, ownerKey } from './owned.ts';
import { specOf } from './pod-shape.ts';

interface CronJobSpec {
  readonly schedule?: string;
  readonly timeZone?: string;
  readonly suspend?: boolean;
  readonly startingDeadlineSeconds?: number;
  readonly concurrencyPolicy?: string;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
  readonly jobTemplate?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> }; readonly spec?: JobSpec };
}

interface CronJobStatus {
  readonly active?: readonly { readonly name: string; readonly uid: string }[];
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
}

const RESOURCE = 'batch/cronjobs';
const JOBS = 'batch/jobs';
/** More missed times than this are worth a warning. */
const MANY_MISSED = 100;
const DEFAULT_KEPT = { succeeded: 3, failed: 1 } as const;

/** Makes a job whenever a schedule says so, and keeps the last few that are over. */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  reads: [RESOURCE, JOBS],
  writes: [RESOURCE, JOBS],
  keysFor: (resource, object) => resource === RESOURCE ? [keyOf(object)] : ownerKey(object, 'CronJob'),
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const cron = view.get(RESOURCE, namespace, name);
    if (cron === undefined || isDeleted(cron)) return NOTHING;
    const jobs = controlledBy(cron, JOBS, view);
    const spec = specOf<CronJobSpec>(cron);
    const schedule = parseSchedule(spec.schedule ?? '', spec.timeZone);
    const tidy = forget(cron, spec, jobs.filter((job) => !isDeleted(job)));
    if (schedule === undefined || spec.suspend === true) return { writes: [...told(cron, jobs), ...tidy, ...statusWrite(cron, jobs, undefined)] };
    const due = schedule.last(earliestMs(cron, spec, nowMs), nowMs);
    const started = due === undefined ? { writes: [], isStarted: false } : start(cron, spec, jobs, due, schedule, nowMs);
    const next = schedule.next(nowMs);
    return {
      writes: [...told(cron, jobs), ...started.writes, ...statusWrite(cron, jobs, started.isStarted ? due : undefined), ...tidy],
      ...(next === undefined ? {} : { againAfterMs: Math.max(1, next - nowMs) }),
    };
  },
};

const cronStatus = (cron: KubeObject): CronJobStatus => (cron['status'] ?? {}) as CronJobStatus;

/** Times before this one are done with, or too late. */
function earliestMs(cron: KubeObject, { startingDeadlineSeconds }: CronJobSpec, nowMs: number): number {
  const since = Date.parse(cronStatus(cron).lastScheduleTime ?? cron.metadata.creationTimestamp);
  return startingDeadlineSeconds === undefined ? since : Math.max(since, nowMs - startingDeadlineSeconds * 1000);
}

interface Started {
  readonly writes: readonly Write[];
  /** The time counts as done. */
  readonly isStarted: boolean;
}

function start(cron: KubeObject, spec: CronJobSpec, jobs: readonly KubeObject[], dueMs: number, schedule: Schedule, nowMs: number): Started {
  const event = (type: 'Normal' | 'Warning', reason: string, message: string): Write => ({ kind: 'event', about: cron, type, reason, message, why: message });
  const object = jobOf(cron, spec, dueMs);
  const name = object.metadata.name ?? '';
  // Made before, and then the status could not be written.
  if (jobs.some(({ metadata }) => metadata.name === name)) return { writes: [], isStarted: true };
  const active = jobs.filter((job) => jobEnd(job) === undefined && !isDeleted(job));
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) return { writes: [event('Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid')], isStarted: false };
  const missed = missedAfter(schedule, earliestMs(cron, spec, nowMs), nowMs);
  const why = `it was due at ${timeText(dueMs)}`;
  const replaced = spec.concurrencyPolicy === 'Replace' ? active.flatMap((job) => end(cron, job, 'the next one takes its place')) : [];
  return {
    isStarted: true,
    writes: [
      ...(missed > MANY_MISSED ? [event('Warning', 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')] : []),
      ...replaced, { kind: 'create', resource: JOBS, object, why }, event('Normal', 'SuccessfulCreate', `Created job ${name}`),
    ],
  };
}

/** Times that have passed, as far as they are worth counting. */
function missedAfter(schedule: Schedule, afterMs: number, nowMs: number): number {
  let missed = 0;
  for (let ms = schedule.next(afterMs); ms !== undefined && ms <= nowMs && missed <= MANY_MISSED; ms = schedule.next(ms)) missed += 1;
  return missed;
}

/** Its name says for which minute it is: the same time never makes two. */
function jobOf(cron: KubeObject, { jobTemplate = {}, timeZone }: CronJobSpec, dueMs: number): NewObject {
  const { name, namespace } = cron.metadata;
  const { labels, annotations } = jobTemplate.metadata ?? {};
  return {
    apiVersion: 'batch/v1', kind: 'Job', spec: jobTemplate.spec ?? {},
    metadata: {
      name: `${name}-${Math.floor(dueMs / 60_000)}`, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': timeInZone(dueMs, timeZone) }, ownerReferences: [controllerReference(cron)],
    },
  };
}

function end(cron: KubeObject, job: KubeObject, why: string): Write[] {
  return [{ kind: 'delete', resource: JOBS, object: job, propagation: 'Background', why }, { kind: 'event', about: cron, type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${job.metadata.name}`, why }];
}

/** Jobs that were active when the status was written, and are over or gone. */
function told(cron: KubeObject, jobs: readonly KubeObject[]): Write[] {
  return (cronStatus(cron).active ?? []).flatMap(({ name, uid }): Write[] => {
    const job = jobs.find(({ metadata }) => metadata.uid === uid);
    const condition = job === undefined ? undefined : jobEnd(job);
    if (job === undefined) return [{ kind: 'event', about: cron, type: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${name}`, why: 'somebody deleted it' }];
    return condition === undefined ? [] : [{ kind: 'event', about: cron, type: 'Normal', reason: 'SawCompletedJob', message: `Saw completed job: ${name}, condition: ${condition.type}`, why: 'it is over' }];
  });
}

function statusWrite(cron: KubeObject, jobs: readonly KubeObject[], startedMs: number | undefined): Write[] {
  const before = cronStatus(cron);
  const active = jobs.filter((job) => jobEnd(job) === undefined).map(({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }) => ({ apiVersion, kind, name, namespace, uid, resourceVersion }));
  const ends = [before.lastSuccessfulTime, ...jobs.filter((job) => jobCondition(job, 'Complete') !== undefined).map((job) => jobStatus(job).completionTime)].filter((time) => time !== undefined).sort();
  const lastScheduleTime = startedMs === undefined ? before.lastScheduleTime : timeText(startedMs);
  const lastSuccessfulTime = ends.at(-1);
  const status = {
    // A job that is listed already stays as it was listed: its version is no news.
    ...(active.length === 0 ? {} : { active: active.map((each) => before.active?.find(({ uid }) => uid === each.uid) ?? each) }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }), ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
  return same(status, before) ? [] : [{ kind: 'status', resource: RESOURCE, object: { ...cron, status }, why: 'its jobs changed' }];
}

/** Of those that are over the last few stay, by how they ended. */
function forget(cron: KubeObject, spec: CronJobSpec, jobs: readonly KubeObject[]): Write[] {
  const startMs = (job: KubeObject): number => Date.parse(jobStatus(job).startTime ?? job.metadata.creationTimestamp);
  return ([['Complete', spec.successfulJobsHistoryLimit ?? DEFAULT_KEPT.succeeded], ['Failed', spec.failedJobsHistoryLimit ?? DEFAULT_KEPT.failed]] as const).flatMap(([type, kept]) => {
    const over = jobs.filter((job) => jobCondition(job, type) !== undefined).sort((a, b) => startMs(a) - startMs(b));
    return over.slice(0, Math.max(0, over.length - kept)).flatMap((job) => end(cron, job, `only ${kept} of those are kept`));
  });
}
