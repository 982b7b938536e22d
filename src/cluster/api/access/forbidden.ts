import type { User } from '../api-request.ts';
import { StatusError } from '../status.ts';
import type { Action } from './policy-rule.ts';

/** The refusal of what nobody allows, in upstream's words (apiserver, pkg/endpoints/handlers/responsewriters/errors.go). */
export function forbiddenAction(user: User, action: Action, reason: string): StatusError {
  const why = `${deniedText(user, action)}${reason === '' ? '' : `: ${reason}`}`;
  if (action.kind === 'path') return new StatusError('forbidden', `forbidden: ${why}`, {});
  const { group, resource, name } = action;
  const subject = `${group === '' ? resource : `${resource}.${group}`}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  return new StatusError('forbidden', `${subject} is forbidden: ${why}`, { ...(name === '' ? {} : { name }), group, resource });
}

function deniedText({ name: user }: User, action: Action): string {
  if (action.kind === 'path') return `User ${JSON.stringify(user)} cannot ${action.verb} path ${JSON.stringify(action.path)}`;
  const { verb, group, resource, subresource, namespace } = action;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `User ${JSON.stringify(user)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${scope}`;
}
