import type { Impersonation, User } from '../api-request.ts';
import { badRequest } from '../refusals.ts';
import type { Authorizer } from './authorizer.ts';
import { forbiddenAction } from './forbidden.ts';
import type { Action } from './policy-rule.ts';
import { ANONYMOUS, AUTHENTICATED, groupsOfServiceAccount, serviceAccountOf, UNAUTHENTICATED } from './users.ts';

const AUTHENTICATION = 'authentication.k8s.io';

/**
 * The user that another wants to be seen as.
 * @throws StatusError forbidden, for the first part of it that the other may not be
 */
export function impersonated(authorizer: Authorizer, user: User, wanted: Impersonation): User {
  if (wanted.name === '') throw badRequest('the request impersonates groups, a uid or extra values, and no user: set Impersonate-User');
  for (const action of actionsOf(wanted)) {
    const { allowed, reason } = authorizer.decide(user, action);
    if (!allowed) throw forbiddenAction(user, action, reason);
  }
  return { name: wanted.name, groups: groupsOf(wanted), ...(wanted.uid === '' ? {} : { uid: wanted.uid }), ...(wanted.extra.size === 0 ? {} : { extra: wanted.extra }) };
}

function actionsOf({ name, uid, groups, extra }: Impersonation): readonly Action[] {
  const account = serviceAccountOf(name);
  return [
    account === undefined ? impersonate('', 'users', name) : impersonate('', 'serviceaccounts', account.name, { namespace: account.namespace }),
    ...groups.map((group) => impersonate('', 'groups', group)),
    ...(uid === '' ? [] : [impersonate(AUTHENTICATION, 'uids', uid)]),
    ...[...extra].flatMap(([key, values]) => values.map((value) => impersonate(AUTHENTICATION, 'userextras', value, { subresource: key }))),
  ];
}

function impersonate(group: string, resource: string, name: string, more: { readonly namespace?: string; readonly subresource?: string } = {}): Action {
  return { kind: 'resource', verb: 'impersonate', group, version: 'v1', resource, subresource: '', namespace: '', name, ...more };
}

/** Whoever is impersonated counts as authenticated, unless it is nobody. */
function groupsOf({ name, groups }: Impersonation): readonly string[] {
  const account = serviceAccountOf(name);
  const own = groups.length === 0 && account !== undefined ? groupsOfServiceAccount(account.namespace) : groups;
  const further = name === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  return own.includes(AUTHENTICATED) || own.includes(UNAUTHENTICATED) ? own : [...own, further];
}
