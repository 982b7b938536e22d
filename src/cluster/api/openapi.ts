import type { Json, JsonObject } from '#base/json.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { specialFormOf, type FieldSchema, type Scalar } from '#cluster/kinds/schema.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import type { TypeTexts } from '#cluster/kinds/type-texts.ts';
import { fieldsByName } from '#cluster/kinds/unknown-fields.ts';
import { customOpenApi, customSchemaName } from './custom/custom-openapi.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import type { ServedVersion } from './served-groups.ts';

const SCALARS: Readonly<Record<Scalar, JsonObject>> = {
  string: { type: 'string' }, bool: { type: 'boolean' }, bytes: { type: 'string', format: 'byte' },
  int32: { type: 'integer', format: 'int32' }, int64: { type: 'integer', format: 'int64' }, double: { type: 'number', format: 'double' },
};
const SPECIAL: Readonly<Record<string, JsonObject>> = {
  time: { type: 'string', format: 'date-time' }, 'micro-time': { type: 'string', format: 'date-time' }, duration: { type: 'string' }, 'int-or-string': { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] }, raw: { type: 'object' }, strings: { type: 'array', items: { type: 'string' } }, 'json-schema-or': {},
};

/** Upstream's name of a type in these documents: `io.k8s.api.core.v1.Pod`. */
export function schemaName(message: string): string {
  if (message.startsWith('meta.')) return `io.k8s.apimachinery.pkg.apis.${message}`;
  if (message.startsWith('apiextensions.')) return `io.k8s.apiextensions-apiserver.pkg.apis.${message}`;
  return `io.k8s.api.${message}`;
}

/** `/openapi/v3`: the documents there are; the hash lets clients keep them. */
export function openApiIndex(groups: ReadonlyMap<string, readonly ServedVersion[]>, hash: string): JsonObject {
  const paths: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [group, versions] of groups) {
    for (const { version, remote } of versions) {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      if (remote?.openApiHash !== '') paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${remote?.openApiHash ?? hash}` };
    }
  }
  return { paths };
}

/** The OpenAPI 3.0 document of one group and version: its paths, and every type that they reach. */
export function openApiDocument(schemas: SchemaSet, texts: TypeTexts, registry: ResourceRegistry, group: string, version: string): JsonObject {
  const definitions = registry.inGroupVersion(group, version);
  const components = new Map<string, JsonObject>();
  for (const of of definitions) {
    if (of.message !== undefined) addSchema(schemas, texts, of.message, components, { group, version, kind: of.kind });
    if (of.custom === undefined) continue;
    addSchema(schemas, texts, 'meta.v1.ObjectMeta', components);
    components.set(customSchemaName(of), customOpenApi(of));
  }
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const paths = Object.fromEntries(definitions.flatMap((of) => pathsOf(base, of)));
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: joinApiVersion(group, version) }, paths, components: { schemas: Object.fromEntries(components) } };
}

function addSchema(schemas: SchemaSet, texts: TypeTexts, message: string, into: Map<string, JsonObject>, isKind?: { readonly group: string; readonly version: string; readonly kind: string }): void {
  const name = schemaName(message);
  if (into.has(name) || specialFormOf(message) !== undefined) return;
  into.set(name, {});
  const fields = [...fieldsByName(schemas, schemas.get(message)).values()];
  const properties = Object.fromEntries(fields.map((field) => [field.name, propertyOf(field, texts.ofField(message, field))]));
  const required = fields.filter((field) => field.required && field.name !== 'metadata').map((field) => field.name);
  const { apiVersion, kind } = texts.ofEveryKind;
  into.set(name, {
    ...described(texts.ofType(message)), type: 'object',
    properties: isKind === undefined ? properties : { apiVersion: { description: apiVersion, type: 'string' }, kind: { description: kind, type: 'string' }, ...properties },
    ...(required.length === 0 ? {} : { required }), ...(isKind === undefined ? {} : { 'x-kubernetes-group-version-kind': [{ ...isKind }] }),
  });
  for (const { type } of fields) if (type.kind === 'message') addSchema(schemas, texts, type.name, into);
}

const described = (text: string | undefined): JsonObject => (text === undefined ? {} : { description: text });

function propertyOf(field: FieldSchema, text: string | undefined): JsonObject {
  const one = typeOf(field);
  const value: JsonObject = field.shape === 'list' ? { type: 'array', items: one } : field.shape === 'map' ? { type: 'object', additionalProperties: one } : one;
  const { ownership, patch, preset } = field;
  const extensions: JsonObject = {
    ...described(text),
    ...(preset === undefined ? {} : { default: preset }),
    ...(field.shape === 'list' && ownership.kind !== 'granular' ? { 'x-kubernetes-list-type': ownership.kind } : {}), ...(ownership.kind === 'map' ? { 'x-kubernetes-list-map-keys': [...ownership.keys] } : {}),
    ...(field.shape !== 'list' && ownership.kind === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(patch === undefined ? {} : { 'x-kubernetes-patch-strategy': [...(patch.merge ? ['merge'] : []), ...(patch.retainKeys ? ['retainKeys'] : [])].join(',') }),
    ...(patch?.mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': patch.mergeKey }),
  };
  // A $ref stands alone: what is said beside it needs an allOf (OpenAPI 3.0).
  return Object.hasOwn(value, '$ref') && Object.keys(extensions).length > 0 ? { allOf: [value], ...extensions } : { ...value, ...extensions };
}

function typeOf({ type }: FieldSchema): JsonObject {
  if (type.kind === 'scalar') return SCALARS[type.scalar];
  const special = specialFormOf(type.name);
  return special === undefined ? { $ref: `#/components/schemas/${schemaName(type.name)}` } : SPECIAL[special] ?? {};
}

const PARAMETERS: readonly Json[] = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
const PATCHES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'] as const;

function pathsOf(base: string, of: ResourceDefinition): (readonly [string, JsonObject])[] {
  const collection = of.namespaced ? `${base}/namespaces/{namespace}/${of.plural}` : `${base}/${of.plural}`;
  const kind = { group: of.group, version: of.version, kind: of.kind };
  const name = of.custom !== undefined ? customSchemaName(of) : of.message === undefined ? undefined : schemaName(of.message);
  const body: JsonObject = name === undefined ? { type: 'object' } : { $ref: `#/components/schemas/${name}` };
  const patches = of.custom === undefined ? PATCHES : PATCHES.filter((type) => !type.includes('strategic'));
  const answer: JsonObject = { 200: { description: 'OK', content: { 'application/json': { schema: body } } } };
  const operation = (action: string, more: JsonObject = {}): JsonObject => ({ 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': kind, responses: answer, ...more });
  const write = { requestBody: { content: { 'application/json': { schema: body } } }, parameters: PARAMETERS };
  if (of.isReview) return [[collection, { post: operation('post', write) }]];
  const patch = operation('patch', { requestBody: { content: Object.fromEntries(patches.map((type) => [type, { schema: { type: 'object' } }])) }, parameters: [...PARAMETERS, { name: 'force', in: 'query', schema: { type: 'boolean' } }] });
  return [
    [collection, { get: operation('list'), post: operation('post', write), delete: operation('deletecollection') }],
    [`${collection}/{name}`, { get: operation('get'), put: operation('put', write), patch, delete: operation('delete', { parameters: PARAMETERS }) }],
    ...(['status', 'ephemeralcontainers', 'resize'] as const).filter((part) => of.subresources.includes(part)).map((part) => [`${collection}/{name}/${part}`, { get: operation('get'), put: operation('put', write), patch }] as const),
  ];
}
