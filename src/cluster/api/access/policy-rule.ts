import type { KubeObject } from '#cluster/kinds/object.ts';

/** `rbac.v1.PolicyRule`: what may be done, to resources or to paths that are none. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  /** `pods`, `pods/log`; `*` is all of them, `*` + `/scale` that subresource of all. */
  readonly resources?: readonly string[];
  /** Empty: every name. */
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** What is asked for, without who asks. */
export type Action =
  | { readonly kind: 'resource'; readonly verb: string; readonly group: string; readonly version: string; readonly resource: string; readonly subresource: string; readonly namespace: string; readonly name: string; /** Only pods of this node are asked for. */ readonly selectedNode?: string }
  | { readonly kind: 'path'; readonly verb: string; readonly path: string };

/** kubernetes.io, "Using RBAC Authorization", Referring to resources. */
export function ruleAllows(rule: PolicyRule, action: Action): boolean {
  if (!has(rule.verbs, action.verb)) return false;
  if (action.kind === 'path') return (rule.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, action.path));
  const { group, resource, subresource, name } = action;
  const { apiGroups = [], resources = [], resourceNames = [] } = rule;
  return has(apiGroups, group) && resources.some((each) => coversResource(each, resource, subresource)) && (resourceNames.length === 0 || resourceNames.includes(name));
}

const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

function coversResource(pattern: string, resource: string, subresource: string): boolean {
  if (pattern === '*') return true;
  if (subresource === '') return pattern === resource;
  return pattern === `${resource}/${subresource}` || pattern === `*/${subresource}`;
}

/** A star at the end stands for whatever follows. */
export function coversPath(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}

/** The rules of a Role or ClusterRole; what is not a list of texts counts as none. */
export function rulesOfRole(role: KubeObject): readonly PolicyRule[] {
  const rules = role['rules'];
  return Array.isArray(rules) ? (rules as readonly unknown[]).map(readRule) : [];
}

export function readRule(value: unknown): PolicyRule {
  const rule = (value ?? {}) as Readonly<Record<string, unknown>>;
  const texts = (name: string): readonly string[] => Array.isArray(rule[name]) ? (rule[name] as readonly unknown[]).filter((each): each is string => typeof each === 'string') : [];
  return { verbs: texts('verbs'), apiGroups: texts('apiGroups'), resources: texts('resources'), resourceNames: texts('resourceNames'), nonResourceURLs: texts('nonResourceURLs') };
}
