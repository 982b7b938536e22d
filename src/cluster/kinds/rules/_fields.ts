import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '../object.ts';

/** Reading what a client wrote, which may have any shape: what is not as expected counts as absent. */

export function valueAt(value: KubeObject | Json | undefined, ...path: readonly string[]): Json | undefined {
  let found: unknown = value;
  for (const name of path) {
    if (found === null || typeof found !== 'object' || Array.isArray(found) || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found as Json | undefined;
}

export function textAt(value: KubeObject | Json | undefined, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}

export function numberAt(value: KubeObject | Json | undefined, ...path: readonly string[]): number {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : 0;
}

export function listAt(value: KubeObject | Json | undefined, ...path: readonly string[]): readonly JsonObject[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? (found as readonly Json[]).filter(isObject) : [];
}

export function textsAt(value: KubeObject | Json | undefined, ...path: readonly string[]): readonly string[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? (found as readonly Json[]).filter((each): each is string => typeof each === 'string') : [];
}

export function objectAt(value: KubeObject | Json | undefined, ...path: readonly string[]): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Any value as text. String() does not take objects without a prototype, which those from outside are. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? '';
}
