import type { JsonObject } from '#base/json.ts';
import { forbidden, invalidValue, required, tooLong, type FieldFault } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { listAt, objectAt, textAt, textOf, textsAt } from './_fields.ts';
import { checkLabelValue, checkQualifiedName } from './_name-validation.ts';

const MOST_ANNOTATION_BYTES = 256 * 1024;
const OWNER_FIELDS = ['apiVersion', 'kind', 'name', 'uid'];

/** What every object's metadata must be (apimachinery, pkg/api/validation). Its name is checked where it is made. */
export function checkMetadata(object: KubeObject): readonly FieldFault[] {
  const annotations = Object.entries(objectAt(object, 'metadata', 'annotations'));
  const size = annotations.reduce((sum, [key, value]) => sum + key.length + textOf(value).length, 0);
  return [
    ...Object.entries(objectAt(object, 'metadata', 'labels')).flatMap(([key, value]) => [...checkQualifiedName(key, 'metadata.labels'), ...checkLabelValue(textOf(value), 'metadata.labels')]),
    ...annotations.flatMap(([key]) => checkQualifiedName(key.toLowerCase(), 'metadata.annotations')),
    ...(size > MOST_ANNOTATION_BYTES ? [tooLong('metadata.annotations', MOST_ANNOTATION_BYTES)] : []),
    ...textsAt(object, 'metadata', 'finalizers').flatMap((name) => checkQualifiedName(name, 'metadata.finalizers')),
    ...checkOwners(listAt(object, 'metadata', 'ownerReferences')),
  ];
}

function checkOwners(owners: readonly JsonObject[]): readonly FieldFault[] {
  const controllers = owners.filter((owner) => owner['controller'] === true);
  return [
    ...owners.flatMap((owner, index) => OWNER_FIELDS.filter((name) => textAt(owner, name) === '').map((name) => {
      const field = `metadata.ownerReferences[${index}].${name}`;
      return name === 'apiVersion' ? invalidValue(field, '', 'version must not be empty') : required(field, `${name} must not be empty`);
    })),
    ...(controllers.length > 1 ? [invalidValue('metadata.ownerReferences', controllers.map((owner) => textAt(owner, 'name')), 'Only one reference can have Controller set to true.')] : []),
  ];
}

/** Nobody adds a finalizer to what is being deleted. */
export function checkMetadataUpdate(object: KubeObject, old: KubeObject): readonly FieldFault[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = new Set(textsAt(old, 'metadata', 'finalizers'));
  const added = textsAt(object, 'metadata', 'finalizers').filter((name) => !before.has(name));
  return added.length === 0 ? [] : [forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`)];
}
