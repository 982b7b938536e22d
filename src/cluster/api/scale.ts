import type { Json, JsonObject } from '#base/json.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { parseJsonPath, valuesAt } from '#cluster/kinds/custom/json-path.ts';
import type { CustomKind, ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
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
  const paths = of.custom?.scale;
  const show = (object: KubeObject): JsonObject => (paths === undefined ? scaleOf(object) : customScaleOf(object, paths));
  if (request.method === 'GET') return json(200, show(current));
  const bytes = await request.body();
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotSupported(of, request.method.toLowerCase());
  const change = (object: KubeObject): KubeObject => {
    const asked = request.method === 'PUT' ? readBody(schemas, request.contentType, bytes) : patched(schemas, SCALE, show(object), request.contentType, bytes) as JsonObject;
    const replicas = ((asked['spec'] ?? {}) as JsonObject)['replicas'] ?? 0;
    if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) throw badRequest(`spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`);
    if (paths !== undefined) return asObject(withValueAt(asJson(object), stepsOf(paths.specReplicasPath), replicas) as JsonObject);
    return asObject({ ...asJson(object), spec: { ...object['spec'] as JsonObject, replicas } });
  };
  return json(200, show(await writer.update(of, namespace, name, undefined, change, options)));
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

type ScalePaths = NonNullable<CustomKind['scale']>;

/** The scale of a custom kind, which says where it has its numbers. */
function customScaleOf(object: KubeObject, { specReplicasPath, statusReplicasPath, labelSelectorPath }: ScalePaths): JsonObject {
  const found = (path: string): Json | undefined => (path === '' ? undefined : valuesAt(asJson(object), parseJsonPath(path) ?? [])[0]);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const [asked, present, selector] = [found(specReplicasPath), found(statusReplicasPath), found(labelSelectorPath)];
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp } as Json, spec: { replicas: typeof asked === 'number' ? asked : 0 },
    status: { replicas: typeof present === 'number' ? present : 0, ...(typeof selector === 'string' ? { selector } : {}) },
  };
}

const stepsOf = (path: string): readonly string[] => path.split('.').filter((step) => step !== '');

function withValueAt(value: Json | undefined, steps: readonly string[], put: Json): Json {
  const [first, ...rest] = steps;
  if (first === undefined) return put;
  const object = value !== null && typeof value === 'object' && !Array.isArray(value) ? value as JsonObject : {};
  return { ...object, [first]: withValueAt(Object.hasOwn(object, first) ? object[first] : undefined, rest, put) };
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
