import type { JsonObject } from '#base/json.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionSubject } from '../admission.ts';
import { isTrue, single, type ApiRequest } from '../api-request.ts';
import type { ResourceRequest } from '../request-info.ts';

type Query = ApiRequest['query'];

const streams = (query: Query): JsonObject => {
  const container = single(query, 'container');
  return { ...Object.fromEntries(['stdin', 'stdout', 'stderr', 'tty'].filter((name) => isTrue(query, name)).map((name) => [name, true])), ...(container === undefined ? {} : { container }) };
};

/** What a connection is asked with, by resource and subresource (`core.v1`). */
const OPTIONS: Readonly<Record<string, { readonly kind: string; readonly fields: (query: Query, rest: string) => JsonObject }>> = {
  'pods/exec': { kind: 'PodExecOptions', fields: (query) => ({ ...streams(query), command: [...query.get('command') ?? []] }) },
  'pods/attach': { kind: 'PodAttachOptions', fields: streams },
  'pods/portforward': { kind: 'PodPortForwardOptions', fields: (query) => ({ ports: (query.get('ports') ?? []).flatMap((text) => text.split(',')).map(Number).filter(Number.isInteger) }) },
  'nodes/proxy': { kind: 'NodeProxyOptions', fields: (_query, rest) => ({ path: rest }) },
  'pods/proxy': { kind: 'PodProxyOptions', fields: (_query, rest) => ({ path: rest }) },
  'services/proxy': { kind: 'ServiceProxyOptions', fields: (_query, rest) => ({ path: rest }) },
};

/** A connection as policies and webhooks see it: its options, under the name of what it leads to. */
export function connection(of: ResourceDefinition, { name = '', namespace, subresource = '', rest }: ResourceRequest, request: ApiRequest): { readonly object: KubeObject; readonly subject: AdmissionSubject } {
  const { kind, fields } = OPTIONS[`${of.plural}/${subresource}`] ?? { kind: of.kind, fields: () => ({}) };
  const object = asObject({ kind, apiVersion: 'v1', metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, ...fields(request.query, rest) });
  const { user, annotate } = request;
  return { object, subject: { of: { ...of, kind }, operation: 'CONNECT', options: { dryRun: false, user: user.name, requester: user, subresource, ...(annotate === undefined ? {} : { annotate }) }, settle: (each) => each } };
}
