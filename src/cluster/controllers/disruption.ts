import type { LabelSelector } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type View, type Write } from '#cluster/loop/controller.ts';
import { selectsBy } from './adoption.ts';
import { controllerOf, isDeleted } from './owned.ts';
import { isReady, specOf } from './pod-shape.ts';
import { shareOf } from './rollout-plan.ts';

interface BudgetSpec {
  readonly selector?: LabelSelector;
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
}

interface BudgetStatus {
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly lastTransitionTime: string }[];
}

const RESOURCE = 'policy/poddisruptionbudgets';
/** Kinds that say how many pods there should be, by their resource. */
export const SCALED: Readonly<Record<string, string>> = { Deployment: 'apps/deployments', ReplicaSet: 'apps/replicasets', StatefulSet: 'apps/statefulsets', ReplicationController: 'replicationcontrollers' };
/** A pod that was evicted and is still there after this long was not: it counts again. */
const EVICTION_MS = 120_000;

/** Says for each budget how many of its pods may go now. */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  reads: [RESOURCE, 'pods', ...Object.values(SCALED)],
  writes: [RESOURCE],
  keysFor(resource, object, view) {
    if (resource === RESOURCE) return [keyOf(object)];
    const budgets = view.list(RESOURCE, object.metadata.namespace);
    return (resource === 'pods' ? budgets.filter((budget) => selectsBy(specOf<BudgetSpec>(budget).selector, object)) : budgets).map(keyOf);
  },
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const budget = view.get(RESOURCE, namespace, name);
    if (budget === undefined || isDeleted(budget)) return NOTHING;
    const pods = view.list('pods', namespace).filter((pod) => selectsBy(specOf<BudgetSpec>(budget).selector, pod));
    const { waiting, events, waitMs } = evictions(budget, pods, nowMs);
    const status = statusOf(budget, pods, waiting, view, nowMs);
    const writes: Write[] = [...events, ...(same(status, budget['status']) ? [] : [{ kind: 'status', resource: RESOURCE, object: { ...budget, status }, why: 'its pods changed' } as const])];
    return { writes, ...(waitMs === undefined ? {} : { againAfterMs: waitMs }) };
  },
};

interface Evictions {
  /** Evicted, and not seen to go yet, with when it was. */
  readonly waiting: Readonly<Record<string, string>>;
  readonly events: readonly Write[];
  readonly waitMs: number | undefined;
}

function evictions(budget: KubeObject, pods: readonly KubeObject[], nowMs: number): Evictions {
  const waiting: Record<string, string> = {};
  const events: Write[] = [];
  let waitMs: number | undefined;
  for (const [name, since] of Object.entries(((budget['status'] ?? {}) as BudgetStatus).disruptedPods ?? {})) {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    if (pod === undefined || isDeleted(pod)) continue;
    const leftMs = Date.parse(since) + EVICTION_MS - nowMs;
    if (leftMs > 0) {
      waiting[name] = since;
      waitMs = Math.min(waitMs ?? leftMs, leftMs);
    } else events.push({ kind: 'event', about: pod, type: 'Warning', reason: 'NotDeleted', message: `Pod was expected by PDB ${budget.metadata.namespace}/${budget.metadata.name} to be deleted but it wasn't`, why: 'its eviction came to nothing' });
  }
  return { waiting, events, waitMs };
}

/** `policy.v1.PodDisruptionBudgetStatus`. */
function statusOf(budget: KubeObject, pods: readonly KubeObject[], waiting: Readonly<Record<string, string>>, view: View, nowMs: number): object {
  const { minAvailable, maxUnavailable } = specOf<BudgetSpec>(budget);
  const isCounted = maxUnavailable !== undefined || typeof minAvailable === 'string';
  const expectedPods = isCounted ? expectedScale(pods, view) : pods.length;
  const desiredHealthy = maxUnavailable !== undefined ? Math.max(0, expectedPods - shareOf(maxUnavailable, expectedPods, Math.ceil)) : shareOf(minAvailable ?? 0, expectedPods, Math.ceil);
  const currentHealthy = pods.filter((pod) => isReady(pod) && !isDeleted(pod) && !Object.hasOwn(waiting, pod.metadata.name)).length;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const before = ((budget['status'] ?? {}) as BudgetStatus).conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const status = disruptionsAllowed > 0 ? 'True' : 'False';
  const observedGeneration = budget.metadata.generation ?? 1;
  return {
    observedGeneration, disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, ...(Object.keys(waiting).length === 0 ? {} : { disruptedPods: waiting }),
    conditions: [{
      type: 'DisruptionAllowed', status, reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods', message: '', observedGeneration, lastTransitionTime: before?.status === status ? before.lastTransitionTime : timeText(nowMs),
    }],
  };
}

/** What the controllers of the pods want together; a ReplicaSet of a Deployment speaks for that. */
function expectedScale(pods: readonly KubeObject[], view: View): number {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = scaledOwner(pod, view);
    if (owner !== undefined) scales.set(owner.metadata.uid, specOf<{ replicas?: number }>(owner).replicas ?? 1);
  }
  return [...scales.values()].reduce((total, scale) => total + scale, 0);
}

function scaledOwner(object: KubeObject, view: View): KubeObject | undefined {
  const reference = controllerOf(object);
  const resource = reference === undefined || !Object.hasOwn(SCALED, reference.kind) ? undefined : SCALED[reference.kind];
  const owner = resource === undefined ? undefined : view.get(resource, object.metadata.namespace, reference?.name ?? '');
  if (owner === undefined || owner.metadata.uid !== reference?.uid) return undefined;
  return owner.kind === 'ReplicaSet' ? scaledOwner(owner, view) ?? owner : owner;
}
