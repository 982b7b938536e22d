import type { User } from '../api-request.ts';
import type { ObjectView } from '../object-view.ts';
import type { NodeGraph } from './node-graph.ts';
import { nodeMay, nodeOfUser } from './node-rights.ts';
import { ruleAllows, type Action, type PolicyRule } from './policy-rule.ts';
import { grantsOf } from './role-resolver.ts';

export interface Decision {
  readonly allowed: boolean;
  /** What allows it, or what stands in the way beside a missing rule. */
  readonly reason: string;
}

/** May do everything, also where no role says so: how a cluster is mended whose roles are lost. */
export const PRIVILEGED_GROUP = 'system:masters';

/** Who may do what: nodes by what their pods need, all by roles and bindings (kubernetes.io, "Using RBAC Authorization"). */
export class Authorizer {
  readonly #view: ObjectView;
  readonly #graph: NodeGraph | undefined;

  /** @param graph what the pods of each node need; without it nodes may do what roles say */
  constructor(view: ObjectView, graph?: NodeGraph) {
    this.#view = view;
    this.#graph = graph;
  }

  decide(user: User, action: Action): Decision {
    if (user.groups.includes(PRIVILEGED_GROUP)) return { allowed: true, reason: '' };
    const node = nodeOfUser(user);
    const own = node === undefined || this.#graph === undefined ? undefined : nodeMay(node, action, this.#graph, this.#view);
    if (own?.allowed === true) return own;
    const byRoles = this.#byRoles(user, action);
    return byRoles.allowed || own === undefined ? byRoles : { allowed: false, reason: [own.reason, byRoles.reason].filter((text) => text !== '').join(', ') };
  }

  #byRoles(user: User, action: Action): Decision {
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
