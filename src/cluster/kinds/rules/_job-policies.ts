import type { Json, JsonObject } from '#base/json.ts';
import { duplicate, invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import { isObject, listAt, numberAt, textAt, valueAt } from './_fields.ts';

/** When a job is over, and what its failures mean (pkg/apis/batch/validation). */

const MOST_RULES = 20;
const MOST_EXIT_CODES = 255;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const INDEXED_ONLY = 'requires indexed completion mode';
const has = (spec: JsonObject, name: string): boolean => valueAt(spec, name) !== undefined && valueAt(spec, name) !== null;
const tooMany = (field: string, count: number, most: number): FieldFault => ({ reason: 'FieldValueTooMany', field, message: `Too many: ${count}: must have at most ${most} items` });

export function jobPolicyFaults(spec: JsonObject, path: string): readonly FieldFault[] {
  const isIndexed = textAt(spec, 'completionMode') === 'Indexed';
  const policy = textAt(spec, 'podReplacementPolicy');
  const policies = has(spec, 'podFailurePolicy') ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  const manager = textAt(spec, 'managedBy');
  const most = numberAt(spec, 'maxFailedIndexes');
  return [
    ...['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'].filter((name) => has(spec, name) && !isIndexed).map((name) => invalidValue(`${path}.${name}`, valueAt(spec, name), INDEXED_ONLY)),
    ...(has(spec, 'maxFailedIndexes') && !has(spec, 'backoffLimitPerIndex') ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')] : []),
    ...(has(spec, 'maxFailedIndexes') && has(spec, 'completions') && most > numberAt(spec, 'completions') ? [invalidValue(`${path}.maxFailedIndexes`, most, 'must be less than or equal to completions')] : []),
    ...(policy === '' || policies.includes(policy) ? [] : [notSupported(`${path}.podReplacementPolicy`, policy, policies)]),
    ...(manager === '' || /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/\S+$/.test(manager) ? [] : [invalidValue(`${path}.managedBy`, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')]),
    ...(has(spec, 'podFailurePolicy') ? failurePolicyFaults(spec, `${path}.podFailurePolicy`, path) : []), ...(has(spec, 'successPolicy') ? successPolicyFaults(spec, `${path}.successPolicy`) : []),
  ];
}

function failurePolicyFaults(spec: JsonObject, at: string, path: string): readonly FieldFault[] {
  const rules = listAt(spec, 'podFailurePolicy', 'rules');
  const restart = textAt(spec, 'template', 'spec', 'restartPolicy');
  return [
    ...(restart === 'Never' ? [] : [invalidValue(`${path}.template.spec.restartPolicy`, restart, 'only "Never" is supported when podFailurePolicy is specified')]),
    ...(rules.length > MOST_RULES ? [tooMany(`${at}.rules`, rules.length, MOST_RULES)] : []), ...rules.flatMap((rule, index) => failureRuleFaults(rule, `${at}.rules[${index}]`, has(spec, 'backoffLimitPerIndex'))),
  ];
}

function failureRuleFaults(rule: JsonObject, at: string, isPerIndex: boolean): readonly FieldFault[] {
  const action = textAt(rule, 'action');
  const [codes, conditions] = [valueAt(rule, 'onExitCodes'), listAt(rule, 'onPodConditions')];
  return [
    ...(action === '' ? [required(`${at}.action`, `valid values: ${ACTIONS.map((each) => JSON.stringify(each)).join(', ')}`)] : ACTIONS.includes(action) ? [] : [notSupported(`${at}.action`, action, ACTIONS)]),
    ...(action === 'FailIndex' && !isPerIndex ? [invalidValue(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set')] : []),
    ...(isObject(codes) && conditions.length > 0 ? [invalidValue(at, rule, 'specifying both OnExitCodes and OnPodConditions is not supported')] : !isObject(codes) && conditions.length === 0 ? [invalidValue(at, rule, 'specifying one of OnExitCodes and OnPodConditions is required')] : []),
    ...(isObject(codes) ? exitCodeFaults(codes, `${at}.onExitCodes`) : []), ...conditions.flatMap((condition, index) => (textAt(condition, 'type') === '' ? [required(`${at}.onPodConditions[${index}].type`)] : [])),
  ];
}

function exitCodeFaults(codes: JsonObject, at: string): readonly FieldFault[] {
  const operator = textAt(codes, 'operator');
  const values = (Array.isArray(codes['values']) ? codes['values'] : []) as readonly Json[];
  return [
    ...(OPERATORS.includes(operator) ? [] : operator === '' ? [required(`${at}.operator`, 'valid values: "In", "NotIn"')] : [notSupported(`${at}.operator`, operator, OPERATORS)]),
    ...(values.length === 0 ? [invalidValue(`${at}.values`, values, 'at least one value is required')] : values.length > MOST_EXIT_CODES ? [tooMany(`${at}.values`, values.length, MOST_EXIT_CODES)] : []),
    ...values.slice(0, MOST_EXIT_CODES).flatMap((value, index) => {
      const field = `${at}.values[${index}]`;
      if (operator === 'In' && value === 0) return [invalidValue(field, value, 'must not be 0 for the In operator')];
      if (values.indexOf(value) < index) return [duplicate(field, value)];
      return index > 0 && Number(value) < Number(values[index - 1]) ? [invalidValue(`${at}.values`, values, 'must be ordered')] : [];
    }),
  ];
}

function successPolicyFaults(spec: JsonObject, at: string): readonly FieldFault[] {
  const rules = listAt(spec, 'successPolicy', 'rules');
  return [
    ...(rules.length === 0 ? [required(`${at}.rules`, 'at least one rules must be specified when the successPolicy is specified')] : rules.length > MOST_RULES ? [tooMany(`${at}.rules`, rules.length, MOST_RULES)] : []),
    ...rules.flatMap((rule, index) => {
      const field = `${at}.rules[${index}]`;
      const count = valueAt(rule, 'succeededCount');
      if (!has(rule, 'succeededCount') && !has(rule, 'succeededIndexes')) return [required(field, 'at least one of succeededCount or succeededIndexes must be specified')];
      if (typeof count === 'number' && count <= 0) return [invalidValue(`${field}.succeededCount`, count, 'must be greater than 0')];
      return typeof count === 'number' && count > numberAt(spec, 'completions') ? [invalidValue(`${field}.succeededCount`, count, `must be less than or equal to ${numberAt(spec, 'completions')} (the number of specified completions)`)] : [];
    }),
  ];
}
