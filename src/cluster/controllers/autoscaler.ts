import type { LabelSelector } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type View, type Write } from '#cluster/loop/controller.ts';
import { selectsBy } from './adoption.ts';
import { pace, remember, type Paced, type ScalingHistory } from './autoscaler-behavior.ts';
import { propose, toleranceOf, type Proposal } from './autoscaler-metric.ts';
import { scalerSpec, scalerStatus, type AutoscalerCondition, type AutoscalerStatus, type PodUsage } from './autoscaler-shape.ts';
import { SCALED } from './disruption.ts';
import { isDeleted } from './owned.ts';
import { specOf } from './pod-shape.ts';

const RESOURCE = 'autoscaling/horizontalpodautoscalers';
/** Upstream's `--horizontal-pod-autoscaler-sync-period`. */
const PERIOD_MS = 15_000;
/** Until the first measurement is there. */
const FIRST_MS = 2_000;
const FRESH: ScalingHistory = { recommendations: [], changes: [] };

/**
 * Scales workloads by what their pods use. What it did lately is kept here, as upstream keeps it: it is lost with the process, and
 * then the windows begin anew.
 * @param usage of all pods, by uid; undefined while nothing is measured. Being asked keeps the measuring going.
 */
export function autoscalerController(usage: () => ReadonlyMap<string, PodUsage> | undefined): Controller {
  const histories = new Map<string, ScalingHistory>();
  return {
    name: 'horizontal-pod-autoscaler',
    reads: [RESOURCE, 'pods', ...Object.values(SCALED)],
    writes: [RESOURCE, ...Object.values(SCALED)],
    keysFor: (resource, object) => resource === RESOURCE ? [keyOf(object)] : [],
    reconcile(key, view, nowMs): Plan {
      const { namespace, name } = splitKey(key);
      const scaler = view.get(RESOURCE, namespace, name);
      if (scaler === undefined || isDeleted(scaler)) {
        histories.delete(key);
        return NOTHING;
      }
      const history = histories.get(key) ?? FRESH;
      const leftMs = (history.lookedMs ?? 0) + PERIOD_MS - nowMs;
      if (leftMs > 0) return { writes: [], againAfterMs: leftMs };
      const measured = usage();
      if (measured === undefined) return { writes: [], againAfterMs: FIRST_MS };
      const scaling = planScaling(scaler, view, measured, history, nowMs);
      histories.set(key, scaling.history);
      return { writes: scaling.writes, againAfterMs: PERIOD_MS };
    },
  };
}

interface Scaling {
  readonly writes: readonly Write[];
  readonly history: ScalingHistory;
}

type Condition = readonly [type: string, status: boolean, reason: string, message: string];

/** Pure but for what it is told of the past. */
export function planScaling(scaler: KubeObject, view: View, usage: ReadonlyMap<string, PodUsage>, history: ScalingHistory, nowMs: number): Scaling {
  const { scaleTargetRef, minReplicas = 1, maxReplicas = 1, metrics = [], behavior = {} } = scalerSpec(scaler);
  const resource = SCALED[scaleTargetRef?.kind ?? ''];
  const target = resource === undefined ? undefined : view.get(resource, scaler.metadata.namespace, scaleTargetRef?.name ?? '');
  const stay = (status: Partial<AutoscalerStatus>, ...conditions: readonly Condition[]): Scaling => ({ writes: told(scaler, status, conditions, nowMs), history: remember(history, undefined, 0, nowMs) });
  if (resource === undefined || target === undefined) return stay({}, ['AbleToScale', false, 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${scaleTargetRef?.kind} "${scaleTargetRef?.name}" not found`]);
  const { replicas: current = 1, selector } = specOf<{ replicas?: number; selector?: LabelSelector }>(target);
  const got: Condition = ['AbleToScale', true, 'SucceededGetScale', "the HPA controller was able to get the target's current scale"];
  if (current === 0) return stay({ currentReplicas: 0, desiredReplicas: 0 }, got, ['ScalingActive', false, 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero']);
  // Bounds hold, whatever is measured.
  const bound = current > maxReplicas ? { replicas: maxReplicas, why: 'Current number of replicas above Spec.MaxReplicas' } : current < minReplicas ? { replicas: minReplicas, why: 'Current number of replicas below Spec.MinReplicas' } : undefined;
  if (bound !== undefined) {
    return {
      history: remember(history, undefined, bound.replicas - current, nowMs),
      writes: [...rescale(scaler, resource, target, current, bound.replicas, bound.why), ...told(scaler, { currentReplicas: current, desiredReplicas: bound.replicas, lastScaleTime: timeText(nowMs) }, [able(bound, true)], nowMs)],
    };
  }
  const pods = view.list('pods', scaler.metadata.namespace).filter((pod) => selectsBy(resource === 'replicationcontrollers' ? { matchLabels: selector as Record<string, string> } : selector, pod));
  const proposals = metrics.map((metric) => propose(metric, current, pods, usage, { nowMs, tolerance: { up: toleranceOf(behavior.scaleUp), down: toleranceOf(behavior.scaleDown) } }));
  const best = choose(proposals, current);
  const currentMetrics = proposals.flatMap((each) => each.kind === 'replicas' ? [each.status] : []);
  if (best.kind === 'unknown') return stay({ currentReplicas: current, desiredReplicas: current, currentMetrics }, got, ['ScalingActive', false, best.reason, `the HPA was unable to compute the replica count: ${best.message}`]);
  const paced = pace(current, best.replicas, behavior, history, nowMs);
  const replicas = Math.min(maxReplicas, Math.max(minReplicas, paced.replicas));
  const status = { currentReplicas: current, desiredReplicas: replicas, currentMetrics, ...(replicas === current ? {} : { lastScaleTime: timeText(nowMs) }) };
  const conditions: Condition[] = [able(paced, replicas !== current), ['ScalingActive', true, 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.what}`], limited(paced, best.replicas, minReplicas, maxReplicas)];
  return { history: remember(history, best.replicas, replicas - current, nowMs), writes: [...rescale(scaler, resource, target, current, replicas, best.replicas > current ? `${best.what} above target` : 'All metrics below target'), ...told(scaler, status, conditions, nowMs)] };
}

/** The largest; where one metric is not known, the others take nothing away. */
function choose(proposals: readonly Proposal[], current: number): Proposal {
  const known = proposals.filter((each) => each.kind === 'replicas').sort((a, b) => b.replicas - a.replicas)[0];
  const unknown = proposals.find((each) => each.kind === 'unknown');
  if (known !== undefined && (unknown === undefined || known.replicas >= current)) return known;
  return unknown ?? { kind: 'unknown', reason: 'InvalidMetricSourceType', message: 'there is no metric' };
}

function rescale(scaler: KubeObject, resource: string, target: KubeObject, current: number, replicas: number, reason: string): Write[] {
  if (replicas === current) return [];
  return [
    { kind: 'update', resource, object: { ...target, spec: { ...specOf<object>(target), replicas } }, why: reason },
    { kind: 'event', about: scaler, type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${replicas}; reason: ${reason}`, why: reason },
  ];
}

function able({ held }: Paced, isRescaled: boolean): Condition {
  if (isRescaled) return ['AbleToScale', true, 'SucceededRescale', 'the HPA controller was able to update the target scale'];
  if (held === 'ScaleDownStabilized') return ['AbleToScale', true, held, 'recent recommendations were higher than current one, applying the highest recent recommendation'];
  if (held === 'ScaleUpStabilized') return ['AbleToScale', true, held, 'recent recommendations were lower than current one, applying the lowest recent recommendation'];
  return ['AbleToScale', true, 'ReadyForNewScale', 'recommended size matches current size'];
}

function limited({ held, replicas }: Paced, wanted: number, least: number, most: number): Condition {
  // The bounds come first: what is within them and still far is a matter of speed.
  const aim = held === undefined ? wanted : replicas;
  if (aim > most) return ['ScalingLimited', true, 'TooManyReplicas', 'the desired replica count is more than the maximum replica count'];
  if (aim < least) return ['ScalingLimited', true, 'TooFewReplicas', 'the desired replica count is less than the minimum replica count'];
  if (held === 'ScaleUpLimit' || held === 'ScaleDownLimit') return ['ScalingLimited', true, held, `the desired replica count is ${held === 'ScaleUpLimit' ? 'increasing' : 'decreasing'} faster than the maximum scale rate`];
  return ['ScalingLimited', false, 'DesiredWithinRange', 'the desired count is within the acceptable range'];
}

/** The status, and an event where a metric can't be had any more. */
function told(scaler: KubeObject, next: Partial<AutoscalerStatus>, conditions: readonly Condition[], nowMs: number): Write[] {
  const before = scalerStatus(scaler);
  const kept = (before.conditions ?? []).filter(({ type }) => !conditions.some(([is]) => is === type));
  const changed = conditions.map(([type, isTrue, reason, message]): AutoscalerCondition => {
    const old = before.conditions?.find((each) => each.type === type);
    const status = isTrue ? 'True' : 'False';
    return { type, status, reason, message, lastTransitionTime: old?.status === status ? old.lastTransitionTime : timeText(nowMs) };
  });
  const status = { ...before, ...next, observedGeneration: scaler.metadata.generation ?? 1, conditions: [...changed, ...kept] };
  const failure = changed.find(({ type, status: is, reason }) => type !== 'ScalingLimited' && is === 'False' && reason !== 'ScalingDisabled' && before.conditions?.find((each) => each.type === type)?.reason !== reason);
  return [
    ...(same(status, before) ? [] : [{ kind: 'status', resource: RESOURCE, object: { ...scaler, status }, why: 'it has looked' } as const]),
    ...(failure === undefined ? [] : [{ kind: 'event', about: scaler, type: 'Warning', reason: failure.reason, message: failure.message, why: failure.message } as const]),
  ];
}
