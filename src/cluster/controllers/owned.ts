import type { KubeObject, OwnerReference } from '#cluster/kinds/object.ts';
import type { ResourceName, View } from '#cluster/loop/controller.ts';

/** The owner that answers for an object: the one reference that says `controller`. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** What it is the controller of, whatever else there is in its namespace. */
export function controlledBy(owner: KubeObject, resource: ResourceName, view: View): readonly KubeObject[] {
  return view.ownedBy(resource, owner.metadata.uid).filter((object) => object.metadata.namespace === owner.metadata.namespace && isControlledBy(object, owner));
}

export function controllerReference(owner: KubeObject): OwnerReference {
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** The key of the owner of an object, where it is of this kind. */
export function ownerKey(object: KubeObject, kind: string): readonly string[] {
  const owner = controllerOf(object);
  return owner?.kind === kind ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : [];
}

export const isDeleted = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;
