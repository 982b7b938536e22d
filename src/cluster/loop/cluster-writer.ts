import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { NewObject } from './controller.ts';

/** What the loop writes with: the API's own writer in the same process, or a client of it elsewhere. */
export interface ClusterWriter {
  create(of: ResourceDefinition, namespace: string | undefined, object: NewObject): Promise<KubeObject>;
  update(of: ResourceDefinition, object: KubeObject, subresource: 'status' | undefined): Promise<KubeObject>;
  delete(of: ResourceDefinition, object: KubeObject, options: { readonly propagation?: string; readonly graceSeconds?: number }): Promise<KubeObject>;
}
