import type { Json, JsonObject } from '#base/json.ts';
import { forbidden, invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { isObject, listAt, numberAt, objectAt, textAt, textOf, textsAt, valueAt } from './_fields.ts';
import { jobPolicyFaults } from './_job-policies.ts';
import { checkPodSpec } from './_pod-validation.ts';

/** What controllers of pods have in common (pkg/apis/apps/validation, pkg/apis/batch/validation). */

export function checkReplicas(object: KubeObject): readonly FieldFault[] {
  return ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'].filter((name) => numberAt(object, 'spec', name) < 0)
    .map((name) => invalidValue(`spec.${name}`, numberAt(object, 'spec', name), 'must be greater than or equal to 0'));
}

/** A selector that finds the pods of the template, which run until they are told not to. */
export function checkSelectedTemplate(object: KubeObject): readonly FieldFault[] {
  const selector = valueAt(object, 'spec', 'selector');
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  const faults: FieldFault[] = [];
  if (!isObject(selector)) faults.push(required('spec.selector'));
  else if (isEmptySelector(selector)) faults.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${object.kind.toLowerCase()}`));
  else if (!selects(selector, labels)) faults.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  faults.push(...checkPodSpec(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec'));
  const policy = textAt(object, 'spec', 'template', 'spec', 'restartPolicy');
  if (policy !== '' && policy !== 'Always') faults.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']));
  return faults;
}

function isEmptySelector(selector: JsonObject): boolean {
  return Object.keys(objectAt(selector, 'matchLabels')).length === 0 && listAt(selector, 'matchExpressions').length === 0;
}

function selects(selector: JsonObject, labels: JsonObject): boolean {
  return Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value) && listAt(selector, 'matchExpressions').every((each) => {
    const [key, operator, values] = [textAt(each, 'key'), textAt(each, 'operator'), textsAt(each, 'values')];
    const has = Object.hasOwn(labels, key);
    if (operator === 'Exists') return has;
    if (operator === 'DoesNotExist') return !has;
    return operator === 'In' ? has && values.includes(textOf(labels[key])) : !has || !values.includes(textOf(labels[key]));
  });
}

export function sameSelector(object: KubeObject, old: KubeObject): readonly FieldFault[] {
  const selector = valueAt(object, 'spec', 'selector') ?? null;
  return sameJson(selector, valueAt(old, 'spec', 'selector') ?? null) ? [] : [invalidValue('spec.selector', selector, 'field is immutable')];
}

/** Names of fields whose values differ. */
export function changedFields(value: JsonObject, old: JsonObject): readonly string[] {
  return [...new Set([...Object.keys(value), ...Object.keys(old)])].filter((name) => !sameJson(value[name] ?? null, old[name] ?? null));
}

export function sameJson(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((each, index) => sameJson(each as Json, right[index] as Json));
  return isObject(left) && isObject(right) && changedFields(left, right).length === 0;
}

const JOB_POLICIES = ['OnFailure', 'Never'];
const COUNTS = ['parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'];

/** @param prefix what stands before `spec` in messages */
export function checkJobSpec(holder: KubeObject | JsonObject, name: string, prefix = ''): readonly FieldFault[] {
  const spec = objectAt(holder, name);
  const path = `${prefix}${name}`;
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy');
  const mode = textAt(spec, 'completionMode');
  return [
    ...COUNTS.filter((each) => numberAt(spec, each) < 0).map((each) => invalidValue(`${path}.${each}`, numberAt(spec, each), 'must be greater than or equal to 0')),
    ...checkPodSpec(objectAt(spec, 'template', 'spec'), `${path}.template.spec`),
    // Always is what a pod has by default, and what no job may have.
    ...(policy === 'Always' ? [required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')] : policy === '' || JOB_POLICIES.includes(policy) ? [] : [notSupported(`${path}.template.spec.restartPolicy`, policy, JOB_POLICIES)]),
    ...(mode === '' || mode === 'Indexed' || mode === 'NonIndexed' ? [] : [notSupported(`${path}.completionMode`, mode, ['Indexed', 'NonIndexed'])]),
    ...(mode === 'Indexed' && valueAt(spec, 'completions') === undefined ? [required(`${path}.completions`, 'when completion mode is Indexed')] : []),
    ...jobPolicyFaults(spec, path),
    ...(prefix !== '' && valueAt(spec, 'selector') !== undefined ? [forbidden(`${path}.selector`, '`selector` will be auto-generated')] : []),
  ];
}
