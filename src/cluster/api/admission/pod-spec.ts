import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';

const CONTAINERS = ['initContainers', 'containers'] as const;

export const isPod = ({ group, plural }: Pick<ResourceDefinition, 'group' | 'plural'>): boolean => group === '' && plural === 'pods';

export function podSpec(pod: KubeObject): JsonObject {
  return objectOf(pod['spec'] as Json | undefined);
}

/** The spec with its containers changed, those that come first among them. */
export function eachContainer(spec: JsonObject, change: (container: JsonObject) => JsonObject): JsonObject {
  const changed: Record<string, Json> = {};
  for (const key of CONTAINERS) {
    const list = spec[key];
    if (Array.isArray(list)) changed[key] = (list as readonly Json[]).map((each) => (isObject(each) ? change(each) : each));
  }
  return { ...spec, ...changed };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [];
}

/** A text as it is; anything else as JSON: what a client wrote may have any shape, and String() does not take all of them. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
