import { matchesLabels, requirementsOf, type Labels, type LabelSelector, type Requirement } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { AffinityTerm } from './pod-shape.ts';

/** The labels of a namespace; undefined where there is none. */
export type NamespaceLabels = (namespace: string) => Labels | undefined;

export const NO_NAMESPACES: NamespaceLabels = () => undefined;

/** Whether a pod is one that a term of another speaks of. @param owner the other */
export function matchesAffinityTerm(term: AffinityTerm, owner: KubeObject, pod: KubeObject, labelsOf: NamespaceLabels): boolean {
  const namespace = pod.metadata.namespace ?? '';
  return isNamespaceMeant(term, owner.metadata.namespace ?? '', namespace, labelsOf) && matchesSelector(term, owner, pod);
}

function isNamespaceMeant({ namespaces = [], namespaceSelector }: AffinityTerm, home: string, namespace: string, labelsOf: NamespaceLabels): boolean {
  if (namespaces.length === 0 && namespaceSelector === undefined) return namespace === home;
  return namespaces.includes(namespace) || (namespaceSelector !== undefined && matchesLabels(requirementsOf(namespaceSelector), labelsOf(namespace) ?? {}));
}

interface Selecting {
  readonly labelSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/** Keys are joined with the selector, each with the value that the owner has (KEP-3633, KEP-3243); one that it lacks says nothing. */
export function requirementsFor({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: Selecting, owner: KubeObject): readonly Requirement[] | undefined {
  if (labelSelector === undefined) return undefined;
  const labels = owner.metadata.labels ?? {};
  const withKeys = (keys: readonly string[], operator: 'in' | 'notin'): Requirement[] => keys.flatMap((key) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  return [...requirementsOf(labelSelector), ...withKeys(matchLabelKeys, 'in'), ...withKeys(mismatchLabelKeys, 'notin')];
}

/** Without a selector nobody is meant. */
export function matchesSelector(selecting: Selecting, owner: KubeObject, pod: KubeObject): boolean {
  const requirements = requirementsFor(selecting, owner);
  return requirements !== undefined && matchesLabels(requirements, pod.metadata.labels ?? {});
}
