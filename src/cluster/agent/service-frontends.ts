import type { KubeObject } from '#cluster/kinds/object.ts';
import { containsCidr, formatCidr, parseLinkAddress, subnetOf } from '#net/cidr.ts';
import { isLoopback, isUnspecified, tryParseIp, formatIp } from '#net/ip.ts';
import type { Backend, Frontend } from '#net/service/model.ts';

// `core.v1.Service` and `discovery.v1.EndpointSlice`, as far as packets are concerned.

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly externalIPs?: readonly string[];
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port: number; readonly nodePort?: number }[];
  readonly sessionAffinity?: string;
  readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
  readonly internalTrafficPolicy?: string;
  readonly externalTrafficPolicy?: string;
  readonly loadBalancerClass?: string;
  readonly loadBalancerSourceRanges?: readonly string[];
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly nodeName?: string;
  readonly hostname?: string;
  readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string; readonly uid?: string };
}

export interface SliceContent {
  readonly addressType: string;
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[];
  readonly endpoints?: readonly SliceEndpoint[];
}

export const contentOf = (slice: KubeObject): SliceContent => slice as unknown as SliceContent;
/** Upstream: absent means that nobody knows better. */
export const isReady = ({ conditions = {} }: SliceEndpoint): boolean => conditions.ready !== false;

const PROTOCOLS: Readonly<Record<string, Frontend['protocol']>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };
const AFFINITY_SECONDS = 10_800;
/** 169.254/16 has what is for one machine alone, such as the secrets of a cloud (CVE-2021-25740 and its kin). */
const LINK_LOCAL = /^169\.254\./;

/** Whether nodes are its balancer, and not somebody whom a class names. */
export const isBalancedHere = ({ type, loadBalancerClass }: ServiceSpec): boolean => type === 'LoadBalancer' && loadBalancerClass === undefined;
export const serviceSpec = (service: KubeObject): ServiceSpec => (service['spec'] ?? {}) as ServiceSpec;

/**
 * What leads to a service on one node: every place where clients come to, each with those who may serve it.
 * @param own the node's address: what the status of a service that is balanced here says is a port of all of its addresses
 */
export function frontendsOf(service: KubeObject, slices: readonly KubeObject[], node: string, own?: string): readonly Frontend[] {
  const spec = serviceSpec(service);
  if (spec.type === 'ExternalName') return [];
  const clusterIp = addressOf(spec.clusterIP ?? '');
  const balanced = ((service['status'] as { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly ipMode?: string }[] } } | undefined)?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode !== 'Proxy');
  const isHere = isBalancedHere(spec);
  const addresses = (all: readonly string[]): string[] => all.map(addressOf).filter((address) => address !== undefined);
  const balancers = addresses(balanced.map(({ ip = '' }) => ip)).filter((address) => !isHere || address !== own);
  const sources = spec.type !== 'LoadBalancer' || (spec.loadBalancerSourceRanges ?? []).length === 0 ? {} : { sources: disjoint(spec.loadBalancerSourceRanges ?? []) };
  const affinity = spec.sessionAffinity === 'ClientIP' ? { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS } : {};
  return (spec.ports ?? []).flatMap((port): Frontend[] => {
    const protocol = PROTOCOLS[port.protocol ?? 'TCP'];
    if (protocol === undefined) return [];
    const all = servers(slices, port.name ?? '', port.protocol ?? 'TCP');
    const inside = chosen(all, spec.internalTrafficPolicy === 'Local' ? node : undefined);
    const fromOutside = chosen(all, spec.externalTrafficPolicy === 'Local' ? node : undefined);
    return [
      ...(clusterIp === undefined ? [] : [{ protocol, address: clusterIp, port: port.port, ...inside, ...affinity }]),
      ...addresses(spec.externalIPs ?? []).map((address) => ({ protocol, address, port: port.port, ...fromOutside, ...affinity })),
      ...balancers.map((address) => ({ protocol, address, port: port.port, ...fromOutside, ...affinity, ...sources })),
      ...(isHere ? [{ protocol, port: port.port, ...fromOutside, ...affinity, ...sources }] : []),
      ...((port.nodePort ?? 0) === 0 ? [] : [{ protocol, port: port.nodePort ?? 0, ...fromOutside, ...affinity }]),
    ];
  });
}

interface Server extends Backend {
  readonly endpoint: SliceEndpoint;
}

function servers(slices: readonly KubeObject[], name: string, protocol: string): readonly Server[] {
  const found = new Map<string, Server>();
  for (const slice of slices) {
    const { addressType, ports = [], endpoints = [] } = contentOf(slice);
    const port = ports.find((each) => (each.name ?? '') === name && (each.protocol ?? 'TCP') === protocol)?.port;
    if (addressType !== 'IPv4' || port === undefined) continue;
    for (const endpoint of endpoints) {
      const address = addressOf(endpoint.addresses[0] ?? '');
      if (address !== undefined) found.set(`${address} ${port}`, { address, port, endpoint });
    }
  }
  return [...found.values()];
}

/** Those who are ready; where nobody is, those who are on their way out and serve still (KEP-1669). */
function chosen(all: readonly Server[], onlyOn: string | undefined): Pick<Frontend, 'backends' | 'isSilent'> {
  const eligible = onlyOn === undefined ? all : all.filter(({ endpoint }) => endpoint.nodeName === onlyOn);
  const ready = eligible.filter(({ endpoint }) => isReady(endpoint));
  const last = eligible.filter(({ endpoint: { conditions = {} } }) => conditions.serving === true && conditions.terminating === true);
  const backends = (ready.length > 0 ? ready : last).map(({ address, port }): Backend => ({ address, port }));
  // Others serve it elsewhere: a refusal would say that nobody does.
  return { backends, ...(backends.length === 0 && onlyOn !== undefined && all.length > 0 ? { isSilent: true } : {}) };
}

/** IPv4 subnets of which none lies in another. */
function disjoint(ranges: readonly string[]): readonly string[] {
  const subnets = ranges.flatMap((text) => {
    try {
      const { ip, prefix } = parseLinkAddress(text.trim());
      return ip.family === 4 ? [subnetOf(ip, prefix)] : [];
    } catch {
      return [];
    }
  });
  return [...new Set(subnets.filter((subnet) => !subnets.some((other) => other.prefix < subnet.prefix && containsCidr(other, subnet))).map(formatCidr))];
}

/** As it is printed; undefined for what no packet may be sent to, or can't be. */
function addressOf(text: string): string | undefined {
  const ip = tryParseIp(text);
  return ip?.family !== 4 || isLoopback(ip) || isUnspecified(ip) || LINK_LOCAL.test(text) || ip.value >> 28n >= 14n ? undefined : formatIp(ip);
}
