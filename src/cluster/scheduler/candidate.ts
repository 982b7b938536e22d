import { matchesLabels } from '#cluster/api/labels.ts';
import { matchesNode, tolerates } from '#cluster/api/node-selector.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { matchesAffinityTerm, NO_NAMESPACES, requirementsFor, type NamespaceLabels } from './matching.ts';
import type { NodeState } from './node-state.ts';
import type { PodVolumes } from './pod-volumes.ts';
import { hostPortsOf, podSpec, requestsOf, type AffinityTerm, type PodSpec, type ResourceCounts, type SpreadConstraint } from './pod-shape.ts';

/**
 * A pod to be placed, with what its rules say of the whole cluster: each rule is counted once over all nodes when it is first
 * asked for, so that a node is judged without looking at the others.
 */
export class Candidate {
  readonly pod: KubeObject;
  readonly spec: PodSpec;
  readonly requests: ResourceCounts;
  readonly ports: readonly string[];
  readonly volumes: PodVolumes;
  readonly #nodes: readonly NodeState[];
  readonly #namespaces: NamespaceLabels;
  readonly #spreads = new Map<SpreadConstraint, Map<string, number>>();
  readonly #domains = new Map<AffinityTerm, ReadonlySet<string>>();
  #forbidden: ReadonlySet<string> | undefined;

  constructor(pod: KubeObject, nodes: readonly NodeState[], volumes: PodVolumes, namespaces: NamespaceLabels = NO_NAMESPACES) {
    this.#namespaces = namespaces;
    this.volumes = volumes;
    this.pod = pod;
    this.spec = podSpec(pod);
    this.requests = requestsOf(this.spec);
    this.ports = hostPortsOf(this.spec);
    this.#nodes = nodes;
  }

  /** Pods that a constraint counts, by the value of its topology key, over the nodes that it counts. */
  spreadCounts(constraint: SpreadConstraint): ReadonlyMap<string, number> {
    const known = this.#spreads.get(constraint);
    if (known !== undefined) return known;
    const requirements = requirementsFor(constraint, this.pod);
    const counts = new Map<string, number>();
    for (const node of this.#nodes) {
      const domain = node.labels[constraint.topologyKey];
      if (domain === undefined || !this.#isCounted(constraint, node)) continue;
      let count = 0;
      for (const { pod } of node.pods.values()) if (requirements !== undefined && pod.metadata.namespace === this.pod.metadata.namespace && pod.metadata.deletionTimestamp === undefined && matchesLabels(requirements, pod.metadata.labels ?? {})) count += 1;
      counts.set(domain, (counts.get(domain) ?? 0) + count);
    }
    this.#spreads.set(constraint, counts);
    return counts;
  }

  #isCounted({ nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: SpreadConstraint, node: NodeState): boolean {
    if (nodeAffinityPolicy === 'Honor' && !matchesNode(this.spec, node)) return false;
    return nodeTaintsPolicy !== 'Honor' || node.taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(this.spec.tolerations ?? [], taint));
  }

  /** The domains in which a pod is that the term speaks of. */
  domainsOf(term: AffinityTerm): ReadonlySet<string> {
    const known = this.#domains.get(term);
    if (known !== undefined) return known;
    const domains = new Set<string>();
    for (const node of this.#nodes) {
      const domain = node.labels[term.topologyKey];
      if (domain === undefined || domains.has(domain)) continue;
      for (const { pod } of node.pods.values()) if (matchesAffinityTerm(term, this.pod, pod, this.#namespaces)) domains.add(domain);
    }
    this.#domains.set(term, domains);
    return domains;
  }

  matchesSelf(term: AffinityTerm): boolean {
    return matchesAffinityTerm(term, this.pod, this.pod, this.#namespaces);
  }

  /** Whether a pod on a node in the same domain wants none like this one near. */
  isRefusedAt(node: NodeState): boolean {
    this.#forbidden ??= this.#findForbidden();
    if (this.#forbidden.size === 0) return false;
    return Object.entries(node.labels).some(([key, value]) => this.#forbidden?.has(`${key}=${value}`) === true);
  }

  #findForbidden(): Set<string> {
    const forbidden = new Set<string>();
    for (const node of this.#nodes) {
      for (const { pod, spec } of node.antiAffine.values()) {
        for (const term of spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
          const domain = node.labels[term.topologyKey];
          if (domain !== undefined && matchesAffinityTerm(term, pod, this.pod, this.#namespaces)) forbidden.add(`${term.topologyKey}=${domain}`);
        }
      }
    }
    return forbidden;
  }
}
