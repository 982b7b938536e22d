import { actionOf } from '../access/request-action.ts';
import type { Action } from '../access/policy-rule.ts';
import { isTrue, single, type ApiRequest } from '../api-request.ts';
import type { ResourceRegistry } from '../resource-registry.ts';
import type { RequestLabels } from './request-metrics.ts';

const VERBS: Readonly<Record<string, string>> = { get: 'GET', list: 'LIST', watch: 'WATCH', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETECOLLECTION' };

/** How a request is counted (apiserver, pkg/endpoints/metrics). */
export function labelsOf(request: ApiRequest, registry: ResourceRegistry): RequestLabels {
  const dryRun = (single(request.query, 'dryRun') ?? '') !== '';
  const action = readableAction(request);
  const of = action.kind === 'resource' ? registry.find(action.group, action.version, action.resource) : undefined;
  if (action.kind === 'path' || of === undefined) return { verb: request.method === 'GET' || request.method === 'HEAD' ? 'GET' : 'POST', group: '', version: '', resource: '', subresource: '', scope: '', dryRun };
  const { verb, group, version, resource, subresource, name, namespace } = action;
  const isApply = verb === 'patch' && request.contentType.startsWith('application/apply-patch');
  const known = of.subresources.find((each) => each === subresource);
  return {
    verb: isApply ? 'APPLY' : isTrue(request.query, 'watch') && request.method === 'GET' ? 'WATCH' : VERBS[verb] ?? 'GET', group, version, resource, subresource: known ?? '',
    scope: name !== '' || verb === 'create' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster', dryRun,
  };
}

/** A path that can't be read is refused later, and counted as well. */
function readableAction(request: ApiRequest): Action {
  try {
    return actionOf(request);
  } catch {
    return { kind: 'path', verb: '', path: request.path };
  }
}
