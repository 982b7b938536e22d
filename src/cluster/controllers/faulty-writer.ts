import { GantryError } from '#base/error.ts';
import type { Random } from '#base/random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ClusterWriter } from '#cluster/loop/cluster-writer.ts';
import type { NewObject } from '#cluster/loop/controller.ts';

/** A writer that fails now and then, before the change or after it: the caller can't tell which. */
export class FaultyWriter implements ClusterWriter {
  readonly #writer: ClusterWriter;
  readonly #random: Random;
  /** Of 256 changes so many fail. */
  rate: number;
  /** The plural of what is not made, as where a quota is used up; the words differ each time. */
  refused: string | undefined;
  #refusals = 0;

  constructor(writer: ClusterWriter, random: Random, rate: number) {
    this.#writer = writer;
    this.#random = random;
    this.rate = rate;
  }

  create(of: ResourceDefinition, namespace: string | undefined, object: NewObject): Promise<KubeObject> {
    if (of.plural === this.refused) return Promise.reject(new GantryError('forbidden', `refused ${(this.#refusals += 1)} times`));
    return this.#try(() => this.#writer.create(of, namespace, object));
  }

  update(of: ResourceDefinition, object: KubeObject, subresource: 'status' | undefined): Promise<KubeObject> {
    return this.#try(() => this.#writer.update(of, object, subresource));
  }

  delete(of: ResourceDefinition, object: KubeObject, options: { readonly propagation?: string; readonly graceSeconds?: number }): Promise<KubeObject> {
    return this.#try(() => this.#writer.delete(of, object, options));
  }

  async #try(write: () => Promise<KubeObject>): Promise<KubeObject> {
    const [drawn = 255, when = 0] = this.rate === 0 ? [] : this.#random.bytes(2);
    if (drawn >= this.rate) return await write();
    if (when % 2 === 0) await write();
    throw new GantryError('unavailable', 'a fault was injected');
  }
}
