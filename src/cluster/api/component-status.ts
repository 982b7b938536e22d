import { messageOf } from '#base/error.ts';
import { componentStatusRules } from '#cluster/kinds/rules/component-status.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { negotiate } from './accept.ts';
import { json, single } from './api-request.ts';
import type { SubresourceHandler } from './api-server.ts';
import type { ObjectStore } from './object-store.ts';
import { methodNotSupported, notFound } from './refusals.ts';
import { partialOf, tableOf, type IncludeObject } from './table.ts';

const DEPRECATED = 'v1 ComponentStatus is deprecated in v1.19+';

/** `kubectl get componentstatuses`: parts of the process that answers are well, and the store is asked. Nothing of it is kept. */
export function componentStatuses(of: ResourceDefinition, objects: ObjectStore): SubresourceHandler {
  return async ({ name }, request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotSupported(of, request.method.toLowerCase());
    const store = await objects.revision().then(() => component('etcd-0', ''), (thrown: unknown) => component('etcd-0', messageOf(thrown)));
    const all = [component('scheduler', ''), component('controller-manager', ''), store];
    const found = name === undefined ? all : all.filter(({ metadata }) => metadata.name === name);
    if (found.length === 0) throw notFound(of, name ?? '');
    const { as } = negotiate(request.accept);
    if (as === 'Table') return json(200, tableOf(componentStatusRules, found, {}, (single(request.query, 'includeObject') ?? 'Metadata') as IncludeObject, 0), [DEPRECATED]);
    const shown = found.map((each) => (as === undefined ? asJson(each) : partialOf(each)));
    return json(200, name !== undefined ? shown[0] ?? {} : as === undefined ? { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: shown } : { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: {}, items: shown }, [DEPRECATED]);
  };
}

function component(name: string, fault: string): KubeObject {
  const condition = fault === '' ? { type: 'Healthy', status: 'True', message: 'ok' } : { type: 'Healthy', status: 'False', message: fault, error: fault };
  return asObject({ kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] });
}
