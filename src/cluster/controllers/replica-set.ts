import type { LabelSelector } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type ResourceName, type Write } from '#cluster/loop/controller.ts';
import { adoptions, keysOfPod, selectsBy, type Selects } from './adoption.ts';
import { controlledBy, isDeleted } from './owned.ts';
import { isAvailable, isFinished, isReady, podOf, readyForMs, specOf, type PodTemplate } from './pod-shape.ts';
import { inOrderOfDeletion } from './pod-deletion-order.ts';

interface ReplicaSetSpec {
  readonly replicas?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
  readonly minReadySeconds?: number;
}

/** Pods made or deleted in one look: upstream's `BurstReplicas`. */
const BURST = 500;
/** That a set could not make its pods: a Deployment says so, too. */
export const FAILURE = 'ReplicaFailure';

/** Keeps as many pods of a template as asked for. */
export const replicaSetController = replicating('replicaset-controller', 'apps/replicasets', 'ReplicaSet', (set, pod) => selectsBy(specOf<ReplicaSetSpec>(set).selector, pod));

/** The same for the older kind, whose selector is plain labels. */
export const replicationControllerController = replicating('replication-controller', 'replicationcontrollers', 'ReplicationController', (controller, pod) => {
  const { selector } = specOf<{ readonly selector?: Readonly<Record<string, string>> }>(controller);
  return selector !== undefined && Object.keys(selector).length > 0 && selectsBy({ matchLabels: selector }, pod);
});

function replicating(name: string, resource: ResourceName, kind: string, selects: Selects): Controller {
  return {
    name,
    reads: [resource, 'pods'],
    writes: [resource, 'pods'],
    keysFor: (changed, object, view) => changed === resource ? [keyOf(object)] : keysOfPod(resource, kind, selects, object, view),
    reconcile(key, view, nowMs, failed): Plan {
      const { namespace, name: own } = splitKey(key);
      const set = view.get(resource, namespace, own);
      if (set === undefined) return NOTHING;
      const spec = specOf<ReplicaSetSpec>(set);
      const active = controlledBy(set, 'pods', view).filter((pod) => !isFinished(pod) && !isDeleted(pod));
      const adopted = isDeleted(set) ? [] : adoptions(set, selects, view);
      // Those that are taken over count at the next look.
      const writes = isDeleted(set) || adopted.length > 0 ? adopted : scale(set, spec, active, nowMs);
      const status = { ...statusOf(set, spec, active, nowMs), ...conditionsOf(set, writes.length === 0 ? undefined : failed, nowMs) };
      if (!same(status, set['status'])) {
        const write: Write = { kind: 'status', resource, object: { ...set, status }, why: 'its pods changed' };
        // What fails again is not to hide what is there.
        if (failed === undefined) writes.push(write);
        else writes.unshift(write);
      }
      const wait = nextAvailability(active, spec.minReadySeconds ?? 0, nowMs);
      return { writes, ...(wait === undefined ? {} : { againAfterMs: wait }) };
    },
  };
}

function scale(set: KubeObject, spec: ReplicaSetSpec, active: readonly KubeObject[], nowMs: number): Write[] {
  const wanted = spec.replicas ?? 1;
  const missing = Math.min(wanted - active.length, BURST);
  if (missing > 0) return Array.from({ length: missing }, (): Write => ({ kind: 'create', resource: 'pods', object: podOf(set, spec.template ?? {}), announceOn: set, why: `${active.length} of ${wanted} replicas are there` }));
  return inOrderOfDeletion(active, nowMs).slice(0, Math.min(-missing, BURST)).map((pod): Write => ({ kind: 'delete', resource: 'pods', object: pod, announceOn: set, why: `${active.length} replicas are there, ${wanted} are wanted` }));
}

/** Why pods are missing, or too many, as long as that is so; said once, also where the words change with each try. */
function conditionsOf(set: KubeObject, failed: string | undefined, nowMs: number): object {
  const { conditions = [] } = (set['status'] ?? {}) as { readonly conditions?: readonly { readonly type: string }[] };
  const others = conditions.filter(({ type }) => type !== FAILURE);
  const told = conditions.find(({ type }) => type === FAILURE);
  const all = failed === undefined ? others : [...others, told ?? { type: FAILURE, status: 'True', reason: 'FailedCreate', message: failed, lastTransitionTime: timeText(nowMs) }];
  return all.length === 0 ? {} : { conditions: all };
}

function statusOf(set: KubeObject, spec: ReplicaSetSpec, active: readonly KubeObject[], nowMs: number): object {
  const ready = active.filter(isReady).length;
  const available = active.filter((pod) => isAvailable(pod, spec.minReadySeconds ?? 0, nowMs)).length;
  const labels = Object.entries(spec.template?.metadata?.labels ?? {});
  const full = active.filter((pod) => labels.every(([name, value]) => pod.metadata.labels?.[name] === value)).length;
  return {
    replicas: active.length, ...(full === 0 ? {} : { fullyLabeledReplicas: full }), ...(ready === 0 ? {} : { readyReplicas: ready }), ...(available === 0 ? {} : { availableReplicas: available }),
    observedGeneration: set.metadata.generation ?? 1,
  };
}

/** Until the next ready pod has been so for as long as asked. */
export function nextAvailability(pods: readonly KubeObject[], minReadySeconds: number, nowMs: number): number | undefined {
  const waits = pods.filter(isReady).map((pod) => minReadySeconds * 1000 - readyForMs(pod, nowMs)).filter((ms) => ms > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
