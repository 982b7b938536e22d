import { badRequest } from './refusals.ts';

/** What a path below /api or /apis names (apiserver, pkg/endpoints/request/requestinfo.go). */
export interface ResourceRequest {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** Of a proxy subresource: what stands behind it. */
  readonly rest: string;
}

/** Undefined for a path that names no resource: discovery, health and the like. */
export function parseResourcePath(path: string): ResourceRequest | undefined {
  const parts = path.split('/').slice(1).map(decode);
  if (parts.at(-1) === '') parts.pop();
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return undefined;
  const [group = '', version = ''] = isCore ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(isCore ? 2 : 3);
  if (rest.length === 0 || version === '') return undefined;
  // `namespaces/x/pods` is in a namespace; `namespaces/x` and `namespaces/x/status` are of one.
  const isInside = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize';
  const [plural = '', name, subresource, ...tail] = isInside ? rest.slice(2) : rest;
  return { group, version, namespace: isInside ? rest[1] : undefined, plural, name, subresource, rest: tail.join('/') };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`the path has a malformed escape: ${part}`);
  }
}
