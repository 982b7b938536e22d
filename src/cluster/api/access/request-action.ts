import { selectedNodeIn } from '#cluster/kinds/custom/expression-authorizer.ts';
import { isTrue, single, type ApiRequest } from '../api-request.ts';
import { parseResourcePath, type ResourceRequest } from '../request-info.ts';
import type { Action } from './policy-rule.ts';

const WRITES: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };

/** What a request asks for (apiserver, pkg/endpoints/request/requestinfo.go). */
export function actionOf(request: ApiRequest): Action {
  const target = parseResourcePath(request.path);
  if (target === undefined) return { kind: 'path', verb: request.method.toLowerCase(), path: request.path };
  const name = target.name ?? selectedName(request) ?? '';
  return {
    kind: 'resource', verb: verbOf(request, target), group: target.group, version: target.version, resource: target.plural, subresource: target.subresource ?? '',
    // A namespace is asked for in itself: who has rights in it may be given that to read it.
    namespace: target.namespace ?? (target.group === '' && target.plural === 'namespaces' ? target.name ?? '' : ''), name,
    ...(target.plural === 'pods' ? selectedNodeIn(single(request.query, 'fieldSelector') ?? '') : {}),
  };
}

function verbOf(request: ApiRequest, { name }: ResourceRequest): string {
  const { method, query } = request;
  if (method === 'DELETE') return name === undefined ? 'deletecollection' : 'delete';
  if (Object.hasOwn(WRITES, method)) return WRITES[method] as string;
  if (isTrue(query, 'watch')) return 'watch';
  return name === undefined ? 'list' : 'get';
}

/** `fieldSelector=metadata.name=x` asks for one object, and who may see that one may list it so. */
function selectedName({ method, query }: ApiRequest): string | undefined {
  if (method !== 'GET' && method !== 'DELETE') return undefined;
  return /(?:^|,)metadata\.name==?([^,!=]+)(?:,|$)/.exec(single(query, 'fieldSelector') ?? '')?.[1];
}
