import type { Json, JsonObject } from '#base/json.ts';
import { specialFormOf, type FieldSchema, type MessageSchema } from './schema.ts';
import type { SchemaSet } from './schema-set.ts';

const TYPE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const MOST = 100;

/** Paths of fields that the type does not have, as `spec.containers[0].imagee`; the first hundred. */
export function unknownFields(schemas: SchemaSet, name: string, value: Json): string[] {
  const found: string[] = [];
  visit(schemas, name, value, '', found);
  return found;
}

function visit(schemas: SchemaSet, name: string, value: Json, path: string, found: string[]): void {
  if (specialFormOf(name) !== undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return;
  const fields = fieldsByName(schemas, schemas.get(name));
  for (const [key, each] of Object.entries(value as JsonObject)) {
    const at = path === '' ? key : `${path}.${key}`;
    const field = fields.get(key);
    if (field !== undefined) visitField(schemas, field, each ?? null, at, found);
    else if (!(path === '' && TYPE_FIELDS.has(key)) && found.length < MOST) found.push(at);
  }
}

function visitField(schemas: SchemaSet, field: FieldSchema, value: Json, path: string, found: string[]): void {
  if (field.type.kind !== 'message') return;
  const { name } = field.type;
  if (field.shape === 'list' && Array.isArray(value)) value.forEach((each: Json, at) => visit(schemas, name, each, `${path}[${at}]`, found));
  else if (field.shape === 'map' && value !== null && typeof value === 'object') for (const [key, each] of Object.entries(value as JsonObject)) visit(schemas, name, each ?? null, `${path}.${key}`, found);
  else if (field.shape === 'one') visit(schemas, name, value, path, found);
}

/** The value without fields that the type does not have; the value itself where it has none such. */
export function knownPart(schemas: SchemaSet, name: string, value: Json, isTop = true): Json {
  if (specialFormOf(name) !== undefined || !isObject(value)) return value;
  const fields = fieldsByName(schemas, schemas.get(name));
  return mapped(value, (key, each) => {
    const field = fields.get(key);
    if (field === undefined) return isTop && TYPE_FIELDS.has(key) ? each : undefined;
    return field.type.kind === 'message' ? knownField(schemas, field, field.type.name, each) : each;
  });
}

function knownField(schemas: SchemaSet, { shape }: FieldSchema, name: string, value: Json): Json {
  const one = (each: Json): Json => knownPart(schemas, name, each, false);
  if (shape === 'one') return one(value);
  if (shape === 'map') return isObject(value) ? mapped(value, (_key, each) => one(each)) : value;
  if (!Array.isArray(value)) return value;
  const items = (value as readonly Json[]).map(one);
  return items.some((item, index) => item !== (value as readonly Json[])[index]) ? items : value;
}

/** Copies only where something changes. */
function mapped(value: JsonObject, how: (key: string, each: Json) => Json | undefined): JsonObject {
  let isChanged = false;
  const next: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [key, each] of Object.entries(value)) {
    const kept = how(key, each ?? null);
    isChanged ||= kept !== (each ?? null);
    if (kept !== undefined) next[key] = kept;
  }
  return isChanged ? next : value;
}

const isObject = (value: Json): value is JsonObject => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Schemas are made once and never change. */
const byName = new WeakMap<MessageSchema, ReadonlyMap<string, FieldSchema>>();

/** The fields of an object of this type, those of inline messages among them. */
export function fieldsByName(schemas: SchemaSet, schema: MessageSchema): ReadonlyMap<string, FieldSchema> {
  const known = byName.get(schema);
  if (known !== undefined) return known;
  const fields = new Map<string, FieldSchema>();
  for (const field of schema.fields) {
    if (field.inline && field.type.kind === 'message') for (const [name, inner] of fieldsByName(schemas, schemas.get(field.type.name))) fields.set(name, inner);
    else fields.set(field.name, field);
  }
  byName.set(schema, fields);
  return fields;
}
