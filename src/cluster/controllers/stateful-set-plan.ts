import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { NewObject, View, Write } from '#cluster/loop/controller.ts';
import { REVISION_HASH, templateOf } from './controller-revision.ts';
import { isDeleted } from './owned.ts';
import { isFinished, phaseOf, podOf } from './pod-shape.ts';
import { shareOf } from './rollout-plan.ts';
import { claimName, claimOwners, missingClaims } from './stateful-set-claims.ts';
import { isSettled, ordinalOf, revisionOfPod, setSpec } from './stateful-set-shape.ts';

export interface SetObservation {
  readonly set: KubeObject;
  readonly pods: readonly KubeObject[];
  /** What pods below the partition have, and what all others get. */
  readonly current: KubeObject;
  readonly update: KubeObject;
  readonly view: View;
  readonly nowMs: number;
}

export const POD_NAME = 'statefulset.kubernetes.io/pod-name';
export const POD_INDEX = 'apps.kubernetes.io/pod-index';

/**
 * What is to be done now (kubernetes.io, "StatefulSets", Deployment and Scaling Guarantees, Update strategies). In order, one at a
 * time, each waits for those before it; in parallel, nobody waits.
 */
export function planStatefulSet(observation: SetObservation): Write[] {
  const { set, pods, view } = observation;
  const { replicas = 1, ordinals } = setSpec(set);
  const start = ordinals?.start ?? 0;
  const byOrdinal = new Map(pods.flatMap((pod): [number, KubeObject][] => {
    const ordinal = ordinalOf(set, pod);
    return ordinal === undefined ? [] : [[ordinal, pod]];
  }));
  const wanted = Array.from({ length: replicas }, (_, at) => start + at);
  const condemned = [...byOrdinal.keys()].filter((ordinal) => ordinal < start || ordinal >= start + replicas).sort((a, b) => b - a);
  const owners = [...byOrdinal].flatMap(([ordinal, pod]) => claimOwners(set, ordinal, pod, condemned.includes(ordinal), view));
  const writes = [...owners];
  if (grow(observation, wanted, byOrdinal, writes) === 'wait') return writes;
  if (shrink(observation, condemned, byOrdinal, wanted, writes) === 'wait') return writes;
  writes.push(...replace(observation, wanted, byOrdinal, start));
  return writes;
}

type Next = 'go on' | 'wait';

const isOrdered = (set: KubeObject): boolean => setSpec(set).podManagementPolicy !== 'Parallel';

function grow(observation: SetObservation, wanted: readonly number[], byOrdinal: ReadonlyMap<number, KubeObject>, writes: Write[]): Next {
  const { set, view, nowMs } = observation;
  const ordered = isOrdered(set);
  for (const ordinal of wanted) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) {
      writes.push(...missingClaims(set, ordinal, view), ...create(observation, ordinal));
      if (ordered) return 'wait';
    } else if (isDeleted(pod)) {
      if (ordered) return 'wait';
    } else if (isFinished(pod)) {
      writes.push({ kind: 'event', about: set, type: 'Warning', reason: 'RecreatingFailedPod', message: `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${phaseOf(pod) === 'Failed' ? 'failed' : 'terminated'} Pod ${pod.metadata.name}`, why: 'it has ended' }, ...end(set, pod, 'it has ended'));
      if (ordered) return 'wait';
    } else {
      writes.push(...missingClaims(set, ordinal, view), ...identity(set, pod, ordinal));
      if (ordered && !isSettled(pod, setSpec(set), nowMs)) return 'wait';
    }
  }
  return 'go on';
}

/** From the largest ordinal down; in order, only while all others are well. */
function shrink({ set, nowMs }: SetObservation, condemned: readonly number[], byOrdinal: ReadonlyMap<number, KubeObject>, wanted: readonly number[], writes: Write[]): Next {
  const ordered = isOrdered(set);
  const unwell = [...wanted, ...condemned.toReversed()].map((ordinal) => byOrdinal.get(ordinal)).find((pod) => pod !== undefined && (isDeleted(pod) || !isSettled(pod, setSpec(set), nowMs)));
  for (const ordinal of condemned) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) continue;
    if (isDeleted(pod)) {
      if (ordered) return 'wait';
      continue;
    }
    if (ordered && unwell !== undefined && unwell !== pod && !isSettled(pod, setSpec(set), nowMs)) return 'wait';
    writes.push(...end(set, pod, `${wanted.length} replicas are wanted`));
    if (ordered) return 'wait';
  }
  return 'go on';
}

/** Pods of another revision, from the largest ordinal down to the partition, while not too many above are missing. */
function replace({ set, update, nowMs }: SetObservation, wanted: readonly number[], byOrdinal: ReadonlyMap<number, KubeObject>, start: number): Write[] {
  const { updateStrategy = {}, replicas = 1 } = setSpec(set);
  if (updateStrategy.type === 'OnDelete') return [];
  const { partition = 0, maxUnavailable = 1 } = updateStrategy.rollingUpdate ?? {};
  const most = Math.max(1, shareOf(maxUnavailable, replicas, Math.ceil));
  const writes: Write[] = [];
  let missing = 0;
  for (const ordinal of wanted.toReversed()) {
    const pod = byOrdinal.get(ordinal);
    if (ordinal < start + partition || missing >= most) break;
    if (pod !== undefined && !isDeleted(pod) && revisionOfPod(pod) !== update.metadata.name) {
      writes.push(...end(set, pod, `it is of revision ${revisionOfPod(pod)}`));
      missing += 1;
    } else if (pod === undefined || isDeleted(pod) || !isSettled(pod, setSpec(set), nowMs)) missing += 1;
  }
  return writes;
}

function end(set: KubeObject, pod: KubeObject, why: string): Write[] {
  return [
    { kind: 'delete', resource: 'pods', object: pod, why },
    { kind: 'event', about: set, type: 'Normal', reason: 'SuccessfulDelete', message: `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`, why },
  ];
}

function create(observation: SetObservation, ordinal: number): Write[] {
  const { set } = observation;
  const object = newPod(observation, ordinal);
  const why = `ordinal ${ordinal} has no pod`;
  return [
    { kind: 'create', resource: 'pods', object, why },
    { kind: 'event', about: set, type: 'Normal', reason: 'SuccessfulCreate', message: `create Pod ${object.metadata.name} in StatefulSet ${set.metadata.name} successful`, why },
  ];
}

function newPod({ set, current, update }: SetObservation, ordinal: number): NewObject {
  const { updateStrategy = {}, ordinals, serviceName, volumeClaimTemplates = [] } = setSpec(set);
  const isBelow = updateStrategy.type !== 'OnDelete' && ordinal < (ordinals?.start ?? 0) + (updateStrategy.rollingUpdate?.partition ?? 0);
  const revision = isBelow ? current : update;
  const template = templateOf(revision);
  const name = `${set.metadata.name}-${ordinal}`;
  const claimed = new Set(volumeClaimTemplates.map(({ metadata }) => metadata.name));
  const volumes = [
    ...((template.spec?.['volumes'] ?? []) as readonly JsonObject[]).filter((volume) => !claimed.has(String(volume['name']))),
    ...[...claimed].map((claim): JsonObject => ({ name: claim, persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) } })),
  ];
  return podOf(set, template, {
    name, labels: { ...labelsOf(name, ordinal), [REVISION_HASH]: revision.metadata.name },
    spec: { ...(volumes.length === 0 ? {} : { volumes }), hostname: name, ...(serviceName === undefined ? {} : { subdomain: serviceName }) },
  });
}

const labelsOf = (name: string, ordinal: number): Record<string, string> => ({ [POD_NAME]: name, [POD_INDEX]: String(ordinal) });

/** One that was taken over gets the labels of its place. */
function identity(set: KubeObject, pod: KubeObject, ordinal: number): Write[] {
  const labels = labelsOf(`${set.metadata.name}-${ordinal}`, ordinal);
  const { metadata } = pod;
  if (Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value)) return [];
  return [{ kind: 'update', resource: 'pods', object: { ...pod, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } }, why: `it is number ${ordinal}` }];
}
