import type { LabelSelector } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type Write } from '#cluster/loop/controller.ts';
import { adoptions, keysOfPod, selectsBy } from './adoption.ts';
import { forgetRevisions, planRevisions, REVISION_HASH, REVISIONS } from './controller-revision.ts';
import { judgeNode, nodeOf } from './daemon-set-nodes.ts';
import { planDaemonSet, type NodeDaemons } from './daemon-set-plan.ts';
import { controlledBy, isDeleted, ownerKey } from './owned.ts';
import { isAvailable, isReady, specOf, type PodTemplate } from './pod-shape.ts';
import { nextAvailability } from './replica-set.ts';

export interface DaemonSetSpec {
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: string | number; readonly maxUnavailable?: string | number } };
}

const RESOURCE = 'apps/daemonsets';

const selects = (set: KubeObject, pod: KubeObject): boolean => selectsBy(specOf<DaemonSetSpec>(set).selector, pod);

/** Keeps one pod of a template on every node that it is meant for. */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  reads: [RESOURCE, 'pods', 'nodes', REVISIONS],
  writes: [RESOURCE, 'pods', REVISIONS],
  keysFor(resource, object, view) {
    if (resource === RESOURCE) return [keyOf(object)];
    if (resource === 'nodes') return view.list(RESOURCE).map(keyOf);
    return resource === REVISIONS ? ownerKey(object, 'DaemonSet') : keysOfPod(RESOURCE, 'DaemonSet', selects, object, view);
  },
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const set = view.get(RESOURCE, namespace, name);
    if (set === undefined || isDeleted(set)) return NOTHING;
    const adopted = adoptions(set, selects, view);
    if (adopted.length > 0) return { writes: adopted };
    const spec = specOf<DaemonSetSpec>(set);
    const { revisions, current, writes: made } = planRevisions(set, spec.template ?? {}, spec.selector?.matchLabels ?? {}, view);
    if (current === undefined || made.length > 0) return { writes: made };
    const hash = current.metadata.labels?.[REVISION_HASH] ?? '';
    const pods = controlledBy(set, 'pods', view);
    const nodes = daemonsByNode(spec.template ?? {}, pods, view.list('nodes'));
    const plan = planDaemonSet(set, nodes, hash, nowMs);
    const status = statusOf(set, nodes, hash, nowMs);
    const live = new Set([hash, ...pods.map(({ metadata }) => metadata.labels?.[REVISION_HASH] ?? '')]);
    const writes: Write[] = [
      ...plan.writes,
      ...(same(status, set['status']) ? [] : [{ kind: 'status', resource: RESOURCE, object: { ...set, status }, why: 'its pods or nodes changed' } as const]),
      ...forgetRevisions(revisions, live, spec.revisionHistoryLimit),
    ];
    const waits = [plan.waitMs, nextAvailability(pods, spec.minReadySeconds ?? 0, nowMs)].filter((ms) => ms !== undefined);
    return { writes, ...(waits.length === 0 ? {} : { againAfterMs: Math.min(...waits) }) };
  },
};

/** A node that is gone is still in the list while pods are on it. */
function daemonsByNode(template: PodTemplate, pods: readonly KubeObject[], nodes: readonly KubeObject[]): NodeDaemons[] {
  const byNode = new Map<string, KubeObject[]>(nodes.map(({ metadata }) => [metadata.name, []]));
  for (const pod of pods) {
    const node = nodeOf(pod) ?? '';
    byNode.set(node, [...byNode.get(node) ?? [], pod]);
  }
  const order = (a: KubeObject, b: KubeObject): number => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.uid < b.metadata.uid ? -1 : 1);
  return [...byNode].map(([name, there]) => {
    const node = nodes.find(({ metadata }) => metadata.name === name);
    return { node: name, verdict: node === undefined ? { runs: false, stays: false } : judgeNode(template, node), pods: there.sort(order) };
  });
}

/** `apps.v1.DaemonSetStatus`. */
function statusOf(set: KubeObject, nodes: readonly NodeDaemons[], hash: string, nowMs: number): object {
  const { minReadySeconds = 0 } = specOf<DaemonSetSpec>(set);
  const meant = nodes.filter(({ verdict }) => verdict.runs);
  const count = (has: (pods: readonly KubeObject[]) => boolean): number => meant.filter(({ pods }) => has(pods.filter((pod) => !isDeleted(pod)))).length;
  const numberAvailable = count((pods) => pods.some((pod) => isAvailable(pod, minReadySeconds, nowMs)));
  const optional = {
    updatedNumberScheduled: count((pods) => pods.some(({ metadata }) => metadata.labels?.[REVISION_HASH] === hash)), numberAvailable, numberUnavailable: meant.length - numberAvailable,
  };
  return {
    currentNumberScheduled: meant.filter(({ pods }) => pods.length > 0).length, numberMisscheduled: nodes.filter(({ verdict, pods }) => !verdict.runs && pods.length > 0).length, desiredNumberScheduled: meant.length,
    numberReady: count((pods) => pods.some(isReady)), observedGeneration: set.metadata.generation ?? 1, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value > 0)),
  };
}
