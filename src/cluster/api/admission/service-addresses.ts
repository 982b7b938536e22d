import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { hasHealthPort, healthPortOf } from '#cluster/kinds/rules/health-port.ts';

/** A number that clients may come to at a node, of one protocol. */
interface NodePort {
  readonly protocol: string;
  readonly nodePort: number;
}

export type ServicePort = JsonObject & { readonly protocol?: string; readonly port?: number; readonly nodePort?: number };

export const portsOf = (service: KubeObject): readonly ServicePort[] => ((service['spec'] as { readonly ports?: readonly ServicePort[] } | undefined)?.ports ?? []);
export const specOf = (service: KubeObject): JsonObject => (service['spec'] ?? {}) as JsonObject;
/** The address that a service has to itself; undefined where it has none, or says that it wants none. */
export function clusterIpOf(service: KubeObject): string | undefined {
  const { clusterIP } = specOf(service);
  return typeof clusterIP === 'string' && clusterIP !== '' && clusterIP !== 'None' ? clusterIP : undefined;
}

export const addressClaim = (address: string): string => `service-address/${address}`;
export const portClaim = ({ protocol, nodePort }: NodePort): string => `node-port/${protocol}/${nodePort}`;

/** All that a service has to itself in the cluster. */
export function claimsOf(service: KubeObject): readonly string[] {
  const address = clusterIpOf(service);
  const ports = portsOf(service).flatMap(({ protocol = 'TCP', nodePort = 0 }) => (nodePort > 0 ? [portClaim({ protocol, nodePort })] : []));
  const health = healthPortOf(specOf(service));
  return [...(address === undefined ? [] : [addressClaim(address)]), ...ports, ...(health === 0 ? [] : [portClaim({ protocol: 'TCP', nodePort: health })])];
}

/** Whether nodes listen for it. */
export function hasNodePorts(service: KubeObject): boolean {
  const { type, allocateLoadBalancerNodePorts } = specOf(service);
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

/**
 * The new version of a service, with what it has kept where the client left it out, and without what its type no longer has
 * (upstream, registry/core/service, patchAllocatedValues and dropTypeDependentFields).
 */
export function carriedOver(service: KubeObject, old: KubeObject): KubeObject {
  const [spec, before] = [specOf(service), specOf(old)];
  if (spec['type'] === 'ExternalName') {
    if (before['type'] === 'ExternalName') return service;
    const { clusterIP: _address, clusterIPs: _addresses, ipFamilies: _families, ipFamilyPolicy: _policy, ...rest } = spec;
    return { ...service, spec: { ...rest, ...(rest['ports'] === undefined ? {} : { ports: portsOf(service).map(withoutNodePort) }) } };
  }
  const keptNumber = new Map(portsOf(old).map(({ protocol = 'TCP', port = 0, nodePort = 0 }) => [`${protocol} ${port}`, nodePort]));
  const hadNumbers = new Set(portsOf(old).map(({ nodePort = 0 }) => nodePort));
  const has = hasNodePorts(service);
  const ports = portsOf(service).map((port): ServicePort => {
    const { protocol = 'TCP', port: number = 0, nodePort = 0 } = port;
    const kept = keptNumber.get(`${protocol} ${number}`) ?? 0;
    if (!has) return nodePort !== 0 && hadNumbers.has(nodePort) ? withoutNodePort(port) : port;
    return nodePort === 0 && kept !== 0 ? { ...port, nodePort: kept } : port;
  });
  const address = (spec['clusterIP'] ?? '') === '' && before['type'] !== 'ExternalName' && before['clusterIP'] !== undefined
    ? { clusterIP: before['clusterIP'], ...(before['clusterIPs'] === undefined ? {} : { clusterIPs: before['clusterIPs'] }) } : {};
  const left = leftBehind(spec, before);
  const kept = Object.fromEntries(Object.entries(spec).filter(([name]) => !left.has(name)));
  const health = hasHealthPort(spec) && healthPortOf(spec) === 0 && healthPortOf(before) !== 0 ? { healthCheckNodePort: healthPortOf(before) } : {};
  return { ...service, spec: { ...kept, ...address, ...health, ...(spec['ports'] === undefined ? {} : { ports }) } };
}

/** Fields for clients from outside that a service has from a type which it is no more, and that nobody asked for anew. */
function leftBehind(spec: JsonObject, before: JsonObject): ReadonlySet<string> {
  const { type, externalIPs } = spec;
  const isOutside = type === 'NodePort' || type === 'LoadBalancer' || (Array.isArray(externalIPs) && externalIPs.length > 0);
  const gone = [...(isOutside ? [] : ['externalTrafficPolicy']), ...(type === 'LoadBalancer' ? [] : ['allocateLoadBalancerNodePorts', 'loadBalancerClass']), ...(hasHealthPort(spec) ? [] : ['healthCheckNodePort'])];
  return new Set(gone.filter((name) => spec[name] === before[name]));
}

function withoutNodePort({ nodePort: _number, ...port }: ServicePort): ServicePort {
  return port;
}
