import type { Json, JsonObject } from '#base/json.ts';

/* Parts of an `openapi.v2.Document` (gnostic, openapiv2/OpenAPIv2.proto): what a client reads of it, by the numbers of their fields. */

const encoder = new TextEncoder();

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A field with a length: a text, or a message of the parts. */
export function field(number: number, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const body = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  return joined([varint((number << 3) | 2), varint(body.reduce((length, part) => length + part.length, 0)), ...body]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Uint8Array.from([...bytes, rest]);
}

const truth = (number: number, value: boolean): Uint8Array => Uint8Array.from([number << 3, value ? 1 : 0]);

/** Document.definitions, which a reader joins with those before. */
export function definition(name: string, schema: JsonObject): Uint8Array {
  return field(9, named(name, schemaOf(schema)));
}

/** Document.paths, in the same way. */
export function pathItem(path: string, item: JsonObject): Uint8Array {
  const methods = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;
  return field(8, field(2, field(1, path), field(2, ...Object.entries(methods).flatMap(([method, number]) => (item[method] === undefined ? [] : [field(number, ...operationOf(item[method] as JsonObject))])))));
}

const named = (name: string, value: readonly Uint8Array[]): Uint8Array => field(1, field(1, name), field(2, ...value));

/** The value as YAML, which JSON is. */
const any = (value: Json): Uint8Array => field(2, JSON.stringify(value));
const extensions = (number: number, of: JsonObject): Uint8Array[] => Object.entries(of).flatMap(([name, value]) => (name.startsWith('x-') && value !== undefined ? [field(number, field(1, name), field(2, any(value)))] : []));

function schemaOf(schema: JsonObject): Uint8Array[] {
  const text = (name: string, number: number): Uint8Array[] => (typeof schema[name] === 'string' ? [field(number, schema[name])] : []);
  const { items, properties, additionalProperties: further, required = [], type } = schema;
  return [
    ...text('$ref', 1), ...text('format', 2), ...text('description', 4), ...(schema['default'] === undefined ? [] : [field(5, any(schema['default']))]), ...(required as readonly string[]).map((name) => field(19, name)),
    ...(further === undefined ? [] : [typeof further === 'boolean' ? field(21, truth(2, further)) : field(21, field(1, ...schemaOf(further as JsonObject)))]), ...(typeof type === 'string' ? [field(22, field(1, type))] : []),
    ...(items === undefined ? [] : [field(23, field(1, ...schemaOf(items as JsonObject)))]), ...(properties === undefined ? [] : [field(25, ...Object.entries(properties as JsonObject).map(([name, each]) => named(name, schemaOf(each as JsonObject))))]),
    ...extensions(31, schema),
  ];
}

/** With the parameters of its query: by these a client knows whether it may ask for a dry run. */
function operationOf({ parameters = [], ...operation }: JsonObject): Uint8Array[] {
  const query = (parameters as readonly JsonObject[]).filter((each) => each['in'] === 'query');
  return [...query.map((each) => field(8, field(1, field(2, field(3, field(2, 'query'), field(4, String(each['name'])), field(6, String(each['type']))))))), ...extensions(13, operation)];
}
