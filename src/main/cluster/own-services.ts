import { builtInServices, type BuiltInService } from '#cluster/controllers/built-in-services.ts';
import type { Controller } from '#cluster/loop/controller.ts';
import type { ServiceRange } from './service-range.ts';

/** Where the cluster's own servers listen: at the gateway of the pods' network. */
export interface OwnServers {
  readonly gateway: string;
  readonly apiPort: number;
  readonly namesPort: number;
}

/** The services `kubernetes` and `kube-dns`. */
export function ownServices({ apiAddress, names }: ServiceRange, { gateway, apiPort, namesPort }: OwnServers): Controller {
  return builtInServices([apiService(apiAddress, gateway, apiPort), nameService(names.server, gateway, namesPort)]);
}

function apiService(clusterIp: string, address: string, apiPort: number): BuiltInService {
  return { namespace: 'default', name: 'kubernetes', clusterIp, labels: { component: 'apiserver', provider: 'kubernetes' }, ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: apiPort }], addresses: [address] };
}

/** For programs that know no other way than this address: pods have a server of their own. */
function nameService(clusterIp: string, address: string, port: number): BuiltInService {
  const ports = [{ name: 'dns', protocol: 'UDP', port: 53, targetPort: port }, { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: port }] as const;
  return { namespace: 'kube-system', name: 'kube-dns', clusterIp, labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' }, ports, addresses: [address] };
}
