import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';

/** All resources that are served now: the built-in ones, and those that CustomResourceDefinitions bring and take. */
export class ResourceRegistry {
  readonly #byPath = new Map<string, ResourceDefinition>();
  #generation = 0;

  constructor(definitions: readonly ResourceDefinition[]) {
    for (const definition of definitions) this.add(definition);
  }

  /** Another number whenever something else is served than before. */
  get generation(): number {
    return this.#generation;
  }

  add(definition: ResourceDefinition): void {
    this.#generation += 1;
    this.#byPath.set(pathOf(definition.group, definition.version, definition.plural), definition);
  }

  remove(group: string, version: string, plural: string): void {
    this.#generation += 1;
    this.#byPath.delete(pathOf(group, version, plural));
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.#byPath.get(pathOf(group, version, plural));
  }

  /** The definition of a kind, as an owner reference names it. */
  ofKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.list().find((each) => each.kind === kind && joinApiVersion(each.group, each.version) === apiVersion);
  }

  list(): readonly ResourceDefinition[] {
    return [...this.#byPath.values()];
  }

  /** Groups with their versions in the order of preference; the core group, whose name is empty, is among them. */
  groups(): ReadonlyMap<string, readonly string[]> {
    const groups = new Map<string, string[]>();
    for (const { group, version } of this.#byPath.values()) {
      const versions = groups.get(group) ?? [];
      if (!versions.includes(version)) versions.push(version);
      groups.set(group, versions);
    }
    for (const versions of groups.values()) versions.sort(byPreference);
    return groups;
  }

  inGroupVersion(group: string, version: string): readonly ResourceDefinition[] {
    return this.list().filter((each) => each.group === group && each.version === version);
  }
}

/** `v2`, `v1`, `v1beta1`, `v1alpha1`, and then what is called otherwise (kubernetes.io, "Version priority"). */
export function byPreference(left: string, right: string): number {
  const [a, b] = [rankOf(left), rankOf(right)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 ? (b[at] as number) - (a[at] as number) : left < right ? -1 : left > right ? 1 : 0;
}

function rankOf(version: string): readonly [stability: number, major: number, minor: number] {
  const [, major, stability, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  if (major === undefined) return [0, 0, 0];
  return [stability === undefined ? 3 : stability === 'beta' ? 2 : 1, Number(major), Number(minor ?? 0)];
}

const pathOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;
