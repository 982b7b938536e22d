import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type Write } from '#cluster/loop/controller.ts';
import { adoptions, keysOfPod, selectsBy } from './adoption.ts';
import { forgetRevisions, planRevisions, REVISIONS } from './controller-revision.ts';
import { controlledBy, isDeleted, ownerKey } from './owned.ts';
import { nextAvailability } from './replica-set.ts';
import { planStatefulSet } from './stateful-set-plan.ts';
import { isRunning, isSettled, ordinalOf, revisionOfPod, setSpec, setStatus, type StatefulSetStatus } from './stateful-set-shape.ts';
import { CLAIMS } from './volume-shape.ts';

const RESOURCE = 'apps/statefulsets';

const selects = (set: KubeObject, pod: KubeObject): boolean => ordinalOf(set, pod) !== undefined && selectsBy(setSpec(set).selector, pod);

/** Keeps pods that have names, each with its claims, and changes them in their order. */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  reads: [RESOURCE, 'pods', REVISIONS, CLAIMS],
  writes: [RESOURCE, 'pods', REVISIONS, CLAIMS],
  keysFor(resource, object, view) {
    if (resource === RESOURCE) return [keyOf(object)];
    if (resource === REVISIONS) return ownerKey(object, 'StatefulSet');
    return resource === CLAIMS ? [] : keysOfPod(RESOURCE, 'StatefulSet', selects, object, view);
  },
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const set = view.get(RESOURCE, namespace, name);
    if (set === undefined || isDeleted(set)) return NOTHING;
    const adopted = adoptions(set, selects, view);
    if (adopted.length > 0) return { writes: adopted };
    const spec = setSpec(set);
    const { revisions, current: update, writes: made } = planRevisions(set, spec.template ?? {}, spec.selector?.matchLabels ?? {}, view);
    // What pods are made from has to be stored first.
    if (update === undefined || made.length > 0) return { writes: made };
    const current = revisions.find(({ metadata }) => metadata.name === setStatus(set).currentRevision) ?? update;
    const pods = controlledBy(set, 'pods', view);
    const status = statusOf(set, pods, current.metadata.name, update.metadata.name, nowMs);
    const live = new Set([status.currentRevision ?? '', update.metadata.name, ...pods.map(revisionOfPod)]);
    const writes: Write[] = [
      ...planStatefulSet({ set, pods, current, update, view, nowMs }),
      ...(same(status, set['status']) ? [] : [{ kind: 'status', resource: RESOURCE, object: { ...set, status }, why: 'its pods changed' } as const]),
      ...forgetRevisions(revisions, live, spec.revisionHistoryLimit),
    ];
    const wait = nextAvailability(pods, spec.minReadySeconds ?? 0, nowMs);
    return { writes, ...(wait === undefined ? {} : { againAfterMs: wait }) };
  },
};

/** Once every pod has the revision that is wanted, that is the current one. */
function statusOf(set: KubeObject, pods: readonly KubeObject[], current: string, update: string, nowMs: number): StatefulSetStatus {
  const spec = setSpec(set);
  const { replicas = 1 } = spec;
  const of = (revision: string): number => pods.filter((pod) => !isDeleted(pod) && revisionOfPod(pod) === revision).length;
  const counts = { replicas: pods.length, readyReplicas: pods.filter(isRunning).length, availableReplicas: pods.filter((pod) => isSettled(pod, spec, nowMs)).length, currentReplicas: of(current), updatedReplicas: of(update) };
  const isDone = spec.updateStrategy?.type !== 'OnDelete' && counts.updatedReplicas === replicas && counts.readyReplicas === replicas && counts.replicas === replicas;
  const present = Object.fromEntries(Object.entries(isDone ? { ...counts, currentReplicas: counts.updatedReplicas } : counts).filter(([name, value]) => value > 0 || name === 'replicas' || name === 'availableReplicas'));
  return { observedGeneration: set.metadata.generation ?? 1, ...present, currentRevision: isDone ? update : current, updateRevision: update, collisionCount: 0 } as StatefulSetStatus;
}
