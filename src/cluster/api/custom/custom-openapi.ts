import type { Json, JsonObject } from '#base/json.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** `com.example.v1.CronTab`. */
export function customSchemaName({ group, version, kind }: Pick<ResourceDefinition, 'group' | 'version' | 'kind'>): string {
  return [...group.split('.').toReversed(), version, kind].join('.');
}

/** The schema of a custom kind as the OpenAPI document has it: as it was written, with what every object has. */
export function customOpenApi({ group, version, kind, custom }: ResourceDefinition): JsonObject {
  const raw = publishable(custom?.schema ?? {}) as JsonObject;
  const properties = (raw['properties'] ?? {}) as JsonObject;
  const text = (description: string): JsonObject => ({ type: 'string', description });
  const isOpen = raw['x-kubernetes-preserve-unknown-fields'] === true && Object.keys(properties).length === 0;
  return {
    ...raw, type: 'object',
    properties: {
      ...properties,
      apiVersion: text('The group and version of the object'), kind: text('What kind of object it is'),
      metadata: { allOf: [{ $ref: `#/components/schemas/${META}` }], description: 'What every object has' },
    },
    ...(isOpen ? { 'x-kubernetes-preserve-unknown-fields': true } : {}), 'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}

/** An integer or a text has no type of its own in OpenAPI. */
function publishable(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(publishable);
  if (value === null || typeof value !== 'object') return value;
  const copied = Object.fromEntries(Object.entries(value as JsonObject).flatMap(([name, each]) => (each === undefined ? [] : [[name, publishable(each)]]))) as JsonObject;
  return copied['x-kubernetes-int-or-string'] === true && copied['anyOf'] === undefined ? { ...copied, anyOf: [{ type: 'integer' }, { type: 'string' }] } : copied;
}
