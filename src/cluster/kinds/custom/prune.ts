import type { Json, JsonObject } from '#base/json.ts';
import { isObject } from '../rules/_fields.ts';
import { metaV1 } from '../schema/meta-v1.ts';
import { SchemaSet } from '../schema-set.ts';
import { knownPart, unknownFields } from '../unknown-fields.ts';
import { fieldSchema, type CustomSchema } from './custom-schema.ts';

const TYPE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const METADATA = 'meta.v1.ObjectMeta';
const metadataSchemas = new SchemaSet({ 'meta.v1': metaV1 });
const MOST_TOLD = 100;

/**
 * The value without fields that its schema does not have.
 * @param unknown takes their paths, the first hundred
 */
export function pruned(value: Json, schema: CustomSchema, unknown: string[] = [], path = '', isWhole = true): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : (value as readonly Json[]).map((item, index) => pruned(item, items, unknown, `${path}[${index}]`, items.embedded));
  }
  if (!isObject(value)) return value;
  const kept: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const at = path === '' ? name : `${path}.${name}`;
    if (isWhole && TYPE_FIELDS.has(name)) {
      kept[name] = each;
      continue;
    }
    if (isWhole && name === 'metadata') {
      // Whatever the schema says of it: it is that of every object.
      kept[name] = knownPart(metadataSchemas, METADATA, each, false);
      for (const path of unknownFields(metadataSchemas, METADATA, each)) if (unknown.length < MOST_TOLD) unknown.push(`${at}.${path}`);
      continue;
    }
    const field = fieldSchema(schema, name);
    if (field !== undefined) kept[name] = pruned(each, field, unknown, at, field.embedded);
    else if (schema.preserves) kept[name] = each;
    else if (unknown.length < MOST_TOLD) unknown.push(at);
  }
  return kept as JsonObject;
}
