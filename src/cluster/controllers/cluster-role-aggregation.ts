import { aggregatedRules } from '#cluster/api/access/bootstrap-roles.ts';
import { matchesLabels, requirementsOf, type LabelSelector } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { NOTHING, type Controller, type Plan } from '#cluster/loop/controller.ts';

const ROLES = 'rbac.authorization.k8s.io/clusterroles';

/** Gives roles that are put together of others the rules of those. */
export const clusterRoleAggregation: Controller = {
  name: 'clusterrole-aggregation-controller', reads: [ROLES], writes: [ROLES],
  keysFor: (_resource, _object, view) => view.list(ROLES).filter((role) => selectorsOf(role).length > 0).map(({ metadata }) => metadata.name),
  reconcile(name, view): Plan {
    const role = view.get(ROLES, undefined, name);
    if (role === undefined || selectorsOf(role).length === 0) return NOTHING;
    const parts = view.list(ROLES).filter((each) => each.metadata.name !== name && selectorsOf(role).some((selector) => matchesLabels(requirementsOf(selector), each.metadata.labels ?? {})));
    const rules = aggregatedRules(parts);
    return same(rules, role['rules'] ?? []) ? NOTHING : { writes: [{ kind: 'update', resource: ROLES, object: { ...role, rules }, why: 'the roles that it is put together of have changed' }] };
  },
};

function selectorsOf(role: KubeObject): readonly LabelSelector[] {
  const { clusterRoleSelectors } = (role['aggregationRule'] ?? {}) as { readonly clusterRoleSelectors?: readonly LabelSelector[] };
  return clusterRoleSelectors ?? [];
}
