import type { KubeObject } from '#cluster/kinds/object.ts';
import { type Controller, type Plan, type ResourceName, type View, type Write } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** A collector over these resources: what nobody owns any more goes, and owners wait for their dependents where asked to. */
export function garbageCollector(resources: readonly ResourceName[]): Controller {
  const find = (view: View, uid: string): { resource: ResourceName; object: KubeObject } | undefined => {
    for (const resource of resources) {
      const object = view.byUid(resource, uid);
      if (object !== undefined) return { resource, object };
    }
    return undefined;
  };
  return {
    name: 'garbage-collector', reads: resources, writes: resources,
    // A dependent is looked at with its owners, an owner with its dependents: both by the uid of the owner. One that stays has nothing to do.
    keysFor: (resource, object, view) => [
      ...(isDeleted(object) || view.byUid(resource, object.metadata.uid) === undefined ? [object.metadata.uid] : []),
      ...(object.metadata.ownerReferences ?? []).map(({ uid }) => uid),
    ],
    reconcile(uid, view): Plan {
      const owner = find(view, uid);
      const dependents = resources.flatMap((resource) => view.ownedBy(resource, uid).map((object) => ({ resource, object })));
      if (owner === undefined) return { writes: dependents.flatMap((dependent) => abandoned(dependent, view, find)) };
      return { writes: isDeleted(owner.object) ? leaving(owner, dependents, uid, (each) => resources.some((resource) => view.ownedBy(resource, each).some(isWaiting))) : [] };
    },
  };
}

type Found = { readonly resource: ResourceName; readonly object: KubeObject };

/** With another owner still there, only the reference goes. */
function abandoned({ resource, object }: Found, view: View, find: (view: View, uid: string) => Found | undefined): Write[] {
  if (isDeleted(object)) return [];
  const references = object.metadata.ownerReferences ?? [];
  const living = references.filter(({ uid }) => find(view, uid) !== undefined);
  if (living.length === 0) return [{ kind: 'delete', resource, object, propagation: 'Background', why: `its owner ${references.map(({ kind, name }) => `${kind} ${name}`).join(', ')} is gone` }];
  return [{ kind: 'update', resource, object: { ...object, metadata: { ...object.metadata, ownerReferences: living } }, why: 'one of its owners is gone' }];
}

const isWaiting = (object: KubeObject): boolean => isDeleted(object) && object.metadata.finalizers?.includes(FOREGROUND) === true;

/** @param isInCircle whether something that the object with this uid owns waits for its own dependents already */
function leaving({ resource, object }: Found, dependents: readonly Found[], uid: string, isInCircle: (uid: string) => boolean): Write[] {
  const finalizers = object.metadata.finalizers ?? [];
  const without = (name: string): Write => ({ kind: 'update', resource, object: { ...object, metadata: { ...object.metadata, finalizers: finalizers.filter((each) => each !== name) } }, why: `${name} is done` });
  if (finalizers.includes(ORPHAN)) {
    const released = dependents.map((dependent): Write => ({
      kind: 'update', resource: dependent.resource, why: 'its owner goes without it',
      object: { ...dependent.object, metadata: { ...dependent.object.metadata, ownerReferences: (dependent.object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid) } },
    }));
    return released.length > 0 ? released : [without(ORPHAN)];
  }
  if (!finalizers.includes(FOREGROUND)) return [];
  const blocking = dependents.filter(({ object: { metadata } }) => metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true) === true);
  if (blocking.length === 0) return [without(FOREGROUND)];
  return dependents.filter((dependent) => !isDeleted(dependent.object)).flatMap((dependent): readonly Write[] => [
    ...(isInCircle(dependent.object.metadata.uid) ? [unblocking(dependent)] : []),
    { kind: 'delete', resource: dependent.resource, object: dependent.object, propagation: 'Foreground', why: 'its owner is deleted and waits for it' },
  ]);
}

/** Where each waits for the next, one has to be waited for by nobody. */
function unblocking({ resource, object }: Found): Write {
  const ownerReferences = (object.metadata.ownerReferences ?? []).map((reference) => ({ ...reference, blockOwnerDeletion: false }));
  return { kind: 'update', resource, object: { ...object, metadata: { ...object.metadata, ownerReferences } }, why: 'its owners wait for it, and it waits for one of them' };
}
