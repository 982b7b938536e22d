import type { ApiRequest } from '../api-request.ts';
import type { Authorizer } from './authorizer.ts';
import { forbiddenAction } from './forbidden.ts';
import { impersonated } from './impersonation.ts';
import type { Action } from './policy-rule.ts';
import { actionOf } from './request-action.ts';

/** Streams that change what runs in a pod, whatever method opens them: a WebSocket can only be a GET. */
const STREAMS: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward']);

/** Lets requests in, as the users that they are to be seen as. */
export class RequestGuard {
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** @throws StatusError forbidden */
  admit(request: ApiRequest): ApiRequest {
    const { impersonation } = request;
    const user = impersonation === undefined ? request.user : impersonated(this.#authorizer, request.user, impersonation);
    const action = actionOf(request);
    for (const each of [action, ...createToo(action)]) {
      const { allowed, reason } = this.#authorizer.decide(user, each);
      request.annotate?.('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
      request.annotate?.('authorization.k8s.io/reason', reason);
      if (!allowed) throw forbiddenAction(user, each, reason);
    }
    return { ...request, user };
  }
}

function createToo(action: Action): readonly Action[] {
  return action.kind === 'resource' && action.group === '' && action.resource === 'pods' && STREAMS.has(action.subresource) && action.verb === 'get' ? [{ ...action, verb: 'create' }] : [];
}
