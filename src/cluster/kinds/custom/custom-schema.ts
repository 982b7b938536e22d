import type { Json, JsonObject } from '#base/json.ts';
import { isObject, listAt, objectAt, textAt, textsAt, valueAt } from '../rules/_fields.ts';

/** A rule in the Common Expression Language (`apiextensions.v1.ValidationRule`). */
export interface ExpressionRule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string;
  /** `.spec.replicas`: below the place of the rule. */
  readonly fieldPath: string;
  readonly optionalOldSelf: boolean;
}

/** A structural schema (kubernetes.io, "Extend the Kubernetes API with CustomResourceDefinitions"): the type of one value. */
export interface CustomSchema {
  /** As it was written. */
  readonly raw: JsonObject;
  /** Empty where it is an integer or text, or anything. */
  readonly type: string;
  readonly nullable: boolean;
  readonly intOrString: boolean;
  /** Fields that it does not name stay. */
  readonly preserves: boolean;
  /** A whole object, with its own version, kind and metadata. */
  readonly embedded: boolean;
  readonly properties: ReadonlyMap<string, CustomSchema>;
  /** Of the values of a map. */
  readonly additional: CustomSchema | undefined;
  readonly items: CustomSchema | undefined;
  readonly listType: string;
  readonly listKeys: readonly string[];
  readonly atomicMap: boolean;
  readonly preset: Json | undefined;
  readonly rules: readonly ExpressionRule[];
}

/** @param raw `apiextensions.v1.JSONSchemaProps`; what has another shape than it should counts as absent */
export function parseCustomSchema(raw: JsonObject): CustomSchema {
  const additional = valueAt(raw, 'additionalProperties');
  const items = valueAt(raw, 'items');
  return {
    raw, type: textAt(raw, 'type'), nullable: valueAt(raw, 'nullable') === true, intOrString: valueAt(raw, 'x-kubernetes-int-or-string') === true,
    preserves: valueAt(raw, 'x-kubernetes-preserve-unknown-fields') === true, embedded: valueAt(raw, 'x-kubernetes-embedded-resource') === true,
    properties: new Map(Object.entries(objectAt(raw, 'properties')).flatMap(([name, value]) => (isObject(value) ? [[name, parseCustomSchema(value)] as const] : []))),
    additional: isObject(additional) ? parseCustomSchema(additional) : additional === true ? ANYTHING : undefined,
    items: isObject(items) ? parseCustomSchema(items) : undefined,
    listType: textAt(raw, 'x-kubernetes-list-type'), listKeys: textsAt(raw, 'x-kubernetes-list-map-keys'), atomicMap: textAt(raw, 'x-kubernetes-map-type') === 'atomic',
    preset: valueAt(raw, 'default'),
    rules: listAt(raw, 'x-kubernetes-validations').map((rule) => ({
      rule: textAt(rule, 'rule'), message: textAt(rule, 'message'), messageExpression: textAt(rule, 'messageExpression'), reason: textAt(rule, 'reason'), fieldPath: textAt(rule, 'fieldPath'), optionalOldSelf: valueAt(rule, 'optionalOldSelf') === true,
    })),
  };
}

const ANYTHING: CustomSchema = {
  raw: {}, type: '', nullable: true, intOrString: false, preserves: true, embedded: false, properties: new Map(), additional: undefined, items: undefined, listType: '', listKeys: [], atomicMap: false, preset: undefined, rules: [],
};

/** The schema of a field; undefined where the type does not have it. */
export function fieldSchema(schema: CustomSchema, name: string): CustomSchema | undefined {
  return schema.properties.get(name) ?? schema.additional;
}

/** The place of an item in a list that is a map: its keys and their values. */
export function itemKey({ listKeys, items }: CustomSchema, item: Json): string | undefined {
  if (!isObject(item)) return undefined;
  return JSON.stringify(listKeys.map((key) => (Object.hasOwn(item, key) ? item[key] : items?.properties.get(key)?.preset) ?? null));
}
