import type { Json, JsonObject } from '#base/json.ts';
import type { Column, KindRules } from '#cluster/kinds/kind-rules.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';

/** What of each object a row carries along: nothing, its metadata, or all of it. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** Upstream's columns for a kind that has none of its own. */
const PLAIN: readonly Column[] = [
  { name: 'Name', type: 'string', format: 'name', priority: 0, description: 'Name of the object, unique in its namespace', cell: ({ metadata }) => metadata.name },
  { name: 'Created At', type: 'date', priority: 0, description: 'When the object was made', cell: ({ metadata }) => metadata.creationTimestamp },
];

/** `meta.k8s.io/v1` `Table` of objects (kubernetes.io, API concepts, "Receiving resources as Tables"). */
export function tableOf(rules: KindRules, objects: readonly KubeObject[], metadata: JsonObject, include: IncludeObject, nowMs: number): JsonObject {
  const columns = rules.columns ?? PLAIN;
  return {
    kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata,
    columnDefinitions: columns.map(({ name, type, format, priority, description }) => ({ name, type, format: format ?? '', description, priority })),
    rows: objects.map((object) => ({ cells: columns.map((column): Json => column.cell(object, nowMs)), ...(include === 'None' ? {} : { object: include === 'Object' ? asJson(object) : partialOf(object) }) })),
  };
}

/** `PartialObjectMetadata` of an object. */
export function partialOf({ metadata }: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: metadata as unknown as JsonObject };
}
