import { splitApiVersion } from '#cluster/kinds/api-groups.ts';
import { asStored } from '#cluster/kinds/custom/custom-kind.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { Json } from '#base/json.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ObjectWriter } from '#cluster/api/object-writer.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import type { NewObject } from './controller.ts';

/** Writes of controllers in the process of the API server, as a user of their own. */
export class LocalWriter implements ClusterWriter {
  readonly #writer: ObjectWriter;
  readonly #options: { readonly dryRun: boolean; readonly user: string };

  constructor(writer: ObjectWriter, user: string) {
    this.#writer = writer;
    this.#options = { dryRun: false, user };
  }

  async create(of: ResourceDefinition, namespace: string | undefined, object: NewObject): Promise<KubeObject> {
    return await this.#writer.create(of, namespace, asObject(object as unknown as Json), this.#options);
  }

  async update(of: ResourceDefinition, object: KubeObject, subresource: 'status' | undefined): Promise<KubeObject> {
    return await this.#writer.update(storedAs(of, object), object.metadata.namespace, object.metadata.name, subresource, () => object, this.#options);
  }

  async delete(of: ResourceDefinition, object: KubeObject, options: { readonly propagation?: string; readonly graceSeconds?: number }): Promise<KubeObject> {
    const { name, namespace, uid } = object.metadata;
    const deleted = await this.#writer.delete(storedAs(of, object), namespace, name, {
      preconditions: { uid }, ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }), ...(options.graceSeconds === undefined ? {} : { gracePeriodSeconds: options.graceSeconds }),
    }, this.#options);
    return deleted.object;
  }
}

/** Controllers have objects as they are stored. */
const storedAs = (of: ResourceDefinition, { apiVersion }: KubeObject): ResourceDefinition => asStored(of, splitApiVersion(apiVersion).version);
