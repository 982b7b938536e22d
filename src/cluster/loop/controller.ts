import type { KubeObject } from '#cluster/kinds/object.ts';
import type { Index } from './object-index.ts';

/** A resource by the name that controllers declare: `pods`, `apps/deployments`. */
export type ResourceName = string;

/** What a controller sees: the objects of the resources that it declared to read, as of one moment. */
export interface View {
  list(resource: ResourceName, namespace?: string): readonly KubeObject[];
  get(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined;
  byUid(resource: ResourceName, uid: string): KubeObject | undefined;
  /** Those that name it as an owner. */
  ownedBy(resource: ResourceName, uid: string): readonly KubeObject[];
  /** Those that an index has under a key, in no order; the index is made when it is asked first, and kept. */
  indexed(resource: ResourceName, index: Index, key: string): ReadonlySet<KubeObject>;
}

/**
 * One change that a controller wants, with why; the reason is what `gantry why` prints. The changes of a plan are made in their
 * order, and those after one that failed are not made. `announceOn` has an Event tell of it at that object, by the name that
 * the server gave.
 */
export type Write = { readonly why: string } & (
  | { readonly kind: 'create'; readonly resource: ResourceName; readonly object: NewObject; readonly announceOn?: KubeObject }
  /** Of all but the status, over the version that it was made from. */
  | { readonly kind: 'update'; readonly resource: ResourceName; readonly object: KubeObject }
  | { readonly kind: 'status'; readonly resource: ResourceName; readonly object: KubeObject }
  | { readonly kind: 'delete'; readonly resource: ResourceName; readonly object: KubeObject; readonly propagation?: 'Background' | 'Foreground' | 'Orphan'; readonly graceSeconds?: number; readonly announceOn?: KubeObject }
  /** An Event about an object, or a part of it (`spec.containers{web}`), for people. */
  | { readonly kind: 'event'; readonly about: KubeObject; readonly fieldPath?: string; readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }
);

/** An object before the server has named it: `name` or `generateName`. */
export interface NewObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<KubeObject['metadata']>;
  readonly [field: string]: unknown;
}

export interface Plan {
  readonly writes: readonly Write[];
  /** Look again after this long, also where nothing changes until then. */
  readonly againAfterMs?: number;
}

export const NOTHING: Plan = { writes: [] };

/**
 * What keeps one kind of thing as it should be. `reconcile` is pure: from objects and the time to changes. It is asked again
 * whenever something that it reads has changed, and never sees a state older than its own last changes.
 */
export interface Controller {
  readonly name: string;
  readonly reads: readonly ResourceName[];
  readonly writes: readonly ResourceName[];
  /** Which keys to look at when this object has changed, come or gone. */
  keysFor(resource: ResourceName, object: KubeObject, view: View): readonly string[];
  /** @param failed why the last plan for this key could not be carried out to its end, as long as none could since */
  reconcile(key: string, view: View, nowMs: number, failed?: string): Plan;
}

export function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: undefined, name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
