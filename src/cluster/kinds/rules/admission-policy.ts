import type { JsonObject } from '#base/json.ts';
import { compilePolicyExpression, ExpressionFault } from '../custom/expressions.ts';
import { duplicate, forbidden, invalidValue, notSupported, required, type FieldFault, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, count, NAME } from './_columns.ts';
import { listAt, objectAt, textAt, textOf, textsAt, valueAt } from './_fields.ts';
import { changeEach, fill } from './_pod-defaults.ts';

/** Policies in expressions (pkg/apis/admissionregistration/validation). */

const ACTIONS = ['Deny', 'Warn', 'Audit'];

function withMatchDefaults(match: JsonObject): JsonObject {
  const rules = (value: JsonObject, name: string): JsonObject => changeEach(value, name, (rule) => fill(rule, { scope: '*' }));
  return rules(rules(fill(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} }), 'resourceRules'), 'excludeResourceRules');
}

export const validatingPolicyRules: KindRules = {
  defaults: (policy) => ({ ...policy, spec: fill({ ...objectAt(policy, 'spec'), matchConstraints: withMatchDefaults(objectAt(policy, 'spec', 'matchConstraints')) }, { failurePolicy: 'Fail' }) }),
  validate: (policy) => [
    ...(listAt(policy, 'spec', 'matchConstraints', 'resourceRules').length === 0 ? [required('spec.matchConstraints.resourceRules')] : []),
    ...(listAt(policy, 'spec', 'validations').length === 0 && listAt(policy, 'spec', 'auditAnnotations').length === 0 ? [required('spec.validations', 'validations or auditAnnotations must contain at least one item')] : []),
    ...commonFaults(policy),
    ...listAt(policy, 'spec', 'validations').flatMap((each, index) => [
      ...expressionFaults(each, `spec.validations[${index}]`, 'expression', 'bool'), ...reasonFaults(each, `spec.validations[${index}].reason`), ...(textAt(each, 'messageExpression') === '' ? [] : expressionFaults(each, `spec.validations[${index}]`, 'messageExpression', 'string')),
    ]),
    ...listAt(policy, 'spec', 'auditAnnotations').flatMap((each, index) => expressionFaults(each, `spec.auditAnnotations[${index}]`, 'valueExpression', 'string', false, 'null')),
  ],
  columns: [NAME, count('Validations', 'How many it has', (policy) => listAt(policy, 'spec', 'validations').length), column('ParamKind', 'Of what kind its parameters are', (policy) => paramKindText(objectAt(policy, 'spec', 'paramKind'))), AGE],
};

const PATCHES: Readonly<Record<string, string>> = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' };
const REINVOCATIONS = ['IfNeeded', 'Never'];
/** What is deleted can't be changed. */
const CHANGING = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

export const mutatingPolicyRules: KindRules = {
  defaults: (policy) => ({ ...policy, spec: fill({ ...objectAt(policy, 'spec'), matchConstraints: withMatchDefaults(objectAt(policy, 'spec', 'matchConstraints')) }, { failurePolicy: 'Fail' }) }),
  validate: (policy) => {
    const reinvocation = textAt(policy, 'spec', 'reinvocationPolicy');
    const rules = listAt(policy, 'spec', 'matchConstraints', 'resourceRules');
    return [
      ...(rules.length === 0 ? [required('spec.matchConstraints.resourceRules')] : []),
      ...rules.flatMap((rule, index) => textsAt(rule, 'operations').flatMap((operation, at) => (CHANGING.includes(operation) ? [] : [notSupported(`spec.matchConstraints.resourceRules[${index}].operations[${at}]`, operation, CHANGING)]))),
      ...(listAt(policy, 'spec', 'mutations').length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
      ...(reinvocation === '' ? [required('spec.reinvocationPolicy')] : REINVOCATIONS.includes(reinvocation) ? [] : [notSupported('spec.reinvocationPolicy', reinvocation, REINVOCATIONS)]),
      ...commonFaults(policy),
      ...listAt(policy, 'spec', 'mutations').flatMap((each, index) => mutationFaults(each, `spec.mutations[${index}]`)),
    ];
  },
  columns: [NAME, count('Mutations', 'How many it has', (policy) => listAt(policy, 'spec', 'mutations').length), column('ParamKind', 'Of what kind its parameters are', (policy) => paramKindText(objectAt(policy, 'spec', 'paramKind'))), AGE],
};

function mutationFaults(mutation: JsonObject, path: string): readonly FieldFault[] {
  const type = textAt(mutation, 'patchType');
  const field = Object.hasOwn(PATCHES, type) ? PATCHES[type] : undefined;
  if (field === undefined) return [type === '' ? required(`${path}.patchType`) : notSupported(`${path}.patchType`, type, Object.keys(PATCHES))];
  const other = Object.values(PATCHES).find((each) => each !== field && valueAt(mutation, each) !== undefined);
  return [
    ...(other === undefined ? [] : [invalidValue(`${path}.${other}`, '', `may not be specified when patchType is ${type}`)]),
    ...expressionFaults(objectAt(mutation, field), `${path}.${field}`, 'expression', undefined, true),
  ];
}

export const mutatingPolicyBindingRules: KindRules = {
  defaults: withBindingDefaults,
  validate: (binding) => [...(textAt(binding, 'spec', 'policyName') === '' ? [required('spec.policyName')] : []), ...parameterFaults(binding)],
  columns: bindingColumns(),
};

function withBindingDefaults(binding: KubeObject): KubeObject {
  return valueAt(binding, 'spec', 'matchResources') === undefined ? binding : { ...binding, spec: { ...objectAt(binding, 'spec'), matchResources: withMatchDefaults(objectAt(binding, 'spec', 'matchResources')) } };
}

function bindingColumns(): NonNullable<KindRules['columns']> {
  return [NAME, column('PolicyName', 'Which policy it puts to work', (binding) => textAt(binding, 'spec', 'policyName')), column('ParamRef', 'With which parameters', (binding) => textAt(binding, 'spec', 'paramRef', 'name') || '<unset>'), AGE];
}

export const validatingPolicyBindingRules: KindRules = {
  defaults: withBindingDefaults,
  validate: (binding) => {
    const actions = textsAt(binding, 'spec', 'validationActions');
    return [
      ...(textAt(binding, 'spec', 'policyName') === '' ? [required('spec.policyName')] : []), ...parameterFaults(binding),
      ...(actions.length === 0 ? [required('spec.validationActions')] : []),
      ...actions.flatMap((action, index) => (ACTIONS.includes(action) ? [] : [notSupported(`spec.validationActions[${index}]`, action, ACTIONS.toSorted())])),
      ...(actions.includes('Deny') && actions.includes('Warn') ? [invalidValue('spec.validationActions', actions, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)')] : []),
    ];
  },
  columns: bindingColumns(),
};

/** What policies of both sorts have: kinds of parameters, variables, conditions. */
function commonFaults(policy: KubeObject): readonly FieldFault[] {
  const kind = valueAt(policy, 'spec', 'paramKind');
  const names = listAt(policy, 'spec', 'variables').map((each) => textAt(each, 'name'));
  return [
    ...(kind === undefined || kind === null ? [] : ['apiVersion', 'kind'].flatMap((field) => (textAt(kind, field) === '' ? [required(`spec.paramKind.${field}`)] : []))),
    ...listAt(policy, 'spec', 'variables').flatMap((each, index) => [
      ...variableFaults(names, index, `spec.variables[${index}].name`), ...expressionFaults(each, `spec.variables[${index}]`, 'expression', undefined),
    ]),
    ...listAt(policy, 'spec', 'matchConditions').flatMap((each, index) => expressionFaults(each, `spec.matchConditions[${index}]`, 'expression', 'bool')),
  ];
}

function variableFaults(names: readonly string[], index: number, field: string): readonly FieldFault[] {
  const name = names[index] ?? '';
  if (name === '') return [required(field)];
  if (!/^[A-Za-z_]\w*$/.test(name)) return [invalidValue(field, name, 'name is not a valid CEL identifier')];
  return names.indexOf(name) < index ? [duplicate(field, name)] : [];
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];

function reasonFaults(validation: JsonObject, field: string): readonly FieldFault[] {
  const reason = textAt(validation, 'reason');
  return reason === '' || REASONS.includes(reason) ? [] : [notSupported(field, reason, REASONS)];
}

/** By name or by labels, and what is to be done where there is none. */
function parameterFaults(binding: KubeObject): readonly FieldFault[] {
  const reference = valueAt(binding, 'spec', 'paramRef');
  if (reference === undefined || reference === null) return [];
  const [hasName, hasSelector] = [textAt(reference, 'name') !== '', valueAt(reference, 'selector') !== undefined && valueAt(reference, 'selector') !== null];
  const action = textAt(reference, 'parameterNotFoundAction');
  return [
    ...(hasName === hasSelector ? [hasName ? forbidden('spec.paramRef.name', 'name and selector are mutually exclusive') : required('spec.paramRef', 'one of name or selector must be specified')] : []),
    ...(action === '' ? [required('spec.paramRef.parameterNotFoundAction')] : ['Allow', 'Deny'].includes(action) ? [] : [notSupported('spec.paramRef.parameterNotFoundAction', action, ['Allow', 'Deny'])]),
  ];
}

/** @param orElse a further type that it may answer */
function expressionFaults(value: JsonObject, path: string, field: string, type: string | undefined, makesObjects = false, orElse?: string): readonly FieldFault[] {
  const text = textAt(value, field);
  if (text === '') return [required(`${path}.${field}`)];
  const [first, second] = [compilePolicyExpression(text, type, makesObjects), orElse === undefined ? undefined : compilePolicyExpression(text, orElse, makesObjects)];
  const compiled = second === undefined || second instanceof ExpressionFault ? first : second;
  return compiled instanceof ExpressionFault ? [invalidValue(`${path}.${field}`, text, compiled.message)] : [];
}

const paramKindText = (kind: JsonObject): string => (Object.keys(kind).length === 0 ? '<unset>' : `${textOf(kind['apiVersion'])}/${textOf(kind['kind'])}`);
