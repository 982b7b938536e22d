import type { Json, JsonObject } from '#base/json.ts';
import { isObject } from './rules/_fields.ts';
import type { KubeObject } from './object.ts';
import type { ResourceFace } from './resource-definition.ts';

/** What `v1` has no field for, as JSON: so it stays through a write in that version. */
const REST = 'gantry.dev/autoscaling-v2';
/** Upstream's default (`DefaultCPUUtilization`). */
const DEFAULT_PERCENT = 80;

/** `autoscaling/v1`, which knows one target of use of the processor: the same objects as those of `v2`, and kept as these. */
export const autoscalerFace: ResourceFace = { group: 'autoscaling', plural: 'horizontalpodautoscalers', shown, stored, selectable: [] };

interface Rest {
  readonly metrics?: readonly Json[];
  readonly behavior?: Json;
  readonly conditions?: readonly Json[];
  readonly currentMetrics?: readonly Json[];
}

function shown({ apiVersion: _version, ...object }: KubeObject): KubeObject {
  const { metrics, behavior, ...spec } = objectOf(object['spec']);
  const { currentMetrics, conditions, ...status } = objectOf(object['status']);
  const [target, others] = takeCpu(metrics);
  const [current, otherCurrent] = takeCpu(currentMetrics);
  const rest: Rest = {
    ...(others.length === 0 ? {} : { metrics: others }), ...(behavior === undefined ? {} : { behavior }), ...(conditions === undefined ? {} : { conditions: listOf(conditions) }), ...(otherCurrent.length === 0 ? {} : { currentMetrics: otherCurrent }),
  };
  const { annotations, ...metadata } = object.metadata;
  const noted = { ...annotations, ...(Object.keys(rest).length === 0 ? {} : { [REST]: JSON.stringify(rest) }) };
  return {
    ...object, apiVersion: 'autoscaling/v1', metadata: { ...metadata, ...(Object.keys(noted).length === 0 ? {} : { annotations: noted }) },
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    ...(object['status'] === undefined ? {} : { status: { ...status, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) } }),
  } as KubeObject;
}

function stored({ apiVersion: _version, ...object }: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectOf(object['spec']);
  const { currentCPUUtilizationPercentage: current, ...status } = objectOf(object['status']);
  const { annotations: { [REST]: text, ...annotations } = {}, ...metadata } = object.metadata as KubeObject['metadata'] & { readonly annotations?: Readonly<Record<string, string>> };
  const rest = restOf(text);
  const others = rest.metrics ?? [];
  const percent = target ?? (others.length === 0 ? DEFAULT_PERCENT : undefined);
  const measured = [...(current === undefined ? [] : [cpu('current', { averageUtilization: current })]), ...rest.currentMetrics ?? []];
  return {
    ...object, apiVersion: 'autoscaling/v2', metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: { ...spec, metrics: [...(percent === undefined ? [] : [cpu('target', { type: 'Utilization', averageUtilization: percent })]), ...others], ...(rest.behavior === undefined ? {} : { behavior: rest.behavior }) },
    ...(object['status'] === undefined ? {} : { status: { ...status, ...(rest.conditions === undefined ? {} : { conditions: rest.conditions }), ...(measured.length === 0 ? {} : { currentMetrics: measured }) } }),
  } as KubeObject;
}

/** The first metric of use of the processor, and the others. */
function takeCpu(metrics: Json | undefined): readonly [Json | undefined, readonly Json[]] {
  const all = listOf(metrics);
  const at = all.findIndex((metric) => percentOf(metric) !== undefined);
  return at < 0 ? [undefined, all] : [percentOf(all[at]), all.toSpliced(at, 1)];
}

function percentOf(metric: Json | undefined): Json | undefined {
  const { type, resource } = objectOf(metric);
  const { name, target, current } = objectOf(resource);
  return type === 'Resource' && name === 'cpu' ? objectOf(target ?? current)['averageUtilization'] : undefined;
}

const cpu = (what: 'target' | 'current', value: JsonObject): JsonObject => ({ type: 'Resource', resource: { name: 'cpu', [what]: value } });

/** A text that somebody changed by hand counts for nothing. */
function restOf(text: string | undefined): Rest {
  if (text === undefined) return {};
  try {
    const rest = objectOf(JSON.parse(text) as Json);
    return Object.fromEntries(Object.entries(rest).filter(([name, value]) => (name === 'behavior' ? isObject(value) : Array.isArray(value)))) as Rest;
  } catch {
    return {};
  }
}

const objectOf = (value: unknown): JsonObject => (isObject(value as Json) ? value as JsonObject : {});
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value as readonly Json[] : []);
