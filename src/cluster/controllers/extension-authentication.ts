import { same } from '#cluster/api/same.ts';
import { NOTHING, type Controller, type Plan } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';

export interface ExtensionAuthentication {
  /** Of certificates of clients; PEM. */
  readonly clientCa: string;
  /** Of the certificate of the front proxy; PEM. */
  readonly proxyCa: string;
  /** What the proxy is called by its certificate. */
  readonly proxyName: string;
}

/** Tells servers of aggregated APIs whom to believe who asks (kubernetes.io, "Configure the Aggregation Layer"). */
export function extensionAuthentication({ clientCa, proxyCa, proxyName }: ExtensionAuthentication): Controller {
  const data = {
    'client-ca-file': clientCa, 'requestheader-allowed-names': JSON.stringify([proxyName]), 'requestheader-client-ca-file': proxyCa, 'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]', 'requestheader-uid-headers': '["X-Remote-Uid"]', 'requestheader-username-headers': '["X-Remote-User"]',
  };
  return {
    name: 'extension-authentication', reads: ['namespaces', 'configmaps'], writes: ['configmaps'],
    keysFor: (resource, { metadata }) => ((resource === 'namespaces' ? metadata.name === NAMESPACE : metadata.namespace === NAMESPACE && metadata.name === NAME) ? [NAME] : []),
    reconcile(_name, view): Plan {
      const namespace = view.get('namespaces', undefined, NAMESPACE);
      if (namespace === undefined || isDeleted(namespace)) return NOTHING;
      const present = view.get('configmaps', NAMESPACE, NAME);
      if (present === undefined) return { writes: [{ kind: 'create', resource: 'configmaps', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: NAMESPACE }, data }, why: 'servers of aggregated APIs read whom to believe' }] };
      return same(present['data'], data) ? NOTHING : { writes: [{ kind: 'update', resource: 'configmaps', object: { ...present, data }, why: 'they would believe somebody else' }] };
    },
  };
}
