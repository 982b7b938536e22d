import { matchesNodeTerm, tolerates } from '#cluster/api/node-selector.ts';
import type { Candidate } from './candidate.ts';
import type { NodeState } from './node-state.ts';
import type { AffinityTerm } from './pod-shape.ts';

/** How good a place is, with the weights of upstream's default profile; more is better. */
export function score(candidate: Candidate, node: NodeState): number {
  return leastAllocated(candidate, node) + balanced(candidate, node) + 3 * preferredTaints(candidate, node) + 2 * preferredNode(candidate, node) + 2 * preferredNeighbours(candidate, node) + 2 * evenly(candidate, node);
}

const shareOf = ({ requests }: Candidate, node: NodeState, name: string): number => {
  const whole = node.allocatable.get(name) ?? 0;
  return whole === 0 ? 1 : Math.min(1, ((node.requested.get(name) ?? 0) + (requests.get(name) ?? 0)) / whole);
};

/** 0 to 100: room that would be left. */
function leastAllocated(candidate: Candidate, node: NodeState): number {
  return 50 * (1 - shareOf(candidate, node, 'cpu')) + 50 * (1 - shareOf(candidate, node, 'memory'));
}

/** 0 to 100: processors and memory used alike. */
function balanced(candidate: Candidate, node: NodeState): number {
  return 100 * (1 - Math.abs(shareOf(candidate, node, 'cpu') - shareOf(candidate, node, 'memory')));
}

function preferredTaints({ spec }: Candidate, node: NodeState): number {
  const disliked = node.taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(spec.tolerations ?? [], taint)).length;
  return 100 / (1 + disliked);
}

function preferredNode({ spec }: Candidate, node: NodeState): number {
  const terms = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  return total === 0 ? 0 : 100 * terms.reduce((sum, { weight, preference }) => sum + (matchesNodeTerm(preference, node) ? weight : 0), 0) / total;
}

function preferredNeighbours(candidate: Candidate, node: NodeState): number {
  const { podAffinity, podAntiAffinity } = candidate.spec.affinity ?? {};
  const weigh = (terms: readonly { readonly weight: number; readonly podAffinityTerm: AffinityTerm }[]): number => terms.reduce((sum, { weight, podAffinityTerm: term }) => {
    const domain = node.labels[term.topologyKey];
    return sum + (domain !== undefined && candidate.domainsOf(term).has(domain) ? weight : 0);
  }, 0);
  return weigh(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) - weigh(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []);
}

/** Fewer of its kind in the domain is better, where the pod asks for an even spread. */
function evenly(candidate: Candidate, node: NodeState): number {
  const constraints = (candidate.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  return constraints.reduce((sum, constraint) => {
    const counts = candidate.spreadCounts(constraint);
    let most = 1;
    for (const count of counts.values()) most = Math.max(most, count);
    const domain = node.labels[constraint.topologyKey];
    return sum + (domain === undefined ? 0 : 100 * (1 - (counts.get(domain) ?? 0) / most));
  }, 0);
}
