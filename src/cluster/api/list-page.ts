import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ContinueToken } from './continue-token.ts';
import { keyOf, prefixOf } from './object-keys.ts';
import type { ObjectList, ObjectStore } from './object-store.ts';

export interface PageRequest {
  readonly of: ResourceDefinition;
  readonly namespace: string | undefined;
  readonly matches: (object: KubeObject) => boolean;
  /** Undefined: all of them. */
  readonly limit: number | undefined;
  readonly at: ContinueToken | undefined;
  /** Whether nothing is left out, so that it is known how many follow. */
  readonly isEverything: boolean;
}

/** Where a selector let too few through, that many more are looked at, at a time. */
const NEXT_READ = 500;

/** A page is full of what was asked for, however little of what is there that is; only the last one has less. */
export async function pageOf(objects: ObjectStore, { of, namespace, matches, limit, at, isEverything }: PageRequest): Promise<ObjectList> {
  const items: KubeObject[] = [];
  let [revision, after] = [at?.revision, at?.after];
  for (let least = 1; ; least = NEXT_READ) {
    const read = limit === undefined ? {} : { limit: Math.max(limit - items.length, least), counts: isEverything };
    const found = await objects.list(of, namespace, { ...read, ...(revision === undefined ? {} : { at: revision }), ...(after === undefined ? {} : { after }) });
    for (const [index, object] of found.items.entries()) {
      if (!matches(object)) continue;
      items.push(object);
      const isLast = index === found.items.length - 1 && found.after === undefined;
      if (items.length === limit && !isLast) return { resourceVersion: found.resourceVersion, items, after: placeOf(of, namespace, object), remaining: isEverything ? found.remaining : undefined };
    }
    if (found.after === undefined) return { resourceVersion: found.resourceVersion, items, after: undefined };
    [revision, after] = [Number(found.resourceVersion), found.after];
  }
}

function placeOf(of: ResourceDefinition, namespace: string | undefined, { metadata }: KubeObject): string {
  return keyOf(of, metadata.namespace, metadata.name).slice(prefixOf(of, namespace).length);
}
