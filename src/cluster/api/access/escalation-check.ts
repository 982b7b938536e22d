import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionPlugin } from '../admission.ts';
import type { User } from '../api-request.ts';
import type { ObjectView } from '../object-view.ts';
import { forbidden, notFound } from '../refusals.ts';
import { same } from '../same.ts';
import type { Authorizer } from './authorizer.ts';
import { rulesOfRole, type PolicyRule } from './policy-rule.ts';
import { roleRefOf, rulesOfRef } from './role-resolver.ts';
import { listText, missingRights, ruleText } from './rule-coverage.ts';

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: readonly PolicyRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }];

/**
 * Nobody gives what he does not have (kubernetes.io, "Privilege escalation prevention and bootstrapping"), unless he may
 * `escalate` the role, or `bind` it.
 */
export function escalationCheck(authorizer: Authorizer, view: ObjectView): AdmissionPlugin {
  const check = (of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, user: User | undefined): void => {
    if (user === undefined || of.group !== GROUP) return;
    const namespace = object.metadata.namespace ?? '';
    const wanted = wantedBy(of, object, old);
    if (wanted === undefined || mayAnyway(authorizer, user, of, object, namespace)) return;
    const rules = wanted === 'role' ? wantedOfRole(object) : rulesBound(view, object, namespace);
    const missing = missingRights(authorizer.rulesOf(user, namespace).rules, rules);
    if (missing.length === 0) return;
    throw forbidden(of, object.metadata.name, `user ${JSON.stringify(user.name)} (groups=${listText(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleText).sort().join('\n')}`);
  };
  return {
    name: 'EscalationCheck',
    async create(of, object, { requester }) {
      check(of, object, undefined, requester);
      return object;
    },
    async update(of, object, old, { requester }) {
      check(of, object, old, requester);
      return object;
    },
  };
}

/** What of the object gives rights, where that changes. */
function wantedBy({ plural }: ResourceDefinition, object: KubeObject, old: KubeObject | undefined): 'role' | 'binding' | undefined {
  const kind = plural === 'roles' || plural === 'clusterroles' ? 'role' : 'binding';
  const fields = kind === 'role' ? ['rules', 'aggregationRule'] : ['roleRef', 'subjects'];
  const part = (of: KubeObject): object => Object.fromEntries(fields.map((name) => [name, asJson(of)[name] ?? null]));
  return old !== undefined && same(part(object), part(old)) ? undefined : kind;
}

function mayAnyway(authorizer: Authorizer, user: User, of: ResourceDefinition, object: KubeObject, namespace: string): boolean {
  const action = { kind: 'resource', group: GROUP, version: 'v1', subresource: '', namespace } as const;
  if (of.plural === 'roles' || of.plural === 'clusterroles') return authorizer.decide(user, { ...action, verb: 'escalate', resource: of.plural, name: object.metadata.name }).allowed;
  const { kind, name } = roleRefOf(object);
  return authorizer.decide(user, { ...action, verb: 'bind', resource: kind === 'Role' ? 'roles' : 'clusterroles', name }).allowed;
}

/** What will be put together of other roles can be anything. */
function wantedOfRole(role: KubeObject): readonly PolicyRule[] {
  return role['aggregationRule'] === undefined || role['aggregationRule'] === null ? rulesOfRole(role) : EVERYTHING;
}

function rulesBound(view: ObjectView, binding: KubeObject, namespace: string): readonly PolicyRule[] {
  const ref = roleRefOf(binding);
  const rules = rulesOfRef(view, ref, namespace);
  if (rules === undefined) throw notFound({ group: GROUP, plural: ref.kind === 'Role' ? 'roles' : 'clusterroles', kind: ref.kind }, ref.name);
  return rules;
}
