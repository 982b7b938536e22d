import type { JsonObject } from '#base/json.ts';
import type { PodUsage } from '#cluster/controllers/autoscaler-shape.ts';
import { json, single, type ApiRequest, type ApiResponse } from '#cluster/api/api-request.ts';
import type { SubresourceHandler } from '#cluster/api/api-server.ts';
import { matchesLabels, parseLabelSelector } from '#cluster/api/labels.ts';
import { methodNotSupported, notFound } from '#cluster/api/refusals.ts';
import type { ResourceRequest } from '#cluster/api/request-info.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { defineResource, type ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { UsageReading } from './usage-meter.ts';

const API = 'metrics.k8s.io/v1beta1';
const VERBS = ['get', 'list'];

/** `metrics.k8s.io/v1beta1`, as metrics-server has it: measured when it is asked for, and kept nowhere. */
export const metricsResources: readonly ResourceDefinition[] = [
  { ...defineResource(API, 'NodeMetrics', { plural: 'nodes', cluster: true }), message: undefined, verbs: VERBS },
  { ...defineResource(API, 'PodMetrics', { plural: 'pods' }), message: undefined, verbs: VERBS },
];

export interface MetricsParts {
  readonly read: () => Promise<UsageReading>;
  readonly pods: ObjectCache;
  readonly nodes: ObjectCache;
}

export function metricsHandlers({ read, pods, nodes }: MetricsParts): readonly (readonly [string, SubresourceHandler])[] {
  const [ofNode, ofPod] = metricsResources as readonly [ResourceDefinition, ResourceDefinition];
  return [
    ['metrics.k8s.io/nodes', async (target, request) => {
      const reading = await read();
      return answer(ofNode, nodes.list(), target, request, (node) => ({ ...head('NodeMetrics', node, reading), usage: usageText(reading.node) }));
    }],
    ['metrics.k8s.io/pods', async (target, request) => {
      const reading = await read();
      const measured = pods.list(target.namespace).filter(({ metadata }) => reading.pods.has(metadata.uid));
      return answer(ofPod, measured, target, request, (pod) => ({ ...head('PodMetrics', pod, reading), containers: containersOf(reading.pods.get(pod.metadata.uid) ?? new Map()) }));
    }],
  ];
}

function answer(of: ResourceDefinition, objects: readonly KubeObject[], { name }: ResourceRequest, request: ApiRequest, render: (object: KubeObject) => JsonObject): ApiResponse {
  if (request.method !== 'GET') throw methodNotSupported(of, request.method.toLowerCase());
  if (name === undefined) {
    const labels = parseLabelSelector(single(request.query, 'labelSelector') ?? '');
    return json(200, { kind: `${of.kind}List`, apiVersion: API, metadata: {}, items: objects.filter(({ metadata }) => matchesLabels(labels, metadata.labels ?? {})).map(render) });
  }
  const found = objects.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw notFound(of, name);
  return json(200, render(found));
}

function head(kind: string, { metadata }: KubeObject, { atMs, windowMs }: UsageReading): JsonObject {
  const { name, namespace, labels } = metadata;
  const time = timeText(atMs);
  return { kind, apiVersion: API, metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels: { ...labels } }), creationTimestamp: time }, timestamp: time, window: `${windowMs / 1000}s` };
}

function containersOf(containers: PodUsage): JsonObject[] {
  return [...containers].map(([name, usage]) => ({ name, usage: usageText(usage) }));
}

function usageText({ cpuMilli, memoryBytes }: { readonly cpuMilli: number; readonly memoryBytes: number }): JsonObject {
  return { cpu: `${Math.round(cpuMilli * 1_000_000)}n`, memory: `${Math.floor(memoryBytes / 1024)}Ki` };
}
