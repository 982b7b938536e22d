import type { JsonObject } from '#base/json.ts';
import { compilePolicyExpression, ExpressionFault } from '../custom/expressions.ts';
import { duplicate, invalidValue, notSupported, required, type FieldFault, type KindRules } from '../kind-rules.ts';
import { asJson, asObject, type KubeObject } from '../object.ts';
import { AGE, count, NAME } from './_columns.ts';
import { listAt, objectAt, textAt, textsAt, valueAt } from './_fields.ts';
import { changeEach, fill } from './_pod-defaults.ts';
import { clientFaults, withClientPort } from './_webhook-client.ts';

/** Webhooks that are asked of what is written (pkg/apis/admissionregistration/validation). */

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
const LONGEST_SECONDS = 30;
const MOST_CONDITIONS = 64;

const webhookRules: KindRules = {
  defaults: (configuration) => asObject(changeEach(asJson(configuration), 'webhooks', (hook) => changeEach(withClientPort(fill(hook, {
    failurePolicy: 'Fail', matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, ...(configuration.kind.startsWith('Mutating') ? { reinvocationPolicy: 'Never' } : {}),
  })), 'rules', (rule) => fill(rule, { scope: '*' })))),
  validate: (configuration) => listAt(configuration, 'webhooks').flatMap((hook, index, all) => hookFaults(hook, `webhooks[${index}]`, all.slice(0, index).map((each) => textAt(each, 'name')))),
  columns: [NAME, count('Webhooks', 'How many are asked', (configuration: KubeObject) => listAt(configuration, 'webhooks').length), AGE],
};
export const mutatingWebhookRules = webhookRules;
export const validatingWebhookRules = webhookRules;

function hookFaults(hook: JsonObject, path: string, before: readonly string[]): readonly FieldFault[] {
  const name = textAt(hook, 'name');
  const versions = textsAt(hook, 'admissionReviewVersions');
  const seconds = valueAt(hook, 'timeoutSeconds');
  return [
    ...(name === '' ? [required(`${path}.name`)] : name.split('.').length < 3 ? [invalidValue(`${path}.name`, name, 'should be a domain with at least three segments separated by dots')] : before.includes(name) ? [duplicate(`${path}.name`, name)] : []),
    ...(versions.length === 0 ? [required(`${path}.admissionReviewVersions`, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)] : versions.some((version) => REVIEW_VERSIONS.includes(version)) ? [] : [invalidValue(`${path}.admissionReviewVersions`, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)]),
    ...(textAt(hook, 'sideEffects') === '' ? [required(`${path}.sideEffects`, 'must specify one of None, NoneOnDryRun')] : choice(hook, path, 'sideEffects', ['None', 'NoneOnDryRun'])),
    ...choice(hook, path, 'failurePolicy', ['Fail', 'Ignore']), ...choice(hook, path, 'matchPolicy', ['Equivalent', 'Exact']), ...choice(hook, path, 'reinvocationPolicy', ['IfNeeded', 'Never']),
    ...(typeof seconds === 'number' && (seconds < 1 || seconds > LONGEST_SECONDS) ? [invalidValue(`${path}.timeoutSeconds`, seconds, `the timeout value must be between 1 and ${LONGEST_SECONDS} seconds`)] : []),
    ...listAt(hook, 'rules').flatMap((rule, index) => ruleFaults(rule, `${path}.rules[${index}]`)),
    ...clientFaults(objectAt(hook, 'clientConfig'), `${path}.clientConfig`),
    ...conditionFaults(listAt(hook, 'matchConditions'), `${path}.matchConditions`),
  ];
}

function choice(hook: JsonObject, path: string, field: string, all: readonly string[]): readonly FieldFault[] {
  const value = textAt(hook, field);
  return value === '' || all.includes(value) ? [] : [notSupported(`${path}.${field}`, value, all)];
}

function ruleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  return [
    ...['apiGroups', 'apiVersions', 'operations', 'resources'].filter((field) => textsAt(rule, field).length === 0).map((field) => required(`${path}.${field}`)),
    ...textsAt(rule, 'operations').flatMap((operation, index) => (OPERATIONS.includes(operation) ? [] : [notSupported(`${path}.operations[${index}]`, operation, OPERATIONS)])), ...choice(rule, path, 'scope', SCOPES),
  ];
}

function conditionFaults(conditions: readonly JsonObject[], path: string): readonly FieldFault[] {
  if (conditions.length > MOST_CONDITIONS) return [{ reason: 'FieldValueTooMany', field: path, message: `Too many: ${conditions.length}: must have at most ${MOST_CONDITIONS} items` }];
  return conditions.flatMap((condition, index) => {
    const text = textAt(condition, 'expression');
    const compiled = text === '' ? undefined : compilePolicyExpression(text, 'bool');
    return [
      ...(textAt(condition, 'name') === '' ? [required(`${path}[${index}].name`)] : []), ...(text === '' ? [required(`${path}[${index}].expression`)] : []),
      ...(compiled instanceof ExpressionFault ? [invalidValue(`${path}[${index}].expression`, text, compiled.message)] : []),
    ];
  });
}
