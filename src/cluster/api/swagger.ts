import type { Json, JsonObject } from '#base/json.ts';

const HERE = '#/components/schemas/';
const LEFT_OUT: ReadonlySet<string> = new Set(['oneOf', 'anyOf', 'not', 'nullable', 'allOf']);
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * A schema of OpenAPI 3.0 in the words of Swagger 2.0, which has no alternatives and no null: what may be several things has no
 * type, or that of a text, as upstream publishes it; what keeps unknown fields, or may be null, says nothing of what is in it
 * (kubernetes, apiextensions-apiserver, pkg/controller/openapi/v2).
 */
export function swaggerSchema(schema: JsonObject): JsonObject {
  const [first] = (schema['allOf'] ?? []) as readonly JsonObject[];
  const referred = (first?.['$ref'] ?? schema['$ref']) as string | undefined;
  const isText = Array.isArray(schema['oneOf']) && (schema['oneOf'] as readonly JsonObject[]).some(({ type }) => type === 'string');
  const isOpaque = schema['nullable'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const kept = Object.entries(schema).flatMap(([name, value]): [string, Json][] => {
    if (value === undefined || LEFT_OUT.has(name) || name === '$ref') return [];
    if (isOpaque && (name === 'properties' || name === 'items' || name === 'required' || (name === 'type' && schema['nullable'] === true))) return [];
    if (name === 'properties') return [[name, Object.fromEntries(Object.entries(value as JsonObject).map(([each, of]) => [each, swaggerSchema(of as JsonObject)]))]];
    if ((name === 'items' || name === 'additionalProperties') && typeof value === 'object' && value !== null && !Array.isArray(value)) return [[name, swaggerSchema(value as JsonObject)]];
    return [[name, value]];
  });
  return { ...(referred === undefined ? {} : { $ref: `#/definitions/${referred.slice(HERE.length)}` }), ...(isText ? { type: 'string' } : {}), ...Object.fromEntries(kept) };
}

/** The operations of a path. */
export function swaggerPath(path: string, item: JsonObject): JsonObject {
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): JsonObject => ({ name, in: 'path', required: true, type: 'string' }));
  return { ...Object.fromEntries(METHODS.flatMap((method) => (item[method] === undefined ? [] : [[method, swaggerOperation(item[method] as JsonObject)]]))), ...(places.length === 0 ? {} : { parameters: places }) };
}

function swaggerOperation({ requestBody, parameters = [], responses, ...more }: JsonObject): JsonObject {
  const content = ((requestBody as JsonObject | undefined)?.['content'] ?? {}) as Readonly<Record<string, JsonObject>>;
  const [types, [body]] = [Object.keys(content), Object.values(content)];
  const answer = ((responses as JsonObject)['200'] as { readonly content?: Readonly<Record<string, JsonObject>> }).content?.['application/json']?.['schema'];
  return {
    ...(types.length === 0 ? {} : { consumes: types }), produces: ['application/json', 'application/yaml'],
    parameters: [
      ...(body === undefined ? [] : [{ name: 'body', in: 'body', required: true, schema: swaggerSchema(body['schema'] as JsonObject) }]),
      ...(parameters as readonly JsonObject[]).map(({ schema, ...rest }): JsonObject => ({ ...rest, ...(schema as JsonObject) })),
    ],
    responses: { 200: { description: 'OK', ...(answer === undefined ? {} : { schema: swaggerSchema(answer as JsonObject) }) } }, ...more,
  };
}
