import { matchesLabels, requirementsOf } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { NodeState, Taint } from './node-state.ts';
import type { AffinityTerm, NodeSelectorTerm, PodSpec, Toleration } from './pod-shape.ts';

/** Terms are alternatives; what is in one is all asked for. A term that asks for nothing matches nothing. */
export function matchesNodeTerms(terms: readonly NodeSelectorTerm[], node: NodeState): boolean {
  return terms.some((term) => matchesNodeTerm(term, node));
}

export function matchesNodeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeState): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return matchExpressions.every((each) => matchesExpression(each, node.labels[each.key])) && matchFields.every((each) => each.key === 'metadata.name' && matchesExpression(each, node.name));
}

function matchesExpression({ operator, values = [] }: { readonly operator: string; readonly values?: readonly string[] }, value: string | undefined): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    case 'Gt': return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt': return value !== undefined && Number(value) < Number(values[0]);
    default: return false;
  }
}

/** `nodeSelector` and the required part of the node affinity. */
export function matchesNode(spec: PodSpec, node: NodeState): boolean {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([name, value]) => node.labels[name] === value);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return selected && (required === undefined || matchesNodeTerms(required.nodeSelectorTerms ?? [], node));
}

export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(({ key, operator = 'Equal', value = '', effect }) =>
    (effect === undefined || effect === '' || effect === taint.effect)
    && (key === undefined || key === '' ? operator === 'Exists' : key === taint.key)
    && (operator === 'Exists' || value === (taint.value ?? '')));
}

/** Whether a pod is one that a term of another speaks of. @param home the namespace of the other */
export function matchesAffinityTerm(term: AffinityTerm, home: string, pod: KubeObject): boolean {
  const namespaces = term.namespaces === undefined || term.namespaces.length === 0 ? [home] : term.namespaces;
  return namespaces.includes(pod.metadata.namespace ?? '') && term.labelSelector !== undefined && matchesLabels(requirementsOf(term.labelSelector), pod.metadata.labels ?? {});
}
