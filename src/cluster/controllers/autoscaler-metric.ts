import type { KubeObject } from '#cluster/kinds/object.ts';
import { milliValue, parseQuantity, wholeValue } from '#cluster/kinds/quantity.ts';
import type { MetricSpec, MetricTarget, PodUsage, ScalingRules } from './autoscaler-shape.ts';
import { isDeleted } from './owned.ts';
import { condition, phaseOf, specOf, statusOf as podStatus } from './pod-shape.ts';

/** How many replicas a metric asks for, or why that can't be said. */
export type Proposal =
  | { readonly kind: 'replicas'; readonly replicas: number; readonly status: object; readonly what: string }
  | { readonly kind: 'unknown'; readonly reason: string; readonly message: string };

/** So far from the target nothing is done, unless its rules say otherwise: upstream's `--horizontal-pod-autoscaler-tolerance`. */
const TOLERANCE = 0.1;
/** So long after its start a pod's processor may be busy with that, and a pod so long unready has never been ready (`--horizontal-pod-autoscaler-cpu-initialization-period`, `-initial-readiness-delay`). */
const BEGINNING_MS = 300_000;
const FIRST_READY_MS = 30_000;
const NANO = 1e9;

export interface Judgement {
  readonly nowMs: number;
  readonly tolerance: { readonly up: number; readonly down: number };
}

export const toleranceOf = (rules: ScalingRules | undefined): number => (rules?.tolerance === undefined ? TOLERANCE : Number(parseQuantity(String(rules.tolerance)).nano) / NANO);

/** Whose metrics nobody measures here: others would be aggregated APIs. */
const UNMEASURED: Readonly<Record<string, (name: string) => string>> = {
  Pods: (name) => `failed to get pods metric value: unable to get metric ${name}: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered`,
  Object: (name) => `failed to get object metric value: unable to get metric ${name}: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered`,
  External: (name) => `failed to get external metric value: unable to get external metric ${name}: unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered`,
};

interface Container {
  readonly name: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/**
 * The replicas at which the metric would be at its target (kubernetes.io, "Horizontal Pod Autoscaling", Algorithm details). Pods
 * of which nothing is known are taken for what makes the change smaller.
 * @param replicas wanted of the target now
 */
export function propose(metric: MetricSpec, replicas: number, pods: readonly KubeObject[], usage: ReadonlyMap<string, PodUsage>, { nowMs, tolerance }: Judgement): Proposal {
  const source = metric.resource ?? metric.containerResource;
  if (source === undefined) return unmeasured(metric);
  const container = metric.containerResource?.container;
  const isShare = source.target.averageUtilization !== undefined;
  const unknown = (message: string): Proposal => ({ kind: 'unknown', reason: `FailedGet${metric.type}Metric`, message: `failed to get ${source.name} ${isShare ? 'utilization' : 'usage'}: ${message}` });
  const counted = pods.filter((pod) => !isDeleted(pod) && phaseOf(pod) !== 'Failed' && phaseOf(pod) !== 'Succeeded');
  const measured: Measured[] = [];
  let rest = 0;
  for (const pod of counted) {
    const used = usageOf(usage.get(pod.metadata.uid), source.name, container);
    const request = isShare ? requestOf(pod, source.name, container) : 0;
    if (request === undefined) return unknown(`missing request for ${source.name} in a container of Pod ${pod.metadata.name}`);
    const isUnready = isBeginning(pod, source.name, nowMs);
    if (used === undefined || isUnready) rest += 1;
    measured.push({ used: isUnready ? undefined : used, request, isUnready });
  }
  const known = measured.filter((each) => each.used !== undefined);
  if (known.length === 0) return unknown(measured.some(({ isUnready }) => isUnready) ? 'did not receive metrics for targeted pods (pods might be unready)' : `unable to get metrics for resource ${source.name}: no metrics returned from resource metrics API`);
  const ratio = ratioOf(known, source.target, source.name);
  const wanted = rest === 0 ? replicasAt(ratio, known.length, replicas, tolerance) : cautious(measured, source.target, source.name, ratio, replicas, tolerance);
  return { kind: 'replicas', replicas: wanted, status: statusOf(metric, known, source.name), what: `${source.name} ${container === undefined ? '' : 'container '}resource${isShare ? ' utilization (percentage of request)' : ''}` };
}

function unmeasured({ type, pods, object, external }: MetricSpec): Proposal {
  const say = UNMEASURED[type];
  const name = (pods ?? object ?? external)?.metric?.name ?? '';
  return say === undefined ? { kind: 'unknown', reason: 'InvalidMetricSourceType', message: `unknown metric source type ${JSON.stringify(type)}` } : { kind: 'unknown', reason: `FailedGet${type}Metric`, message: say(name) };
}

/** Whether what a pod uses says nothing yet of what it will: it has not begun, or is busy with that. */
function isBeginning(pod: KubeObject, resource: string, nowMs: number): boolean {
  if (phaseOf(pod) === 'Pending') return true;
  if (resource !== 'cpu') return false;
  const ready = condition(pod, 'Ready');
  const startMs = Date.parse(podStatus(pod).startTime ?? '');
  if (ready === undefined || Number.isNaN(startMs)) return true;
  if (ready.status !== 'False') return false;
  return startMs + BEGINNING_MS > nowMs || startMs + FIRST_READY_MS > Date.parse(ready.lastTransitionTime ?? '');
}

interface Measured {
  /** Undefined: nothing is known. */
  readonly used: number | undefined;
  readonly request: number;
  readonly isUnready: boolean;
}

const amount = (resource: string, text: string): number => Number(resource === 'cpu' ? milliValue(parseQuantity(text)) : wholeValue(parseQuantity(text)));

function usageOf(usage: PodUsage | undefined, resource: string, container: string | undefined): number | undefined {
  if (usage === undefined || usage.size === 0) return undefined;
  const chosen = [...usage].filter(([name]) => container === undefined || name === container).map(([, each]) => resource === 'cpu' ? each.cpuMilli : each.memoryBytes);
  return chosen.length === 0 ? undefined : chosen.reduce((total, each) => total + each, 0);
}

function requestOf(pod: KubeObject, resource: string, container: string | undefined): number | undefined {
  const { containers = [] } = specOf<{ containers?: readonly Container[] }>(pod);
  let total = 0;
  for (const { name, resources } of containers) {
    if (container !== undefined && name !== container) continue;
    const text = resources?.requests?.[resource];
    if (text === undefined) return undefined;
    total += amount(resource, text);
  }
  return total;
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

/** Usage by its target: above 1 there are too few. */
function ratioOf(measured: readonly Measured[], { averageUtilization, averageValue }: MetricTarget, resource: string): number {
  const used = sum(measured.map((each) => each.used ?? 0));
  if (averageUtilization !== undefined) return used / sum(measured.map(({ request }) => request)) / (averageUtilization / 100);
  return used / measured.length / amount(resource, averageValue ?? '1');
}

function replicasAt(ratio: number, count: number, replicas: number, { up, down }: Judgement['tolerance']): number {
  return ratio >= 1 - down && ratio <= 1 + up ? replicas : Math.ceil(ratio * count - 1e-9);
}

/** With what is not known taken for the least when there are too few, and for the target or all of the request when there are too many. */
function cautious(measured: readonly Measured[], target: MetricTarget, resource: string, ratio: number, replicas: number, tolerance: Judgement['tolerance']): number {
  const isUp = ratio > 1;
  const full = ({ request }: Measured): number => target.averageUtilization === undefined ? amount(resource, target.averageValue ?? '1') : request * Math.max(100, target.averageUtilization) / 100;
  const filled = (isUp ? measured : measured.filter(({ isUnready }) => !isUnready)).map((each) => each.used !== undefined ? each : { ...each, used: isUp ? 0 : full(each) });
  const next = ratioOf(filled, target, resource);
  const wanted = replicasAt(next, filled.length, replicas, tolerance);
  return (next > 1) !== isUp || (isUp && wanted < replicas) || (!isUp && wanted > replicas) ? replicas : wanted;
}

/** `autoscaling.v2.MetricStatus`. */
function statusOf({ type, containerResource }: MetricSpec, known: readonly Measured[], resource: string): object {
  const average = sum(known.map((each) => each.used ?? 0)) / known.length;
  const requests = sum(known.map(({ request }) => request));
  const current = { ...(requests === 0 ? {} : { averageUtilization: Math.floor(average * known.length / requests * 100) }), averageValue: resource === 'cpu' ? `${Math.round(average)}m` : String(Math.round(average)) };
  return containerResource === undefined ? { type, resource: { name: resource, current } } : { type, containerResource: { name: resource, container: containerResource.container, current } };
}
