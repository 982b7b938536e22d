import { NOTHING, type Controller, type Plan } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';

/** Every namespace has an account called default, for pods that name none. */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller', reads: ['namespaces', 'serviceaccounts'], writes: ['serviceaccounts'],
  keysFor: (resource, { metadata }) => [resource === 'namespaces' ? metadata.name : metadata.namespace ?? ''],
  reconcile(name, view): Plan {
    const namespace = view.get('namespaces', undefined, name);
    if (namespace === undefined || isDeleted(namespace) || view.get('serviceaccounts', name, 'default') !== undefined) return NOTHING;
    return { writes: [{ kind: 'create', resource: 'serviceaccounts', object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } }, why: `namespace ${name} has no default account` }] };
  },
};
