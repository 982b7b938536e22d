import { isKind } from '#base/error.ts';
import { bootstrapRoles } from '#cluster/api/access/bootstrap-roles.ts';
import { systemPriorityClasses } from '#cluster/api/admission/priority.ts';
import type { ObjectStore } from '#cluster/api/object-store.ts';
import type { ObjectWriter } from '#cluster/api/object-writer.ts';
import { localStorageClass } from '#cluster/controllers/volume-shape.ts';
import type { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { NewObject } from '#cluster/loop/controller.ts';
import type { LocalWriter } from '#cluster/loop/local-writer.ts';

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** What a cluster has before anybody asks it for something: namespaces, roles and who has them, classes of priority and of storage. */
export async function makeFirstObjects(objects: ObjectStore, writer: ObjectWriter, local: LocalWriter, registry: ResourceRegistry): Promise<void> {
  const ensure = async (group: string, plural: string, object: NewObject): Promise<void> => {
    await local.create(registry.find(group, 'v1', plural) as ResourceDefinition, undefined, object).catch((thrown: unknown) => {
      if (!isKind(thrown, 'conflict')) throw thrown;
    });
  };
  for (const name of NAMESPACES) await ensure('', 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await bootstrapRoles(objects, writer, registry);
  await ensure('storage.k8s.io', 'storageclasses', localStorageClass);
  await Promise.all(systemPriorityClasses.map(({ name, value }) => ensure('scheduling.k8s.io', 'priorityclasses', { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value })));
}
