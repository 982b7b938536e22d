import type { User } from '../api-request.ts';
import type { ObjectView } from '../object-view.ts';
import { ruleAllows, type Action, type PolicyRule } from './policy-rule.ts';
import { grantsOf } from './role-resolver.ts';

export interface Decision {
  readonly allowed: boolean;
  /** What allows it, or what stands in the way beside a missing rule. */
  readonly reason: string;
}

/** May do everything, also where no role says so: how a cluster is mended whose roles are lost. */
export const PRIVILEGED_GROUP = 'system:masters';

/** Who may do what: by roles and bindings (kubernetes.io, "Using RBAC Authorization"). */
export class Authorizer {
  readonly #view: ObjectView;

  constructor(view: ObjectView) {
    this.#view = view;
  }

  decide(user: User, action: Action): Decision {
    if (user.groups.includes(PRIVILEGED_GROUP)) return { allowed: true, reason: '' };
    const { grants, faults } = grantsOf(this.#view, user, action.kind === 'resource' ? action.namespace : '');
    const grant = grants.find(({ rule }) => ruleAllows(rule, action));
    if (grant !== undefined) return { allowed: true, reason: `RBAC: allowed by ${grant.source}` };
    return { allowed: false, reason: faults.length === 0 ? '' : `RBAC: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}` };
  }

  /** Everything that a user may do in a namespace. */
  rulesOf(user: User, namespace: string): { readonly rules: readonly PolicyRule[]; readonly faults: readonly string[] } {
    const { grants, faults } = grantsOf(this.#view, user, namespace);
    const privileged: readonly PolicyRule[] = user.groups.includes(PRIVILEGED_GROUP) ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }] : [];
    return { rules: [...privileged, ...grants.map(({ rule }) => rule)], faults };
  }
}
