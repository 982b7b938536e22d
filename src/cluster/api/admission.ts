import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { WriteOptions } from './object-writer.ts';

export interface AdmissionOptions extends WriteOptions {
  readonly subresource?: string;
}

/** One admission plugin: what it does not concern itself with, it leaves out. May change what is written, or refuse it. */
export interface AdmissionPlugin {
  readonly name: string;
  create?(of: ResourceDefinition, object: KubeObject, options: AdmissionOptions): Promise<KubeObject>;
  update?(of: ResourceDefinition, object: KubeObject, old: KubeObject, options: AdmissionOptions): Promise<KubeObject>;
  /** Counts what is about to be written, when nothing else stands in its way any more. */
  charge?(of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, options: AdmissionOptions): Promise<void>;
  delete?(of: ResourceDefinition, object: KubeObject, options: AdmissionOptions): Promise<void>;
}

/** Plugins in their order. */
export class Admission {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async create(of: ResourceDefinition, object: KubeObject, options: AdmissionOptions): Promise<KubeObject> {
    let admitted = object;
    for (const plugin of this.#plugins) admitted = await plugin.create?.(of, admitted, options) ?? admitted;
    return admitted;
  }

  async update(of: ResourceDefinition, object: KubeObject, old: KubeObject, options: AdmissionOptions): Promise<KubeObject> {
    let admitted = object;
    for (const plugin of this.#plugins) admitted = await plugin.update?.(of, admitted, old, options) ?? admitted;
    return admitted;
  }

  async charge(of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, options: AdmissionOptions): Promise<void> {
    for (const plugin of this.#plugins) await plugin.charge?.(of, object, old, options);
  }

  async delete(of: ResourceDefinition, object: KubeObject, options: AdmissionOptions): Promise<void> {
    for (const plugin of this.#plugins) await plugin.delete?.(of, object, options);
  }
}
