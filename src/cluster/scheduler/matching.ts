import { matchesLabels, requirementsOf } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { AffinityTerm } from './pod-shape.ts';

/** Whether a pod is one that a term of another speaks of. @param home the namespace of the other */
export function matchesAffinityTerm(term: AffinityTerm, home: string, pod: KubeObject): boolean {
  const namespaces = term.namespaces === undefined || term.namespaces.length === 0 ? [home] : term.namespaces;
  return namespaces.includes(pod.metadata.namespace ?? '') && term.labelSelector !== undefined && matchesLabels(requirementsOf(term.labelSelector), pod.metadata.labels ?? {});
}
