import { matchesLabels, requirementsOf, type LabelSelector } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type View, type Write } from '#cluster/loop/controller.ts';
import { controllerOf, controllerReference, isControlledBy, isDeleted, ownerKey } from './owned.ts';
import { isAvailable, isFinished, isReady, podOf, readyForMs, specOf, type PodTemplate } from './pod-shape.ts';
import { inOrderOfDeletion } from './pod-deletion-order.ts';

interface ReplicaSetSpec {
  readonly replicas?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
  readonly minReadySeconds?: number;
}

const RESOURCE = 'apps/replicasets';
/** Pods made or deleted in one look: upstream's `BurstReplicas`. */
const BURST = 500;

/** Keeps as many pods of a template as asked for. */
export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  reads: [RESOURCE, 'pods'],
  writes: [RESOURCE, 'pods'],
  keysFor(resource, object, view) {
    if (resource === RESOURCE) return [keyOf(object)];
    const owned = ownerKey(object, 'ReplicaSet');
    if (owned.length > 0 || controllerOf(object) !== undefined) return owned;
    // An orphan may be one that somebody selects.
    return view.list(RESOURCE, object.metadata.namespace).filter((set) => selects(set, object)).map(keyOf);
  },
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const set = view.get(RESOURCE, namespace, name);
    if (set === undefined) return NOTHING;
    const spec = specOf<ReplicaSetSpec>(set);
    const adopted = isDeleted(set) ? [] : adoptions(set, view);
    const pods = view.list('pods', namespace).filter((pod) => isControlledBy(pod, set));
    const active = pods.filter((pod) => !isFinished(pod) && !isDeleted(pod));
    const writes: Write[] = [...adopted, ...(isDeleted(set) ? [] : scale(set, spec, active, nowMs))];
    const status = statusOf(set, spec, active, nowMs);
    if (!same(status, set['status'])) writes.push({ kind: 'status', resource: RESOURCE, object: { ...set, status }, why: 'its pods changed' });
    const wait = nextAvailability(active, spec.minReadySeconds ?? 0, nowMs);
    return { writes, ...(wait === undefined ? {} : { againAfterMs: wait }) };
  },
};

function selects(set: KubeObject, pod: KubeObject): boolean {
  const { selector } = specOf<ReplicaSetSpec>(set);
  return selector !== undefined && matchesLabels(requirementsOf(selector), pod.metadata.labels ?? {});
}

/** Pods that nobody controls and that match are taken over; those that match no more are let go. */
function adoptions(set: KubeObject, view: View): Write[] {
  return view.list('pods', set.metadata.namespace).flatMap((pod): Write[] => {
    if (isDeleted(pod)) return [];
    if (controllerOf(pod) === undefined && selects(set, pod) && !isFinished(pod)) {
      return [{ kind: 'update', resource: 'pods', object: { ...pod, metadata: { ...pod.metadata, ownerReferences: [...pod.metadata.ownerReferences ?? [], controllerReference(set)] } }, why: 'it matches the selector and has no controller' }];
    }
    if (isControlledBy(pod, set) && !selects(set, pod)) {
      return [{ kind: 'update', resource: 'pods', object: { ...pod, metadata: { ...pod.metadata, ownerReferences: (pod.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== set.metadata.uid) } }, why: 'it matches the selector no more' }];
    }
    return [];
  });
}

function scale(set: KubeObject, spec: ReplicaSetSpec, active: readonly KubeObject[], nowMs: number): Write[] {
  const wanted = spec.replicas ?? 1;
  const missing = Math.min(wanted - active.length, BURST);
  if (missing > 0) return Array.from({ length: missing }, (): Write => ({ kind: 'create', resource: 'pods', object: podOf(set, spec.template ?? {}), why: `${active.length} of ${wanted} replicas are there` }));
  return inOrderOfDeletion(active, nowMs).slice(0, Math.min(-missing, BURST)).map((pod): Write => ({ kind: 'delete', resource: 'pods', object: pod, why: `${active.length} replicas are there, ${wanted} are wanted` }));
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

function nextAvailability(active: readonly KubeObject[], minReadySeconds: number, nowMs: number): number | undefined {
  const waits = active.filter(isReady).map((pod) => minReadySeconds * 1000 - readyForMs(pod, nowMs)).filter((ms) => ms > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
