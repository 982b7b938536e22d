import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';

/** Where objects lie in the store. Namespaces and names are DNS names, so nothing of a key can be mistaken for a slash. */
const PREFIX = 'registry/';

type Place = Pick<ResourceDefinition, 'group' | 'plural' | 'namespaced' | 'face'>;

export function prefixOf({ namespaced, face, ...own }: Place, namespace: string | undefined): string {
  const { group, plural } = face ?? own;
  const base = `${PREFIX}${group === '' ? 'core' : group}/${plural}/`;
  return namespaced && namespace !== undefined ? `${base}${namespace}/` : base;
}

export function keyOf(place: Place, namespace: string | undefined, name: string): string {
  return `${prefixOf(place, namespace)}${name}`;
}
