import { messageOf } from '#base/error.ts';
import { ServedKinds, type ServedChange } from '#cluster/api/custom/served-kinds.ts';
import type { ObjectStore } from '#cluster/api/object-store.ts';
import type { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { DEFINITIONS } from '#cluster/controllers/custom-resource-definition.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { Controller } from '#cluster/loop/controller.ts';
import type { ControllerRuntime } from '#cluster/loop/controller-runtime.ts';

/** The names of all resources that controllers go through; they grow and shrink with what is served. */
export interface ResourceLists {
  readonly collected: string[];
  readonly namespaced: string[];
  readonly counted: string[];
  readonly custom: string[];
}

/** Kinds that CustomResourceDefinitions bring and take: served, and looked after like all others. */
export class CustomKinds {
  readonly #served: ServedKinds;
  readonly #lists: ResourceLists;
  readonly #log: (line: string) => void;
  #work: Promise<void> = Promise.resolve();

  constructor(registry: ResourceRegistry, lists: ResourceLists, log: (line: string) => void) {
    this.#served = new ServedKinds(registry);
    this.#lists = lists;
    this.#log = log;
  }

  /** Before any controller runs: one that did not know a kind would take its objects for gone, and what they own for abandoned. */
  async load(objects: ObjectStore, definitions: ResourceDefinition): Promise<void> {
    for (const definition of (await objects.list(definitions, undefined)).items) {
      const change = this.#served.changeOf(definition.metadata.name, definition);
      if (change === undefined) continue;
      this.#served.apply(definition.metadata.name, change);
      change.added.slice(0, 1).forEach((of) => this.#enlist(of));
    }
  }

  /** @param controllers those that go through the lists */
  follow(runtime: ControllerRuntime, controllers: readonly Controller[]): void {
    const cache = runtime.cache(DEFINITIONS);
    cache.onChange(({ metadata: { name } }) => {
      this.#work = this.#work.then(async () => {
        const change = this.#served.changeOf(name, cache.get(undefined, name));
        if (change !== undefined) await this.#take(name, change, runtime, controllers);
      }).catch((thrown: unknown) => this.#log(`kinds of ${name}: ${messageOf(thrown)}`));
    });
  }

  async #take(name: string, change: ServedChange, runtime: ControllerRuntime, controllers: readonly Controller[]): Promise<void> {
    const [of] = change.added;
    if (of !== undefined && !this.#lists.custom.includes(nameOf(of))) {
      await runtime.follow(of, controllers);
      this.#enlist(of);
    }
    this.#served.apply(name, change);
    const [gone] = change.removed;
    if (of !== undefined || gone === undefined) return;
    for (const list of Object.values(this.#lists) as string[][]) if (list.includes(nameOf(gone))) list.splice(list.indexOf(nameOf(gone)), 1);
    runtime.forget(nameOf(gone));
  }

  #enlist(of: ResourceDefinition): void {
    const { collected, namespaced, counted, custom } = this.#lists;
    for (const list of of.namespaced ? [collected, namespaced, counted, custom] : [collected, custom]) list.push(nameOf(of));
  }
}

const nameOf = ({ group, plural }: ResourceDefinition): string => `${group}/${plural}`;
