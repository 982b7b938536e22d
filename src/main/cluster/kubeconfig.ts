import { stringify } from 'yaml';
import type { ClusterPki } from './pki.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig whose one context is the cluster's administrator. */
export function renderKubeconfig(server: string, { ca, admin }: ClusterPki): string {
  return stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'gantry',
    clusters: [{ name: 'gantry', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: 'gantry-admin', user: { 'client-certificate-data': base64(admin.cert), 'client-key-data': base64(admin.key) } }],
    contexts: [{ name: 'gantry', context: { cluster: 'gantry', user: 'gantry-admin' } }],
  }, { lineWidth: 0 });
}
