import type { KubeObject } from '#cluster/kinds/object.ts';
import { Candidate } from './candidate.ts';
import { filters } from './filters.ts';
import { NO_NAMESPACES } from './matching.ts';
import type { NodeState } from './node-state.ts';
import { NO_VOLUMES } from './pod-volumes.ts';
import { score } from './score.ts';

export type Placement =
  | { readonly kind: 'placed'; readonly node: string; readonly feasible: number }
  /** Node by node, why not: by reason, how many nodes. */
  | { readonly kind: 'unplaceable'; readonly reasons: ReadonlyMap<string, number>; readonly byNode: ReadonlyMap<string, string> };

/** Enough feasible nodes to choose among (upstream's `minFeasibleNodesToFind`), and the part of a large cluster that is looked at. */
const ENOUGH = 100;

/**
 * Where a pod goes. Of a large cluster only a part is looked at, from `start` on, so that every node has its turn.
 * @param tieBreak from 0 to 1: which of equally good places
 * @param volumes what the claims of the pod say
 * @param namespaces labels by which affinities choose namespaces
 */
export function place(pod: KubeObject, nodes: readonly NodeState[], start = 0, tieBreak = 0, volumes = NO_VOLUMES, namespaces = NO_NAMESPACES): Placement {
  const candidate = new Candidate(pod, nodes, volumes, namespaces);
  const wanted = feasibleWanted(nodes.length);
  const feasible: NodeState[] = [];
  const byNode = new Map<string, string>();
  for (let step = 0; step < nodes.length && feasible.length < wanted; step += 1) {
    const node = nodes[(start + step) % nodes.length] as NodeState;
    const reason = refusal(candidate, node);
    if (reason === undefined) feasible.push(node);
    else byNode.set(node.name, reason);
  }
  if (feasible.length === 0) return { kind: 'unplaceable', reasons: tally(byNode.values()), byNode };
  const scored = feasible.map((node) => ({ node, score: score(candidate, node) }));
  const best = Math.max(...scored.map((each) => each.score));
  const equals = scored.filter((each) => each.score === best);
  const chosen = equals[Math.min(equals.length - 1, Math.floor(tieBreak * equals.length))] as { node: NodeState };
  return { kind: 'placed', node: chosen.node.name, feasible: feasible.length };
}

/** Why a node can't take the pod. */
export function refusal(candidate: Candidate, node: NodeState): string | undefined {
  for (const [, filter] of filters) {
    const reason = filter(candidate, node);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function feasibleWanted(nodes: number): number {
  if (nodes <= ENOUGH) return nodes;
  const percent = Math.max(5, 50 - nodes / 125);
  return Math.max(ENOUGH, Math.floor(nodes * percent / 100));
}

function tally(reasons: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

/** The message of a pod that waits, as `kubectl describe` shows it. */
export function unplaceableMessage(reasons: ReadonlyMap<string, number>, nodes: number): string {
  const texts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return nodes === 0 ? 'no nodes available to schedule pods' : `0/${nodes} nodes are available: ${texts.join(', ')}.`;
}
