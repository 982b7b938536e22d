import { matchesLabels, requirementsOf, type LabelSelector } from '#cluster/api/labels.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, type ResourceName, type View, type Write } from '#cluster/loop/controller.ts';
import type { Index } from '#cluster/loop/object-index.ts';
import { controlledBy, controllerOf, controllerReference, isDeleted, ownerKey } from './owned.ts';
import { isFinished } from './pod-shape.ts';

/** Which objects a workload takes for its own. */
export type Selects = (workload: KubeObject, object: KubeObject) => boolean;

const orphans: Index = { keysOf: (object) => controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : [] };

export function selectsBy(selector: LabelSelector | undefined, object: KubeObject): boolean {
  return selector !== undefined && matchesLabels(requirementsOf(selector), object.metadata.labels ?? {});
}

/** The workloads that a pod concerns: its controller, or, of an orphan, those that select it. */
export function keysOfPod(resource: ResourceName, kind: string, selects: Selects, pod: KubeObject, view: View): readonly string[] {
  const owned = ownerKey(pod, kind);
  if (owned.length > 0 || controllerOf(pod) !== undefined) return owned;
  return view.list(resource, pod.metadata.namespace).filter((workload) => selects(workload, pod)).map(keyOf);
}

/** Pods, or other objects, that nobody controls and that match are taken over; those that match no more are let go. */
export function adoptions(workload: KubeObject, selects: Selects, view: View, finalizers: readonly string[] = [], resource: ResourceName = 'pods'): Write[] {
  const found = [...view.indexed(resource, orphans, workload.metadata.namespace ?? '')].filter((pod) => !isDeleted(pod) && !isFinished(pod) && selects(workload, pod));
  const lost = controlledBy(workload, resource, view).filter((pod) => !isDeleted(pod) && !selects(workload, pod));
  return [
    ...found.map((pod): Write => {
      const { metadata } = pod;
      const all = [...new Set([...metadata.finalizers ?? [], ...finalizers])];
      return {
        kind: 'update', resource, why: 'it matches the selector and has no controller',
        object: { ...pod, metadata: { ...metadata, ...(all.length === 0 ? {} : { finalizers: all }), ownerReferences: [...metadata.ownerReferences ?? [], controllerReference(workload)] } },
      };
    }),
    ...lost.map((pod): Write => {
      const { metadata } = pod;
      return {
        kind: 'update', resource, why: 'it matches the selector no more',
        object: { ...pod, metadata: { ...metadata, finalizers: (metadata.finalizers ?? []).filter((each) => !finalizers.includes(each)), ownerReferences: (metadata.ownerReferences ?? []).filter(({ uid }) => uid !== workload.metadata.uid) } },
      };
    }),
  ];
}
