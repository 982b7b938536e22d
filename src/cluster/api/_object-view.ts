import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectView } from './object-view.ts';
import type { ResourceRegistry } from './resource-registry.ts';

/** For tests: what was listed last, resource by resource. */
export class ListedView implements ObjectView {
  readonly #lists = new Map<string, readonly KubeObject[]>();

  async refresh(objects: ObjectStore, registry: ResourceRegistry, resources: readonly string[]): Promise<void> {
    for (const name of resources) {
      const of = registry.list().find(({ group, plural }) => (group === '' ? plural : `${group}/${plural}`) === name);
      if (of !== undefined) this.#lists.set(name, (await objects.list(of, undefined)).items);
    }
  }

  list(resource: string, namespace?: string): readonly KubeObject[] {
    return (this.#lists.get(resource) ?? []).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.list(resource).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  }
}
