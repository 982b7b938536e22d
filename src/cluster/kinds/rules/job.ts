import { invalidValue, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, containerColumns, NAME, selectorText, wide } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt, valueAt } from './_fields.ts';
import { humanDuration } from './_human-duration.ts';
import { defaultTemplate, fill } from './_pod-defaults.ts';
import { changedFields, checkJobSpec } from './_workload-validation.ts';

const IMMUTABLE = ['completions', 'selector', 'template', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'];

export const jobRules: KindRules = {
  defaults: (job) => {
    const spec = defaultJobSpec(objectAt(job, 'spec'));
    const { uid } = job.metadata;
    // Who says no selector gets one that no other job can have.
    const own = spec['manualSelector'] === true || uid === undefined ? spec : withOwnSelector(spec, { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': job.metadata.name, 'controller-uid': uid, 'job-name': job.metadata.name });
    return { ...job, spec: own };
  },
  validate: (job) => checkJobSpec(job, 'spec'),
  validateUpdate: (job, old) => changedFields(objectAt(job, 'spec'), objectAt(old, 'spec')).filter((field) => IMMUTABLE.includes(field) && !mayChange(field, job, old))
    .map((field) => invalidValue(`spec.${field}`, valueAt(job, 'spec', field) ?? null, 'field is immutable')),
  columns: [
    NAME,
    column('Status', 'How far it is', statusText),
    column('Completions', 'Pods that succeeded, of those that should', completionsText),
    column('Duration', 'How long it ran', durationText),
    AGE,
    ...containerColumns('spec', 'template', 'spec'),
    wide(column('Selector', 'Which pods are its own', (job) => selectorText(job, 'spec', 'selector'))),
  ],
};

/** A suspended job is placed anew, and an indexed one grows and shrinks with its parallelism (kubernetes.io, "Jobs", Elastic Indexed Jobs). */
function mayChange(field: string, job: KubeObject, old: KubeObject): boolean {
  if (field === 'template') return valueAt(old, 'spec', 'suspend') === true;
  return field === 'completions' && textAt(job, 'spec', 'completionMode') === 'Indexed' && valueAt(job, 'spec', 'completions') !== undefined && valueAt(job, 'spec', 'completions') === valueAt(job, 'spec', 'parallelism');
}

type Spec = ReturnType<typeof objectAt>;

export function defaultJobSpec(given: Spec): Spec {
  const isPlain = valueAt(given, 'completions') === undefined && valueAt(given, 'parallelism') === undefined;
  const counted = fill(given, isPlain ? { completions: 1, parallelism: 1 } : { parallelism: 1 });
  const isPerIndex = valueAt(given, 'backoffLimitPerIndex') !== undefined;
  return fill(defaultTemplate(counted), { backoffLimit: isPerIndex ? 2_147_483_647 : 6, completionMode: 'NonIndexed', suspend: false, manualSelector: false, podReplacementPolicy: valueAt(given, 'podFailurePolicy') === undefined ? 'TerminatingOrFailed' : 'Failed' });
}

function withOwnSelector(spec: Spec, labels: Readonly<Record<string, string>>): Spec {
  const template = objectAt(spec, 'template');
  const metadata = objectAt(template, 'metadata');
  const { 'batch.kubernetes.io/controller-uid': uid = '' } = labels;
  return fill({ ...spec, template: { ...template, metadata: { ...metadata, labels: { ...objectAt(metadata, 'labels'), ...labels } } } }, { selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } } });
}

function statusText(job: KubeObject): string {
  const holds = (type: string): boolean => listAt(job, 'status', 'conditions').some((each) => each['type'] === type && each['status'] === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completionsText(job: KubeObject): string {
  const succeeded = numberAt(job, 'status', 'succeeded');
  if (valueAt(job, 'spec', 'completions') !== undefined) return `${succeeded}/${numberAt(job, 'spec', 'completions')}`;
  const parallelism = numberAt(job, 'spec', 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText(job: KubeObject, nowMs: number): string {
  const start = Date.parse(textAt(job, 'status', 'startTime'));
  if (Number.isNaN(start)) return '';
  const end = Date.parse(textAt(job, 'status', 'completionTime'));
  return humanDuration((Number.isNaN(end) ? nowMs : end) - start);
}
