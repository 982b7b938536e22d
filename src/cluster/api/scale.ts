import type { Json, JsonObject } from '#base/json.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { json, type ApiRequest, type ApiResponse } from './api-request.ts';
import type { LabelSelector } from './labels.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectWriter, WriteOptions } from './object-writer.ts';
import { patched } from './patch/patched.ts';
import { readBody } from './read-body.ts';
import { badRequest, methodNotSupported } from './refusals.ts';
import type { ResourceRequest } from './request-info.ts';
import { defineResource } from '#cluster/kinds/resource-definition.ts';

const SCALE = defineResource('autoscaling/v1', 'Scale');

export interface ScaleParts {
  readonly objects: ObjectStore;
  readonly writer: ObjectWriter;
  readonly schemas: SchemaSet;
}

/** The `scale` subresource: how many replicas a workload is asked for, in one shape for all kinds. */
export async function scale(parts: ScaleParts, of: ResourceDefinition, { namespace, name = '' }: ResourceRequest, request: ApiRequest, options: WriteOptions): Promise<ApiResponse> {
  const { objects, writer, schemas } = parts;
  const current = await objects.get(of, namespace, name);
  if (request.method === 'GET') return json(200, scaleOf(current));
  const bytes = await request.body();
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotSupported(of, request.method.toLowerCase());
  const change = (object: KubeObject): KubeObject => {
    const asked = request.method === 'PUT' ? readBody(schemas, request.contentType, bytes) : patched(schemas, SCALE, scaleOf(object), request.contentType, bytes) as JsonObject;
    const replicas = ((asked['spec'] ?? {}) as JsonObject)['replicas'] ?? 0;
    if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) throw badRequest(`spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`);
    return asObject({ ...asJson(object), spec: { ...object['spec'] as JsonObject, replicas } });
  };
  return json(200, scaleOf(await writer.update(of, namespace, name, undefined, change, options)));
}

function scaleOf(object: KubeObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { replicas, selector } = (object['spec'] ?? {}) as { readonly replicas?: number; readonly selector?: LabelSelector | Readonly<Record<string, string>> };
  const present = ((object['status'] ?? {}) as JsonObject)['replicas'] ?? 0;
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp } as Json, spec: { replicas: replicas ?? 1 },
    status: { replicas: present, selector: selectorText(selector) },
  };
}

/** As a label selector is written in a query. */
function selectorText(selector: LabelSelector | Readonly<Record<string, string>> = {}): string {
  const { matchLabels, matchExpressions } = selector as LabelSelector;
  if (matchLabels === undefined && matchExpressions === undefined) return Object.entries(selector).map(([key, value]) => `${key}=${String(value)}`).join(',');
  const operators: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' };
  return [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(matchExpressions ?? []).map(({ key, operator, values = [] }) => operator === 'Exists' ? key : operator === 'DoesNotExist' ? `!${key}` : `${key} ${operators[operator] ?? 'in'} (${values.join(',')})`),
  ].join(',');
}
