import { customResources } from '#cluster/kinds/custom/custom-kind.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ResourceRegistry } from '../resource-registry.ts';
import { same } from '../same.ts';

/** Resources that are served from now on, and those that are no more. */
export interface ServedChange {
  readonly added: readonly ResourceDefinition[];
  readonly removed: readonly ResourceDefinition[];
}

/** The kinds of CustomResourceDefinitions among the resources that are served. */
export class ServedKinds {
  readonly #registry: ResourceRegistry;
  readonly #byDefinition = new Map<string, readonly ResourceDefinition[]>();

  constructor(registry: ResourceRegistry) {
    this.#registry = registry;
  }

  /** What a definition, as it is now, changes of what is served. @param definition undefined where it is gone */
  changeOf(name: string, definition: KubeObject | undefined): ServedChange | undefined {
    const present = this.#byDefinition.get(name) ?? [];
    const wanted = definition === undefined || !isEstablished(definition) ? [] : customResources(definition);
    return same(present, wanted) ? undefined : { added: wanted, removed: present.filter((each) => !wanted.some((other) => isSamePlace(each, other))) };
  }

  apply(name: string, { added, removed }: ServedChange): void {
    for (const { group, version, plural } of removed) this.#registry.remove(group, version, plural);
    for (const each of added) this.#registry.add(each);
    if (added.length === 0) this.#byDefinition.delete(name);
    else this.#byDefinition.set(name, added);
  }
}

const isSamePlace = (a: ResourceDefinition, b: ResourceDefinition): boolean => a.group === b.group && a.version === b.version && a.plural === b.plural;

function isEstablished(definition: KubeObject): boolean {
  const { conditions = [] } = (definition['status'] ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}
