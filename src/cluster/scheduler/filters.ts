import { matchesNode, tolerates } from '#cluster/api/node-selector.ts';
import { isReachable } from '#cluster/controllers/volume-match.ts';
import type { Candidate } from './candidate.ts';
import { matchesSelector } from './matching.ts';
import type { NodeState } from './node-state.ts';

/** Why a node can't take the pod, in upstream's words, or nothing. */
export type Filter = (candidate: Candidate, node: NodeState) => string | undefined;

const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** By the names of upstream's plugins, cheap ones first: the first that refuses gives the reason. */
export const filters: readonly (readonly [name: string, filter: Filter])[] = [
  ['NodeUnschedulable', ({ spec }, node) => node.isUnschedulable && !tolerates(spec.tolerations ?? [], UNSCHEDULABLE) ? 'node(s) were unschedulable' : undefined],
  ['TaintToleration', ({ spec }, node) => {
    const taint = node.taints.find((each) => each.effect !== 'PreferNoSchedule' && !tolerates(spec.tolerations ?? [], each));
    return taint === undefined ? undefined : `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  }],
  ['NodeAffinity', ({ spec }, node) => matchesNode(spec, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"],
  ['VolumeBinding', ({ volumes }, node) => volumes.missing ?? (volumes.volumes.every((volume) => isReachable(volume, node.node)) ? undefined : 'node(s) had volume node affinity conflict')],
  ['NodePorts', ({ ports }, node) => ports.some((port) => node.hasPort(port)) ? "node(s) didn't have free ports for the requested pod ports" : undefined],
  ['NodeResourcesFit', fits],
  ['PodTopologySpread', spreads],
  ['InterPodAffinity', affinity],
];

function fits({ requests }: Candidate, node: NodeState): string | undefined {
  const limit = node.allocatable.get('pods') ?? Number.POSITIVE_INFINITY;
  if (node.pods.size + 1 > limit) return 'Too many pods';
  for (const [name, count] of requests) {
    if (count > 0 && count > (node.allocatable.get(name) ?? 0) - (node.requested.get(name) ?? 0)) return `Insufficient ${name}`;
  }
  return undefined;
}

function spreads(candidate: Candidate, node: NodeState): string | undefined {
  const { pod, spec } = candidate;
  for (const constraint of spec.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue;
    const domain = node.labels[constraint.topologyKey];
    if (domain === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    const counts = candidate.spreadCounts(constraint);
    const self = matchesSelector(constraint, pod, pod) ? 1 : 0;
    let fewest = counts.size < (constraint.minDomains ?? 1) ? 0 : Number.POSITIVE_INFINITY;
    for (const count of counts.values()) fewest = Math.min(fewest, count);
    if ((counts.get(domain) ?? 0) + self - fewest > constraint.maxSkew) return "node(s) didn't match pod topology spread constraints";
  }
  return undefined;
}

function affinity(candidate: Candidate, node: NodeState): string | undefined {
  const { spec } = candidate;
  const isIn = (topologyKey: string, domains: ReadonlySet<string>): boolean => node.labels[topologyKey] !== undefined && domains.has(node.labels[topologyKey]);
  for (const term of spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    if (isIn(term.topologyKey, candidate.domainsOf(term))) return "node(s) didn't match pod anti-affinity rules";
  }
  for (const term of spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const domains = candidate.domainsOf(term);
    // The first of a group that is near to itself may go anywhere.
    const isFirst = domains.size === 0 && candidate.matchesSelf(term) && node.labels[term.topologyKey] !== undefined;
    if (!isIn(term.topologyKey, domains) && !isFirst) return "node(s) didn't match pod affinity rules";
  }
  return candidate.isRefusedAt(node) ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined;
}
