import { isTimeZone, parseSchedule } from '../cron-schedule.ts';
import { invalidValue, notSupported, required, type KindRules } from '../kind-rules.ts';
import { AGE, column, containerColumns, count, NAME, orNone, wide } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt, valueAt } from './_fields.ts';
import { since } from './_human-duration.ts';
import { fill } from './_pod-defaults.ts';
import { defaultJobSpec } from './job.ts';
import { checkJobSpec } from './_workload-validation.ts';

const POLICIES = ['Allow', 'Forbid', 'Replace'];
/** A name is at most so long that a job's, with eleven more characters, still fits. */
const LONGEST_NAME = 52;

export const cronJobRules: KindRules = {
  defaults: (job) => {
    const spec = fill(objectAt(job, 'spec'), { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
    const template = objectAt(spec, 'jobTemplate');
    const { manualSelector: _, completions: __, ...jobSpec } = defaultJobSpec(objectAt(template, 'spec'));
    return { ...job, spec: { ...spec, jobTemplate: { ...template, spec: { ...jobSpec, ...(valueAt(template, 'spec', 'completions') === undefined ? {} : { completions: valueAt(template, 'spec', 'completions') as number }) } } } };
  },
  validate: (job) => {
    const policy = textAt(job, 'spec', 'concurrencyPolicy');
    const schedule = textAt(job, 'spec', 'schedule');
    const zone = valueAt(job, 'spec', 'timeZone') === undefined ? undefined : textAt(job, 'spec', 'timeZone');
    return [
      ...(schedule === '' ? [required('spec.schedule')] : parseSchedule(schedule) !== undefined ? [] : [invalidValue('spec.schedule', schedule, 'expected five fields of a cron expression, or one like @hourly')]),
      ...(zone === undefined || (zone !== '' && zone !== 'Local' && isTimeZone(zone)) ? [] : [invalidValue('spec.timeZone', zone, zone === '' ? 'must be nil or non-empty string' : `unknown time zone ${zone}`)]),
      ...['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].filter((name) => numberAt(job, 'spec', name) < 0).map((name) => invalidValue(`spec.${name}`, numberAt(job, 'spec', name), 'must be greater than or equal to 0')),
      ...(POLICIES.includes(policy) ? [] : [notSupported('spec.concurrencyPolicy', policy, POLICIES)]),
      ...(textAt(job, 'metadata', 'name').length > LONGEST_NAME ? [invalidValue('metadata.name', textAt(job, 'metadata', 'name'), 'must be no more than 52 characters')] : []),
      ...checkJobSpec(objectAt(job, 'spec', 'jobTemplate'), 'spec', 'spec.jobTemplate.'),
    ];
  },
  columns: [
    NAME,
    column('Schedule', 'When it runs', (job) => textAt(job, 'spec', 'schedule')),
    column('Timezone', 'Where the schedule is meant', (job) => orNone(textAt(job, 'spec', 'timeZone'))),
    column('Suspend', 'Whether it rests', (job) => (valueAt(job, 'spec', 'suspend') === true ? 'True' : 'False')),
    count('Active', 'Jobs of it that run', (job) => listAt(job, 'status', 'active').length),
    column('Last Schedule', 'How long ago it ran last', (job, nowMs) => {
      const last = textAt(job, 'status', 'lastScheduleTime');
      return last === '' ? orNone('') : since(last, nowMs);
    }),
    AGE,
    ...containerColumns('spec', 'jobTemplate', 'spec', 'template', 'spec'),
    wide(column('Selector', 'Which pods are its own', () => orNone(''))),
  ],
};
