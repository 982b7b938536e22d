import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { WriteOptions } from './object-writer.ts';
import { same } from './same.ts';

export interface AdmissionOptions extends WriteOptions {
  readonly subresource?: string;
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One write on its way. */
export interface AdmissionSubject {
  readonly of: ResourceDefinition;
  readonly operation: Operation;
  /** As it is now; absent for what is new. */
  readonly old?: KubeObject;
  readonly options: AdmissionOptions;
  /** What others made of the object, as the server has it: what it sets itself, defaults, no field that the kind lacks. */
  readonly settle: (object: KubeObject) => KubeObject;
}

/** One admission plugin: what it does not concern itself with, it leaves out. May change what is written, or refuse it; is asked again after webhooks changed it. */
export interface AdmissionPlugin {
  readonly name: string;
  create?(of: ResourceDefinition, object: KubeObject, options: AdmissionOptions): Promise<KubeObject>;
  update?(of: ResourceDefinition, object: KubeObject, old: KubeObject, options: AdmissionOptions): Promise<KubeObject>;
  delete?(of: ResourceDefinition, object: KubeObject, options: AdmissionOptions): Promise<void>;
  /** Refuses, and changes nothing: asked of the object as it will be; of a delete, as it was. */
  validate?(object: KubeObject, subject: AdmissionSubject): Promise<void>;
  /** Refuses a connection: to a command, a port, a program in the cluster. */
  connect?(object: KubeObject, subject: AdmissionSubject): Promise<void>;
  /** Counts what is about to be written, when nothing else stands in its way any more. */
  charge?(of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, options: AdmissionOptions): Promise<void>;
}

/** Changes by those outside of the server: policies and webhooks. */
export interface Mutator {
  /** One write's way through it. */
  begin(subject: AdmissionSubject): Mutation;
  /** Whether it is asked of connections, too. */
  readonly connects?: boolean;
}

export interface Mutation {
  first(object: KubeObject): Promise<KubeObject>;
  /** Once more, for those who want to see what others changed since. */
  again(object: KubeObject): Promise<KubeObject>;
}

export interface AdmissionOrder {
  readonly plugins: readonly AdmissionPlugin[];
  readonly mutators?: readonly Mutator[];
  /** After all that may change an object: what they give can't be taken back. */
  readonly last?: readonly AdmissionPlugin[];
}

/** Plugins in their order (kubernetes.io, "Admission Control in Kubernetes"): those that change, mutators, validation, and last what counts. */
export class Admission {
  #order: Required<AdmissionOrder>;

  constructor(plugins: readonly AdmissionPlugin[] = []) {
    this.#order = { plugins, mutators: [], last: [] };
  }

  /** Before anything is written. */
  arrange(order: AdmissionOrder): void {
    this.#order = { mutators: [], last: [], ...order };
  }

  /** @returns the object as it is to be written */
  async mutate(object: KubeObject, subject: AdmissionSubject): Promise<KubeObject> {
    const { plugins, mutators, last } = this.#order;
    const own = plugins.length === 0 ? object : await through(plugins, object, subject);
    if (mutators.length === 0) return last.length === 0 ? own : await through(last, own, subject);
    const mutations = mutators.map((mutator) => mutator.begin(subject));
    let changed = own;
    for (const mutation of mutations) changed = await mutation.first(changed);
    if (!same(changed, own)) {
      // What webhooks made of it is held to the same rules, and lacks what the server would have given it.
      changed = await through(plugins, changed, subject);
      for (const mutation of mutations) changed = await mutation.again(changed);
    }
    return await through(last, changed, subject);
  }

  async validate(object: KubeObject, subject: AdmissionSubject): Promise<void> {
    for (const plugin of this.#all()) if (plugin.validate !== undefined) await plugin.validate(object, subject);
  }

  async delete(object: KubeObject, subject: AdmissionSubject): Promise<void> {
    for (const plugin of this.#all()) if (plugin.delete !== undefined) await plugin.delete(subject.of, object, subject.options);
    for (const mutator of this.#order.mutators) await mutator.begin(subject).first(object);
    await this.validate(object, subject);
  }

  /** @throws StatusError where the connection is refused */
  async connect(object: KubeObject, subject: AdmissionSubject): Promise<void> {
    for (const mutator of this.#order.mutators) if (mutator.connects === true) await mutator.begin(subject).first(object);
    for (const plugin of this.#all()) if (plugin.connect !== undefined) await plugin.connect(object, subject);
  }

  async charge(of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, options: AdmissionOptions): Promise<void> {
    for (const plugin of this.#all()) if (plugin.charge !== undefined) await plugin.charge(of, object, old, options);
  }

  #all(): readonly AdmissionPlugin[] {
    return [...this.#order.plugins, ...this.#order.last];
  }
}

async function through(plugins: readonly AdmissionPlugin[], object: KubeObject, { of, old, options }: AdmissionSubject): Promise<KubeObject> {
  let admitted = object;
  for (const plugin of plugins) {
    if (old === undefined && plugin.create !== undefined) admitted = await plugin.create(of, admitted, options);
    else if (old !== undefined && plugin.update !== undefined) admitted = await plugin.update(of, admitted, old, options);
  }
  return admitted;
}
