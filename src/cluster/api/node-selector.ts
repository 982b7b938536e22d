/** A node, as far as selectors look at it. */
export interface SelectableNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** `core.v1.Toleration`. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** `core.v1.NodeSelectorTerm`. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeRequirement[];
  readonly matchFields?: readonly NodeRequirement[];
}

/** The part of a `core.v1.PodSpec` that says which nodes it may be on. */
export interface NodeChoice {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: { readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] } } };
}

/** Terms are alternatives; what is in one is all asked for. A term that asks for nothing matches nothing. */
export function matchesNodeTerms(terms: readonly NodeSelectorTerm[], node: SelectableNode): boolean {
  return terms.some((term) => matchesNodeTerm(term, node));
}

export function matchesNodeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: SelectableNode): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return matchExpressions.every((each) => matchesExpression(each, node.labels[each.key])) && matchFields.every((each) => each.key === 'metadata.name' && matchesExpression(each, node.name));
}

function matchesExpression({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
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
export function matchesNode(spec: NodeChoice, node: SelectableNode): boolean {
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
