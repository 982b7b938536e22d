import { matchesLabels, requirementsOf, type LabelSelector } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { Candidate } from './candidate.ts';
import type { NamespaceLabels } from './matching.ts';
import { NodeState, type PlacedPod } from './node-state.ts';
import { refusal } from './place.ts';
import { priorityOf } from './pod-shape.ts';
import type { PodVolumes } from './pod-volumes.ts';

/** Which pods have to go, so that one that matters more finds room. */
export interface Preemption {
  readonly node: string;
  readonly victims: readonly KubeObject[];
}

/** Why a node's pods are let be: by reason, how many nodes. */
export type NoPreemption = ReadonlyMap<string, number>;

export interface PreemptionInput {
  readonly pod: KubeObject;
  readonly nodes: readonly NodeState[];
  /** Why each node refused it. */
  readonly byNode: ReadonlyMap<string, string>;
  readonly volumes: PodVolumes;
  readonly namespaces?: NamespaceLabels;
  /** `policy.v1.PodDisruptionBudget`s: they are kept where that is possible. */
  readonly budgets: readonly KubeObject[];
}

/** What no pod's leaving changes. */
const UNHELPFUL = /were unschedulable|untolerated taint|node affinity\/selector|volume node affinity|missing required label|PersistentVolumeClaims|persistentvolumeclaim/;
/** Nodes that are looked at, of a large cluster (upstream's `MinCandidateNodesAbsolute`). */
const MOST_NODES = 100;

interface Choice {
  readonly node: string;
  readonly victims: readonly PlacedPod[];
  readonly violations: number;
}

/** Upstream's default preemption (pkg/scheduler/framework/preemption): the fewest, of least importance, on one node. */
export function preempt(input: PreemptionInput): Preemption | NoPreemption {
  const { nodes, byNode } = input;
  const reasons = new Map<string, number>();
  const count = (reason: string): void => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const choices: Choice[] = [];
  for (const node of nodes) {
    if (choices.length >= MOST_NODES) break;
    if (UNHELPFUL.test(byNode.get(node.name) ?? '')) count('Preemption is not helpful for scheduling');
    else {
      const choice = victimsOn(node, input);
      if (choice === undefined) count('No preemption victims found for incoming pod');
      else choices.push(choice);
    }
  }
  const best = choices.reduce<Choice | undefined>((chosen, each) => (chosen === undefined || isBetter(each, chosen) ? each : chosen), undefined);
  return best === undefined ? reasons : { node: best.node, victims: best.victims.map((each) => each.pod) };
}

/** All that matter less go, and then, the most important first, each comes back that there is room for. */
function victimsOn(node: NodeState, { pod, nodes, volumes, namespaces, budgets }: PreemptionInput): Choice | undefined {
  const priority = priorityOf(pod);
  if (node.lowestPriority >= priority) return undefined;
  const lower = [...node.pods.values()].filter((each) => priorityOf(each.pod) < priority);
  const trial = new NodeState(node.node);
  const uids = new Set(lower.map((each) => each.pod.metadata.uid));
  for (const { pod: kept } of node.pods.values()) if (!uids.has(kept.metadata.uid)) trial.add(kept);
  const others = nodes.map((each) => (each === node ? trial : each));
  const fits = (): boolean => refusal(new Candidate(pod, others, volumes, namespaces), trial) === undefined;
  if (!fits()) return undefined;
  const guarded = new Set(guardedBy(budgets, lower));
  const order = lower.toSorted((a, b) => Number(guarded.has(b)) - Number(guarded.has(a)) || priorityOf(b.pod) - priorityOf(a.pod) || startOf(a) - startOf(b));
  const victims: PlacedPod[] = [];
  for (const each of order) {
    trial.add(each.pod);
    if (fits()) continue;
    trial.remove(each.pod.metadata.uid);
    victims.push(each);
  }
  return victims.length === 0 ? undefined : { node: node.name, victims, violations: victims.filter((each) => guarded.has(each)).length };
}

/** Pods whose going a budget does not allow, those that it still allows left out. */
function guardedBy(budgets: readonly KubeObject[], pods: readonly PlacedPod[]): readonly PlacedPod[] {
  const allowed = budgets.map((budget) => ({
    namespace: budget.metadata.namespace, left: Number((budget['status'] as { readonly disruptionsAllowed?: number } | undefined)?.disruptionsAllowed ?? 0),
    requirements: requirementsOf(((budget['spec'] as { readonly selector?: LabelSelector } | undefined)?.selector ?? { matchExpressions: [] })),
  }));
  return pods.filter(({ pod }) => {
    let isGuarded = false;
    for (const budget of allowed) {
      if (budget.namespace !== pod.metadata.namespace || !matchesLabels(budget.requirements, pod.metadata.labels ?? {})) continue;
      budget.left -= 1;
      isGuarded ||= budget.left < 0;
    }
    return isGuarded;
  });
}

function isBetter(a: Choice, b: Choice): boolean {
  for (const worth of [({ violations }: Choice) => violations, highest, ({ victims }: Choice) => victims.reduce((sum, { pod }) => sum + priorityOf(pod), 0), ({ victims }: Choice) => victims.length, ({ victims }: Choice) => -Math.min(...victims.map(startOf))]) {
    const difference = worth(a) - worth(b);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

const highest = ({ victims }: Choice): number => Math.max(...victims.map(({ pod }) => priorityOf(pod)));
const startOf = ({ pod }: PlacedPod): number => Date.parse((pod['status'] as { readonly startTime?: string } | undefined)?.startTime ?? pod.metadata.creationTimestamp ?? '') || 0;

/** What is added to the message of a pod that waits. */
export function preemptionMessage(reasons: NoPreemption, nodes: number): string {
  return `preemption: 0/${nodes} nodes are available: ${[...reasons].map(([reason, count]) => `${count} ${reason}`).sort().join(', ')}.`;
}
