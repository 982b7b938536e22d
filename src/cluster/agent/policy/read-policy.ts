import { requirementsOf, type LabelSelector, type Requirement } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { formatCidr, parseLinkAddress, subnetOf } from '#net/cidr.ts';
import type { Peer, PolicyRule, PolicyRules, PortMatch } from '#net/policy/model.ts';

/** Pods of one namespace, or of all whose labels are so, that have certain labels. */
export interface Group {
  /** The same for the same pods, whichever policy says it. */
  readonly id: string;
  readonly namespaces: string | readonly Requirement[];
  readonly pods: readonly Requirement[];
}

export interface ReadPolicy {
  readonly namespace: string;
  readonly selects: readonly Requirement[];
  readonly rules: PolicyRules;
  readonly groups: readonly Group[];
}

// `networking.v1.NetworkPolicy`.
interface Spec {
  readonly podSelector?: LabelSelector;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly { readonly from?: readonly SpecPeer[]; readonly ports?: readonly SpecPort[] }[];
  readonly egress?: readonly { readonly to?: readonly SpecPeer[]; readonly ports?: readonly SpecPort[] }[];
}

interface SpecPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface SpecPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

const PROTOCOLS: Readonly<Record<string, PortMatch['protocol']>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** What a policy says, with its selectors as groups. */
export function readPolicy(policy: KubeObject): ReadPolicy {
  const { podSelector = {}, policyTypes, ingress = [], egress = [] } = (policy['spec'] ?? {}) as Spec;
  const namespace = policy.metadata.namespace ?? '';
  const groups = new Map<string, Group>();
  const rule = (peers: readonly SpecPeer[] | undefined, ports: readonly SpecPort[] | undefined): PolicyRule => ({
    ...(peers === undefined || peers.length === 0 ? {} : { peers: peers.map((peer) => readPeer(peer, namespace, groups)) }), ...(ports === undefined || ports.length === 0 ? {} : { ports: ports.flatMap(readPort) }),
  });
  const types = policyTypes ?? ['Ingress', ...(egress.length > 0 ? ['Egress'] : [])];
  const rules = {
    ...(types.includes('Ingress') ? { ingress: ingress.map(({ from, ports }) => rule(from, ports)) } : {}), ...(types.includes('Egress') ? { egress: egress.map(({ to, ports }) => rule(to, ports)) } : {}),
  };
  return { namespace, selects: requirementsOf(podSelector), rules, groups: [...groups.values()] };
}

function readPeer({ ipBlock, namespaceSelector, podSelector = {} }: SpecPeer, namespace: string, groups: Map<string, Group>): Peer {
  if (ipBlock !== undefined) return { cidr: subnetText(ipBlock.cidr), except: (ipBlock.except ?? []).map(subnetText) };
  const [namespaces, pods] = [namespaceSelector === undefined ? namespace : requirementsOf(namespaceSelector), requirementsOf(podSelector)];
  const id = JSON.stringify([typeof namespaces === 'string' ? namespaces : textsOf(namespaces), textsOf(pods)]);
  groups.set(id, { id, namespaces, pods });
  return { group: id };
}

/** Upstream takes `10.1.2.3/16` for the subnet that it lies in. */
function subnetText(text: string): string {
  const { ip, prefix } = parseLinkAddress(text);
  return formatCidr(subnetOf(ip, prefix));
}

const textsOf = (requirements: readonly Requirement[]): readonly string[] => requirements.map(({ key, operator, values }) => JSON.stringify([key, operator, values.toSorted()])).sort();

function readPort({ protocol = 'TCP', port, endPort }: SpecPort): readonly PortMatch[] {
  const known = PROTOCOLS[protocol];
  if (known === undefined) return [];
  if (port === undefined) return [{ protocol: known }];
  return typeof port === 'string' ? [{ protocol: known, name: port }] : [{ protocol: known, from: port, to: endPort ?? port }];
}
