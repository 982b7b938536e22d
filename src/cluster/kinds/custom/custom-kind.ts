import type { Json, JsonObject } from '#base/json.ts';
import type { Column, FieldFault, KindRules } from '../kind-rules.ts';
import { asJson, asObject, type KubeObject } from '../object.ts';
import type { CustomConversion, CustomKind, ResourceDefinition } from '../resource-definition.ts';
import { NAME } from '../rules/_columns.ts';
import { listAt, objectAt, textAt, textsAt, valueAt } from '../rules/_fields.ts';
import { since } from '../rules/_human-duration.ts';
import { checkMetadata, checkMetadataUpdate } from '../rules/metadata.ts';
import { parseCustomSchema, type CustomSchema } from './custom-schema.ts';
import { withDefaults } from './defaults.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';
import { pruned } from './prune.ts';
import { checkRules, compileRules, type CompiledRules } from './rule-validation.ts';
import { checkValue } from './value-validation.ts';

/** What a CustomResourceDefinition serves: a resource for each version, the preferred one first. */
export function customResources(definition: KubeObject): readonly ResourceDefinition[] {
  const spec = objectAt(definition, 'spec');
  // Names that another definition has already are not accepted; what was accepted is what is served.
  const names = objectAt(definition, 'status', 'acceptedNames');
  const versions = listAt(spec, 'versions');
  const storageVersion = textAt(versions.find((version) => version['storage'] === true), 'name');
  const conversion = conversionOf(spec);
  const [kind, plural] = [textAt(names, 'kind'), textAt(names, 'plural')];
  return versions.filter((version) => version['served'] === true).map((version) => {
    const [status, scale] = [valueAt(version, 'subresources', 'status'), objectAt(version, 'subresources', 'scale')];
    const hasScale = Object.keys(scale).length > 0;
    const custom: CustomKind = {
      definition: definition.metadata.uid, listKind: textAt(names, 'listKind'), storageVersion, schema: objectAt(version, 'schema', 'openAPIV3Schema'), columns: listAt(version, 'additionalPrinterColumns'),
      ...(hasScale ? { scale: { specReplicasPath: textAt(scale, 'specReplicasPath'), statusReplicasPath: textAt(scale, 'statusReplicasPath'), labelSelectorPath: textAt(scale, 'labelSelectorPath') } } : {}),
      selectable: listAt(version, 'selectableFields').map((each) => textAt(each, 'jsonPath')), deprecation: deprecationOf(version, textAt(spec, 'group'), kind), isTerminating: definition.metadata.deletionTimestamp !== undefined,
      ...(conversion === undefined ? {} : { conversion }),
    };
    return {
      group: textAt(spec, 'group'), version: textAt(version, 'name'), kind, plural, singular: textAt(names, 'singular'), namespaced: textAt(spec, 'scope') === 'Namespaced', shortNames: textsAt(names, 'shortNames'), categories: textsAt(names, 'categories'),
      subresources: [...(status === undefined || status === null ? [] : ['status' as const]), ...(hasScale ? ['scale' as const] : [])], isReview: false, message: undefined, custom,
    };
  });
}

function conversionOf(spec: JsonObject): CustomConversion | undefined {
  if (textAt(spec, 'conversion', 'strategy') !== 'Webhook') return undefined;
  return {
    clientConfig: objectAt(spec, 'conversion', 'webhook', 'clientConfig'), reviewVersions: textsAt(spec, 'conversion', 'webhook', 'conversionReviewVersions'),
    versions: listAt(spec, 'versions').map((version) => ({ name: textAt(version, 'name'), schema: objectAt(version, 'schema', 'openAPIV3Schema') })),
  };
}

function deprecationOf(version: JsonObject, group: string, kind: string): string {
  if (valueAt(version, 'deprecated') !== true) return '';
  const words = textAt(version, 'deprecationWarning');
  return words === '' ? `${group}/${textAt(version, 'name')} ${kind} is deprecated` : words;
}

/** A version of a kind, ready to be used. */
export interface CompiledKind {
  readonly schema: CustomSchema;
  readonly rules: KindRules;
}

const compiled = new WeakMap<CustomKind, CompiledKind>();

/** Made when it is first asked for, and kept as long as the version is served. */
export function compiledKind(custom: CustomKind): CompiledKind {
  const known = compiled.get(custom);
  if (known !== undefined) return known;
  const schema = parseCustomSchema(custom.schema);
  const made: CompiledKind = { schema, rules: rulesFor(schema, compileRules(schema), custom) };
  compiled.set(custom, made);
  return made;
}

/** Paths of fields that the kind does not have. */
export function unknownCustomFields(custom: CustomKind, value: Json): readonly string[] {
  const unknown: string[] = [];
  pruned(value, compiledKind(custom).schema, unknown);
  return unknown;
}

/** An object as it is shown in this version: with its name, and with what the schema fills in. */
export function shownAs({ group, version, custom }: ResourceDefinition, object: KubeObject): KubeObject {
  if (custom === undefined || custom.isAsStored === true) return object;
  return asObject({ ...withDefaults(asJson(object), compiledKind(custom).schema) as JsonObject, apiVersion: `${group}/${version}` });
}

const schemas = new WeakMap<JsonObject, CustomSchema>();

function schemaOf({ versions }: CustomConversion, { apiVersion }: KubeObject): CustomSchema | undefined {
  const raw = versions.find(({ name }) => apiVersion.endsWith(`/${name}`))?.schema;
  if (raw === undefined) return undefined;
  const schema = schemas.get(raw) ?? parseCustomSchema(raw);
  schemas.set(raw, schema);
  return schema;
}

/** An object as it was stored, before it is converted: with what the schema of its own version fills in. */
export function readAs(conversion: CustomConversion, stored: KubeObject): KubeObject {
  const schema = schemaOf(conversion, stored);
  return schema === undefined ? stored : asObject(withDefaults(asJson(stored), schema));
}

/** An object that a webhook made of another version: without what the schema of its version lacks. */
export function convertedAs(conversion: CustomConversion, converted: KubeObject): KubeObject {
  const schema = schemaOf(conversion, converted);
  return schema === undefined ? converted : asObject(pruned(asJson(converted), schema));
}

const stored = new WeakMap<CustomKind, CustomKind>();

/**
 * The same resource for those who look after names, owners and life cycles alone: objects are seen and written in the version that
 * they are stored in, and a webhook that converts the rest need not be there.
 */
export function asStored(of: ResourceDefinition, version = of.version): ResourceDefinition {
  if (of.custom === undefined) return of;
  const custom = stored.get(of.custom) ?? { ...of.custom, isAsStored: true, schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  stored.set(of.custom, custom);
  return { ...of, version, custom };
}

function rulesFor(schema: CustomSchema, rules: CompiledRules, { columns }: CustomKind): KindRules {
  return {
    defaults: (object) => asObject(withDefaults(pruned(asJson(object), schema), schema)),
    validate: (object, old) => [...checkMetadata(object), ...checkContent(schema, rules, asJson(object), old === undefined ? undefined : asJson(old))],
    validateUpdate: checkMetadataUpdate,
    columns: [NAME, ...(columns.length === 0 ? [CREATED] : columns.map(columnOf))],
  };
}

function checkContent(schema: CustomSchema, rules: CompiledRules, value: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const faults = checkValue(value, schema, '', old);
  return faults.length > 0 ? faults : checkRules(rules, value, schema, old);
}

const CREATED: Column = { name: 'Age', type: 'date', priority: 0, description: 'How long ago it was made', cell: ({ metadata }, nowMs) => since(metadata.creationTimestamp, nowMs) };

function columnOf(raw: JsonObject): Column {
  const path = parseJsonPath(textAt(raw, 'jsonPath')) ?? [];
  const type = textAt(raw, 'type');
  const priority = valueAt(raw, 'priority');
  return {
    name: textAt(raw, 'name'), type, format: textAt(raw, 'format'), priority: typeof priority === 'number' ? priority : 0, description: textAt(raw, 'description'),
    cell: (object, nowMs) => cellOf(valuesAt(asJson(object), path), type, nowMs),
  };
}

/** Several values stand side by side, where the column is a text. */
function cellOf(values: readonly Json[], type: string, nowMs: number): Json {
  const [first] = values;
  if (first === undefined || first === null) return null;
  switch (type) {
    case 'integer': return typeof first === 'number' ? Math.trunc(first) : null;
    case 'number': return typeof first === 'number' ? first : null;
    case 'boolean': return typeof first === 'boolean' ? first : null;
    case 'date': return typeof first === 'string' ? since(first, nowMs) : null;
    default: return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(',');
  }
}
