import type { Json } from '#base/json.ts';
import type { Service } from '../model/service-kind.ts';
import { compareText } from '../value/go-text.ts';
import { labelsOf, metadataOf, type Conversion } from './conversion.ts';
import type { Manifest } from './manifest.ts';
import { isQualifiedName, objectName } from './names.ts';
import type { PodGroup } from './pod-group.ts';

const API = 'networking.k8s.io/v1';

/** The networks of the project that a service's pod is in. */
export function networksOf({ project }: Conversion, { networks, network_mode = '' }: Service): string[] {
  return network_mode === 'host' ? [] : [...(networks ?? [])].map(([key]) => key).filter((key) => project.networks.has(key)).toSorted(compareText);
}

/** The label of the pods in a network. One that is not the project's own goes by its real name. */
export function networkLabel({ project, findings }: Conversion, network: string): string {
  const declared = project.networks.get(network);
  const name = declared?.external === true ? declared.name ?? network : network;
  if (!isQualifiedName(name)) findings.refuse(`networks.${network}`, `${name} can't be part of a label`, 'use at most 63 letters, digits, "-", "_" and "."');
  return `com.docker.compose.network/${name}`;
}

/** Who is in no network with a pod does not reach it, but for what is published. */
export function networkPolicies(conversion: Conversion, groups: readonly PodGroup[]): Manifest[] {
  const used = [...new Set(groups.flatMap(({ owner }) => networksOf(conversion, owner)))].toSorted(compareText);
  for (const network of used) checkNetwork(conversion, network);
  return [...used.map((network) => networkPolicy(conversion, network)), ...groups.flatMap((group) => [publishedPolicy(conversion, group), internalPolicy(conversion, group)]).filter((policy) => policy !== undefined)];
}

function checkNetwork({ project, findings }: Conversion, network: string): void {
  const { driver = '', driver_opts, ipam } = project.networks.get(network) ?? {};
  const path = `networks.${network}`;
  if (!['', 'bridge', 'overlay'].includes(driver)) findings.refuse(`${path}.driver`, `a cluster has one network, which is not ${driver}`, 'leave it out, or attach it by an extension of the cluster');
  if ((driver_opts?.size ?? 0) > 0) findings.warn(`${path}.driver_opts`, 'they are of one daemon: they are left out');
  if ((ipam?.config ?? []).length > 0) findings.warn(`${path}.ipam`, 'the cluster gives addresses: it is left out');
}

function policy(conversion: Conversion, name: string, owner: string, spec: { readonly [key: string]: Json }, service?: string): Manifest {
  conversion.names.take('NetworkPolicy', name, owner);
  return { apiVersion: API, kind: 'NetworkPolicy', metadata: metadataOf(conversion, name, service), spec };
}

function peer(conversion: Conversion, network: string): Json {
  const podSelector = { matchLabels: { [networkLabel(conversion, network)]: 'true' } };
  return conversion.project.networks.get(network)?.external === true ? { namespaceSelector: {}, podSelector } : { podSelector };
}

function networkPolicy(conversion: Conversion, network: string): Manifest {
  return policy(conversion, `${objectName(network)}-network`, `networks.${network}`, {
    podSelector: { matchLabels: { [networkLabel(conversion, network)]: 'true' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [peer(conversion, network)] }],
  });
}

function publishedPolicy(conversion: Conversion, { name, owner }: PodGroup): Manifest | undefined {
  const ports = new Map((owner.ports ?? []).map(({ target = 0, protocol = 'tcp' }) => [`${target}/${protocol}`, { protocol: protocol.toUpperCase(), port: target }]));
  if (ports.size === 0 || networksOf(conversion, owner).length === 0) return undefined;
  return policy(conversion, `${name}-published`, `services.${name}.ports`, { podSelector: { matchLabels: labelsOf(conversion, name) }, policyTypes: ['Ingress'], ingress: [{ ports: [...ports.values()] }] }, name);
}

/** Out of internal networks there is no way, but to names. */
function internalPolicy(conversion: Conversion, { name, owner }: PodGroup): Manifest | undefined {
  const networks = networksOf(conversion, owner);
  if (networks.length === 0 || !networks.every((network) => conversion.project.networks.get(network)?.internal === true)) return undefined;
  const names = { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }], ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] };
  return policy(conversion, `${name}-internal`, `services.${name}.networks`, { podSelector: { matchLabels: labelsOf(conversion, name) }, policyTypes: ['Egress'], egress: [{ to: networks.map((network) => peer(conversion, network)) }, names] }, name);
}
