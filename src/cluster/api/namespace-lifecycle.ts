import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionPlugin } from './admission.ts';
import type { ObjectStore } from './object-store.ts';
import { forbidden, notFound } from './refusals.ts';
import { NAMESPACE_TERMINATING } from './status.ts';

const NAMESPACES = { group: '', plural: 'namespaces', kind: 'Namespace' } as const;
/** Those that a cluster cannot be without. */
const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Nothing is created in a namespace that is not there or is on its way out; some namespaces stay. */
export function namespaceLifecycle(objects: ObjectStore, namespaces: ResourceDefinition): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    async create(of, object) {
      const { namespace, name } = object.metadata;
      if (!of.namespaced || namespace === undefined) return object;
      const found = await objects.find(namespaces, undefined, namespace);
      if (found === undefined) throw notFound(NAMESPACES, namespace);
      if (found.metadata.deletionTimestamp !== undefined) throw forbidden(of, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [{ reason: NAMESPACE_TERMINATING, message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }]);
      return object;
    },
    async delete(of, object) {
      if (of.plural === 'namespaces' && IMMORTAL.has(object.metadata.name)) throw forbidden(NAMESPACES, object.metadata.name, 'this namespace may not be deleted');
    },
  };
}
