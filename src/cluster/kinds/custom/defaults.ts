import type { Json, JsonObject } from '#base/json.ts';
import { isObject } from '../rules/_fields.ts';
import { fieldSchema, type CustomSchema } from './custom-schema.ts';

/** The value with what its schema fills in: where a field is absent, or is null and may not be. */
export function withDefaults(value: Json, schema: CustomSchema): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : (value as readonly Json[]).map((item) => withDefaults(item, items));
  }
  if (!isObject(value)) return value;
  const filled: Record<string, Json> = Object.assign(Object.create(null) as Record<string, Json>, value);
  for (const [name, { preset, nullable }] of schema.properties) {
    const isAbsent = !Object.hasOwn(filled, name) || filled[name] === undefined || (filled[name] === null && !nullable);
    if (isAbsent && preset !== undefined) filled[name] = structuredCopy(preset);
  }
  for (const [name, each] of Object.entries(filled)) {
    const field = fieldSchema(schema, name);
    if (field !== undefined) filled[name] = withDefaults(each, field);
  }
  return filled as JsonObject;
}

const structuredCopy = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;
