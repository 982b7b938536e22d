import type { Json, JsonObject } from '#base/json.ts';
import { isObject } from '../rules/_fields.ts';
import { fieldSchema, type CustomSchema } from './custom-schema.ts';

const TYPE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
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
    const field = fieldSchema(schema, name);
    if (field !== undefined) kept[name] = pruned(each, field, unknown, at, field.embedded);
    else if (schema.preserves) kept[name] = each;
    else if (unknown.length < MOST_TOLD) unknown.push(at);
  }
  return kept as JsonObject;
}
