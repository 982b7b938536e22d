import type { KubeObject } from '#cluster/kinds/object.ts';
import type { User } from '../api-request.ts';
import type { ObjectView } from '../object-view.ts';
import { rulesOfRole, type PolicyRule } from './policy-rule.ts';

/** What is read of a view here. */
export const ROLE_RESOURCES = {
  role: 'rbac.authorization.k8s.io/roles', clusterRole: 'rbac.authorization.k8s.io/clusterroles',
  binding: 'rbac.authorization.k8s.io/rolebindings', clusterBinding: 'rbac.authorization.k8s.io/clusterrolebindings',
} as const;

/** A rule, and the binding that gives it. */
export interface Grant {
  readonly rule: PolicyRule;
  readonly source: string;
}

export interface Resolved {
  readonly grants: readonly Grant[];
  /** Bindings that name roles which are not there. */
  readonly faults: readonly string[];
}

interface RoleRef { readonly kind: string; readonly name: string }
interface Subject { readonly kind?: string; readonly name?: string; readonly namespace?: string }

/** Every rule that a user has in a namespace; without one, in the whole cluster. */
export function grantsOf(view: ObjectView, user: User, namespace: string): Resolved {
  const grants: Grant[] = [];
  const faults: string[] = [];
  const take = (binding: KubeObject, label: string): void => {
    const own = binding.metadata.namespace ?? '';
    const subject = subjectsOf(binding).find((each) => isSubject(each, user, own));
    if (subject === undefined) return;
    const ref = roleRefOf(binding);
    const rules = rulesOfRef(view, ref, own);
    if (rules === undefined) faults.push(`${ref.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(ref.name)} not found`);
    else for (const rule of rules) grants.push({ rule, source: `${label} of ${ref.kind} ${JSON.stringify(ref.name)} to ${subjectText(subject, own)}` });
  };
  for (const binding of view.list(ROLE_RESOURCES.clusterBinding)) take(binding, `ClusterRoleBinding ${JSON.stringify(binding.metadata.name)}`);
  if (namespace !== '') for (const binding of view.list(ROLE_RESOURCES.binding, namespace)) take(binding, `RoleBinding ${JSON.stringify(`${binding.metadata.name}/${namespace}`)}`);
  return { grants, faults };
}

/** Undefined where there is no such role. */
export function rulesOfRef(view: ObjectView, { kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
  const role = kind === 'Role' ? view.get(ROLE_RESOURCES.role, namespace, name) : view.get(ROLE_RESOURCES.clusterRole, undefined, name);
  return role === undefined ? undefined : rulesOfRole(role);
}

export function roleRefOf(binding: KubeObject): RoleRef {
  const { kind, name } = (binding['roleRef'] ?? {}) as Readonly<Record<string, unknown>>;
  return { kind: typeof kind === 'string' ? kind : '', name: typeof name === 'string' ? name : '' };
}

function subjectsOf(binding: KubeObject): readonly Subject[] {
  const subjects = binding['subjects'];
  return Array.isArray(subjects) ? (subjects as readonly unknown[]).filter((each): each is Subject => each !== null && typeof each === 'object') : [];
}

function isSubject({ kind, name = '', namespace }: Subject, user: User, own: string): boolean {
  if (kind === 'User') return user.name === name;
  if (kind === 'Group') return user.groups.includes(name);
  return kind === 'ServiceAccount' && user.name === `system:serviceaccount:${namespace ?? own}:${name}`;
}

function subjectText({ kind = '', name = '', namespace }: Subject, own: string): string {
  return `${kind} ${JSON.stringify(kind === 'ServiceAccount' ? `${name}/${namespace ?? own}` : name)}`;
}
