import type { Json, JsonObject } from '#base/json.ts';
import { duplicate, forbidden, invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { listAt, objectAt, textAt, textOf, textsAt, valueAt } from '../rules/_fields.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../rules/_name-validation.ts';
import { clientFaults } from '../rules/_webhook-client.ts';
import { parseCustomSchema, type CustomSchema } from './custom-schema.ts';
import { expressionCost, scopeOfRule } from './expression-cost.ts';
import { compileExpression, ExpressionFault } from './expressions.ts';
import { parseJsonPath } from './json-path.ts';
import { structuralFaults } from './structural.ts';
import { numberOr } from './value-validation.ts';

const CONVERSION_REVIEWS = ['v1', 'v1beta1'];
const COLUMN_TYPES = ['integer', 'number', 'string', 'boolean', 'date'];
const VERSION = /^v[1-9]\d*(?:(?:alpha|beta)[1-9]\d*)?$|^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** Steps that a rule, and all rules of a version, may take at worst (upstream's are in other units, of the same size). */
const MOST_STEPS = 10_000_000;
const MOST_STEPS_TOGETHER = 100_000_000;
/** Of a request, and of the least that an element of a list needs in it. */
const MOST_BYTES = 3 * 1024 * 1024;
const LEAST_BYTES: Readonly<Record<string, number>> = { string: 3, boolean: 5, object: 3, array: 3 };

/** What is wrong with a CustomResourceDefinition (apiextensions, pkg/apis/apiextensions/validation). */
export function definitionFaults(definition: KubeObject): readonly FieldFault[] {
  const names = objectAt(definition, 'spec', 'names');
  const [plural, group, scope] = [textAt(names, 'plural'), textAt(definition, 'spec', 'group'), textAt(definition, 'spec', 'scope')];
  const versions = listAt(definition, 'spec', 'versions');
  return [
    ...(group === '' ? [required('spec.group')] : group.includes('.') ? checkDnsSubdomain(group, 'spec.group') : [invalidValue('spec.group', group, 'should be a domain with at least one dot')]),
    ...(plural === '' ? [required('spec.names.plural')] : checkDnsLabel(plural, 'spec.names.plural')),
    ...(textAt(names, 'kind') === '' ? [required('spec.names.kind')] : checkDnsLabel(textAt(names, 'kind').toLowerCase(), 'spec.names.kind')),
    ...textsAt(names, 'shortNames').flatMap((name, index) => checkDnsLabel(name, `spec.names.shortNames[${index}]`)),
    ...textsAt(names, 'categories').flatMap((name, index) => checkDnsLabel(name, `spec.names.categories[${index}]`)),
    ...(definition.metadata.name === `${plural}.${group}` ? [] : [invalidValue('metadata.name', definition.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...(['Cluster', 'Namespaced'].includes(scope) ? [] : scope === '' ? [required('spec.scope')] : [notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])]),
    ...(versions.length === 0 ? [required('spec.versions', 'must have at least one version')] : []),
    ...(versions.length === 0 || versions.filter((version) => version['storage'] === true).length === 1 ? [] : [invalidValue('spec.versions', versions.map((version) => textAt(version, 'name')), 'must have exactly one version marked as storage version')]),
    ...conversionFaults(objectAt(definition, 'spec', 'conversion'), 'spec.conversion'),
    ...versions.flatMap((version, index) => versionFaults(version, `spec.versions[${index}]`, versions.slice(0, index).map((each) => textAt(each, 'name')))),
  ];
}

/** What is written once; and versions in which objects are stored, which stay until the status says that none are. */
export function definitionUpdateFaults(definition: KubeObject, old: KubeObject, subresource?: string): readonly FieldFault[] {
  const fixed = [['spec', 'group'], ['spec', 'names', 'plural'], ['spec', 'names', 'kind'], ['spec', 'scope']] as const;
  const stored = textsAt(definition, 'status', 'storedVersions');
  const versions = listAt(definition, 'spec', 'versions');
  const present = versions.map((version) => textAt(version, 'name'));
  const storage = textAt(versions.find((version) => version['storage'] === true), 'name');
  return [
    ...fixed.filter((path) => textAt(definition, ...path) !== textAt(old, ...path)).map((path) => invalidValue(path.join('.'), textAt(definition, ...path), 'field is immutable')),
    ...(subresource === 'status' && stored.length === 0 ? [invalidValue('status.storedVersions', stored, 'must have at least one stored version')] : []),
    ...(subresource === 'status' && stored.length > 0 && !stored.includes(storage) ? [invalidValue('status.storedVersions', stored, `must have the storage version ${storage}`)] : []),
    ...stored.flatMap((name, index) => (present.includes(name) ? [] : [invalidValue(`status.storedVersions[${index}]`, name, `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`)])),
  ];
}

/** Paths are those of upstream's internal type, which is what its messages name. */
function conversionFaults(conversion: JsonObject, path: string): readonly FieldFault[] {
  const strategy = textAt(conversion, 'strategy');
  const client = objectAt(conversion, 'webhook', 'clientConfig');
  const hasClient = Object.keys(client).length > 0;
  const versions = textsAt(conversion, 'webhook', 'conversionReviewVersions');
  const [clientPath, versionsPath] = [`${path}.webhookClientConfig`, `${path}.conversionReviewVersions`];
  if (strategy === 'Webhook') return [...(hasClient ? clientFaults(client, clientPath) : [required(clientPath, 'required when strategy is set to Webhook')]), ...reviewVersionFaults(versions, versionsPath)];
  const unused = 'should not be set when strategy is not set to Webhook';
  return [
    ...(strategy === '' || strategy === 'None' ? [] : [notSupported(`${path}.strategy`, strategy, ['None', 'Webhook'])]),
    ...(hasClient ? [forbidden(clientPath, unused)] : []), ...(versions.length > 0 ? [forbidden(versionsPath, unused)] : []),
  ];
}

function reviewVersionFaults(versions: readonly string[], path: string): readonly FieldFault[] {
  if (versions.length === 0) return [required(path)];
  return [
    ...versions.flatMap((version, index) => (versions.indexOf(version) < index ? [invalidValue(`${path}[${index}]`, version, 'duplicate version')] : checkDnsLabel(version, `${path}[${index}]`))),
    ...(versions.some((version) => CONVERSION_REVIEWS.includes(version)) ? [] : [invalidValue(path, versions, `must include at least one of ${CONVERSION_REVIEWS.join(', ')}`)]),
  ];
}

function versionFaults(version: JsonObject, path: string, before: readonly string[]): readonly FieldFault[] {
  const [name, raw] = [textAt(version, 'name'), objectAt(version, 'schema', 'openAPIV3Schema')];
  const scale = objectAt(version, 'subresources', 'scale');
  return [
    ...(VERSION.test(name) ? [] : [invalidValue(`${path}.name`, name, 'must be a DNS label, as v1 or v1beta1')]),
    ...(before.includes(name) ? [duplicate(`${path}.name`, name)] : []),
    ...(Object.keys(raw).length === 0 ? [required(`${path}.schema.openAPIV3Schema`, 'schemas are required')] : schemaAndRules(raw, `${path}.schema.openAPIV3Schema`)),
    ...listAt(version, 'additionalPrinterColumns').flatMap((column, index) => columnFaults(column, `${path}.additionalPrinterColumns[${index}]`)),
    ...(Object.keys(scale).length === 0 ? [] : ['specReplicasPath', 'statusReplicasPath'].flatMap((field) => pathFaults(textAt(scale, field), `${path}.subresources.scale.${field}`, field === 'specReplicasPath' ? '.spec.' : '.status.'))),
    ...listAt(version, 'selectableFields').flatMap((each, index) => (parseJsonPath(textAt(each, 'jsonPath')) === undefined || textAt(each, 'jsonPath') === '' ? [invalidValue(`${path}.selectableFields[${index}].jsonPath`, textAt(each, 'jsonPath'), 'is an invalid path')] : [])),
  ];
}

function pathFaults(value: string, path: string, prefix: string): readonly FieldFault[] {
  if (value === '') return [required(path)];
  if (parseJsonPath(value) === undefined || value.includes('[')) return [invalidValue(path, value, 'should be a json path')];
  return value.startsWith(prefix) ? [] : [invalidValue(path, value, `should be a json path under ${prefix.slice(0, -1)}`)];
}

function columnFaults(column: JsonObject, path: string): readonly FieldFault[] {
  const [type, jsonPath] = [textAt(column, 'type'), textAt(column, 'jsonPath')];
  return [
    ...(textAt(column, 'name') === '' ? [required(`${path}.name`)] : []),
    ...(COLUMN_TYPES.includes(type) ? [] : [invalidValue(`${path}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`)]),
    ...(jsonPath === '' ? [required(`${path}.jsonPath`)] : parseJsonPath(jsonPath) === undefined ? [invalidValue(`${path}.jsonPath`, jsonPath, 'is an invalid path')] : []),
  ];
}

function schemaAndRules(raw: JsonObject, path: string): readonly FieldFault[] {
  const faults = structuralFaults(raw, path);
  // Of a schema that says no types, rules can't be told right from wrong.
  if (faults.length > 0) return faults;
  const costs = { together: 0 };
  const found = ruleFaults(parseCustomSchema(raw), path, true, 1, costs);
  return costs.together > MOST_STEPS_TOGETHER ? [...found, forbidden(path, 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget')] : found;
}

/** @param times how many values there can be at the place, at most */
function ruleFaults(schema: CustomSchema, path: string, isWhole: boolean, times: number, costs: { together: number }): readonly FieldFault[] {
  const own = schema.rules.flatMap((rule, index): readonly FieldFault[] => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const place = { schema, isWhole: isWhole || schema.embedded, fromNothing: rule.optionalOldSelf };
    if (rule.rule.trim() === '') return [required(`${at}.rule`, 'rule is not specified')];
    const expression = compileExpression(rule.rule, 'bool', place);
    if (expression instanceof ExpressionFault) return [invalidValue(`${at}.rule`, rule.rule, expression.message)];
    const message = rule.messageExpression === '' ? undefined : compileExpression(rule.messageExpression, 'string', place);
    if (message instanceof ExpressionFault) return [invalidValue(`${at}.messageExpression`, rule.messageExpression, message.message)];
    if (rule.message.includes('\n')) return [invalidValue(`${at}.message`, rule.message, 'message must not contain line breaks')];
    const cost = times * expressionCost(expression.ast, scopeOfRule(schema), mostElements);
    costs.together += Math.min(cost, MOST_STEPS);
    return cost <= MOST_STEPS ? [] : [forbidden(`${at}.rule`, `estimated rule cost exceeds budget by factor of ${factorText(cost / MOST_STEPS)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`)];
  });
  const below = (child: CustomSchema | undefined, at: string, more: number): readonly FieldFault[] => (child === undefined ? [] : ruleFaults(child, at, false, times * more, costs));
  return [
    ...own, ...[...schema.properties].flatMap(([name, each]) => below(each, `${path}.properties[${name}]`, 1)),
    ...below(schema.additional, `${path}.additionalProperties`, schema.additional === undefined ? 1 : mostElements(schema)), ...below(schema.items, `${path}.items`, schema.items === undefined ? 1 : mostElements(schema)),
  ];
}

const factorText = (factor: number): string => (factor > 100 ? 'more than 100x' : `${factor.toFixed(1)}x`);

/** How many elements fit into one request where the schema does not bound them. */
function mostElements(schema: CustomSchema | undefined): number {
  if (schema === undefined) return MOST_BYTES / 2;
  if (schema.type === 'string') {
    const options = valueAt(schema.raw, 'enum');
    return Array.isArray(options) ? Math.max(1, ...(options as readonly Json[]).map((each) => textOf(each).length)) : numberOr(schema.raw, 'maxLength', MOST_BYTES);
  }
  const element = schema.items ?? schema.additional;
  const least = (element === undefined ? 2 : LEAST_BYTES[element.type] ?? 2) + (schema.type === 'object' ? 4 : 0);
  return numberOr(schema.raw, schema.type === 'array' ? 'maxItems' : 'maxProperties', MOST_BYTES / least);
}
