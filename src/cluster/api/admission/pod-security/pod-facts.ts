import type { Json, JsonObject } from '#base/json.ts';
import { isObject, objectOf, objectsOf, textOf } from '../pod-spec.ts';

/** What a standard looks at: a pod, or the template of one. */
export interface PodFacts {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: JsonObject;
}

/** One rule that is not kept: a short reason, and who breaks it. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type Check = (pod: PodFacts) => Violation | undefined;

/** All of them: those that come first, and those that are added to look around, have to keep the same rules. */
export function containersOf({ spec }: PodFacts): readonly JsonObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((name) => objectsOf(spec[name]));
}

export const nameOf = (container: JsonObject): string => typeof container['name'] === 'string' ? container['name'] : '';
export const contextOf = (container: JsonObject): JsonObject => objectOf(container['securityContext']);
export const inUserNamespace = ({ spec }: PodFacts): boolean => spec['hostUsers'] === false;

/** `container "a"`, `containers "a", "b"`. */
export function containersText(names: readonly string[]): string {
  return `${names.length === 1 ? 'container' : 'containers'} ${quoted(names)}`;
}

export function quoted(texts: readonly string[]): string {
  return texts.map((each) => JSON.stringify(each)).join(', ');
}

/** Names of the containers of which something holds. */
export function namesWhere(pod: PodFacts, holds: (container: JsonObject) => boolean): readonly string[] {
  return containersOf(pod).filter(holds).map(nameOf);
}

/** `pod and container "a"`: who has set a field of the security context to what it may not be; with the values, sorted. */
export function settersOf(pod: PodFacts, field: string, isBad: (value: Json) => boolean, shown: (value: Json) => string = textOf): { readonly who: string; readonly values: readonly string[] } | undefined {
  const own = contextOf(pod.spec)[field];
  const values: string[] = [];
  const bad = (value: Json | undefined): boolean => {
    if (value === undefined || value === null || !isBad(value)) return false;
    values.push(shown(value));
    return true;
  };
  const isPod = bad(own);
  const names = namesWhere(pod, (container) => bad(contextOf(container)[field]));
  if (!isPod && names.length === 0) return undefined;
  return { who: [...(isPod ? ['pod'] : []), ...(names.length === 0 ? [] : [containersText(names)])].join(' and '), values: [...new Set(values)].sort() };
}

export function typeOf(value: Json | undefined): string {
  return isObject(value) && typeof value['type'] === 'string' ? value['type'] : '';
}
