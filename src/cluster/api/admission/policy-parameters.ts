import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { matchesLabels, requirementsOf, type LabelSelector } from '../labels.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ResourceRegistry } from '../resource-registry.ts';
import { objectOf, textOf } from './pod-spec.ts';

/** The parameters that a binding means: by name or by labels, in its own namespace or in that of the object which is written. */
export async function findParameters(objects: ObjectStore, registry: ResourceRegistry, kind: JsonObject, reference: JsonObject, namespace: string | undefined): Promise<readonly KubeObject[]> {
  const of = registry.ofKind(textOf(kind['apiVersion']), textOf(kind['kind']));
  const place = typeof reference['namespace'] === 'string' && reference['namespace'] !== '' ? reference['namespace'] : namespace;
  // Without a namespace, a kind that is in one has no parameters for what is in none.
  if (of === undefined || (of.namespaced && place === undefined)) return [];
  if (typeof reference['name'] === 'string') {
    const found = await objects.find(of, of.namespaced ? place : undefined, reference['name']);
    return found === undefined ? [] : [found];
  }
  const requirements = requirementsOf(objectOf(reference['selector']) as LabelSelector);
  return (await objects.list(of, of.namespaced ? place : undefined)).items.filter(({ metadata }) => matchesLabels(requirements, metadata.labels ?? {}));
}
