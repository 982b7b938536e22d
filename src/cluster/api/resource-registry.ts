import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';

/** All resources that are served now: the built-in ones, and those that CustomResourceDefinitions bring and take. */
export class ResourceRegistry {
  readonly #byPath = new Map<string, ResourceDefinition>();

  constructor(definitions: readonly ResourceDefinition[]) {
    for (const definition of definitions) this.add(definition);
  }

  add(definition: ResourceDefinition): void {
    this.#byPath.set(pathOf(definition.group, definition.version, definition.plural), definition);
  }

  remove(group: string, version: string, plural: string): void {
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
    return groups;
  }

  inGroupVersion(group: string, version: string): readonly ResourceDefinition[] {
    return this.list().filter((each) => each.group === group && each.version === version);
  }
}

const pathOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;
