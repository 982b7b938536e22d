import { same } from '#cluster/api/same.ts';
import { NOTHING, type Controller, type Plan } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';

const NAME = 'kube-root-ca.crt';

/** Puts the certificate of the cluster's authority into every namespace, so that programs in pods know the API. @param ca PEM */
export function rootCaPublisher(ca: string): Controller {
  return {
    name: 'root-ca-certificate-publisher', reads: ['namespaces', 'configmaps'], writes: ['configmaps'],
    keysFor: (resource, { metadata }) => (resource === 'namespaces' ? [metadata.name] : metadata.name === NAME ? [metadata.namespace ?? ''] : []),
    reconcile(name, view): Plan {
      const namespace = view.get('namespaces', undefined, name);
      if (namespace === undefined || isDeleted(namespace)) return NOTHING;
      const [present, data] = [view.get('configmaps', name, NAME), { 'ca.crt': ca }];
      if (present === undefined) return { writes: [{ kind: 'create', resource: 'configmaps', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: name }, data }, why: `namespace ${name} has no certificate of the authority` }] };
      return same(present['data'], data) ? NOTHING : { writes: [{ kind: 'update', resource: 'configmaps', object: { ...present, data }, why: 'it is not the certificate of the authority' }] };
    },
  };
}
