import type { Json } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { Write } from '#cluster/loop/controller.ts';
import { REVISION_HASH } from './controller-revision.ts';
import type { DaemonSetSpec } from './daemon-set.ts';
import { affinityTo, tolerationsOf, type NodeVerdict } from './daemon-set-nodes.ts';
import { isDeleted } from './owned.ts';
import { isAvailable, isFinished, phaseOf, podOf, specOf } from './pod-shape.ts';
import { shareOf } from './rollout-plan.ts';

export interface NodeDaemons {
  readonly node: string;
  readonly verdict: NodeVerdict;
  /** Oldest first, also those that are on their way out. */
  readonly pods: readonly KubeObject[];
}

/** A daemon that has ended is not replaced sooner than this after it was made. */
const SHORTEST_LIFE_MS = 10_000;

export interface DaemonPlan {
  readonly writes: readonly Write[];
  readonly waitMs?: number;
}

/** One pod on every node that is meant, and none elsewhere; when that is so, the rollout goes on. */
export function planDaemonSet(set: KubeObject, nodes: readonly NodeDaemons[], hash: string, nowMs: number): DaemonPlan {
  const spec = specOf<DaemonSetSpec>(set);
  const { type = 'RollingUpdate', rollingUpdate = {} } = spec.updateStrategy ?? {};
  const wanted = nodes.filter(({ verdict }) => verdict.runs).length;
  const surge = type === 'RollingUpdate' ? shareOf(rollingUpdate.maxSurge ?? 0, wanted, Math.ceil) : 0;
  const writes = nodes.flatMap((each) => placeOn(set, each, hash, surge > 0, nowMs));
  const waits = nodes.flatMap(({ pods }) => pods).filter((pod) => isFinished(pod) && !isDeleted(pod)).map((pod) => SHORTEST_LIFE_MS - ageMs(pod, nowMs)).filter((ms) => ms > 0);
  const waitMs = waits.length === 0 ? {} : { waitMs: Math.min(...waits) };
  if (writes.length > 0 || type !== 'RollingUpdate') return { writes, ...waitMs };
  const unavailable = shareOf(rollingUpdate.maxUnavailable ?? 1, wanted, Math.ceil);
  const rollout = surge > 0 ? rollWithSurge(set, nodes, hash, surge, nowMs) : rollInPlace(set, nodes, hash, Math.max(1, unavailable), nowMs);
  return { writes: rollout, ...waitMs };
}

const ageMs = (pod: KubeObject, nowMs: number): number => nowMs - Date.parse(pod.metadata.creationTimestamp);
const isOf = (pod: KubeObject, hash: string): boolean => pod.metadata.labels?.[REVISION_HASH] === hash;
const available = (set: KubeObject, pod: KubeObject | undefined, nowMs: number): boolean => pod !== undefined && isAvailable(pod, specOf<DaemonSetSpec>(set).minReadySeconds ?? 0, nowMs);

function placeOn(set: KubeObject, { node, verdict, pods }: NodeDaemons, hash: string, surges: boolean, nowMs: number): Write[] {
  if (!verdict.stays) return pods.filter((pod) => !isDeleted(pod)).map((pod) => remove(set, pod, `node ${node} is none of its nodes`));
  const ended = pods.filter((pod) => isFinished(pod) && !isDeleted(pod) && ageMs(pod, nowMs) >= SHORTEST_LIFE_MS);
  const running = pods.filter((pod) => !isFinished(pod) && !isDeleted(pod));
  const writes = ended.flatMap((pod): Write[] => {
    const how = phaseOf(pod) === 'Failed' ? { type: 'Warning', reason: 'FailedDaemonPod', text: 'failed' } as const : { type: 'Normal', reason: 'SucceededDaemonPod', text: 'succeeded' } as const;
    return [{ kind: 'event', about: set, type: how.type, reason: how.reason, message: `Found ${how.text} daemon pod ${set.metadata.namespace}/${pod.metadata.name} on node ${node}, will try to ${how.text === 'failed' ? 'kill' : 'delete'} it`, why: 'it has ended' }, remove(set, pod, 'it has ended')];
  });
  const kept = surges ? [running.find((pod) => !isOf(pod, hash)), running.find((pod) => isOf(pod, hash))] : [running[0]];
  writes.push(...running.filter((pod) => !kept.includes(pod)).map((pod) => remove(set, pod, `another is on node ${node} already`)));
  if (pods.length === 0 && verdict.runs) writes.push(create(set, node, hash, `no pod of it is on node ${node}`));
  return writes;
}

/** Old pods go while not too many nodes are without one that serves; those that don't serve anyway go at once. */
function rollInPlace(set: KubeObject, nodes: readonly NodeDaemons[], hash: string, maxUnavailable: number, nowMs: number): Write[] {
  let missing = 0;
  const idle: KubeObject[] = [];
  const serving: KubeObject[] = [];
  for (const { verdict, pods } of nodes) {
    const pod = pods.find((each) => !isDeleted(each));
    if (pod === undefined) missing += verdict.runs ? 1 : 0;
    else if (isOf(pod, hash)) missing += available(set, pod, nowMs) ? 0 : 1;
    else if (available(set, pod, nowMs)) serving.push(pod);
    else {
      idle.push(pod);
      missing += 1;
    }
  }
  return [...idle, ...serving.slice(0, Math.max(0, maxUnavailable - missing))].map((pod) => remove(set, pod, 'it has an older template'));
}

/** A new pod comes beside the old one, which goes when the new one serves. */
function rollWithSurge(set: KubeObject, nodes: readonly NodeDaemons[], hash: string, maxSurge: number, nowMs: number): Write[] {
  const writes: Write[] = [];
  let room = maxSurge;
  const waiting: string[] = [];
  for (const { node, verdict, pods } of nodes) {
    const living = pods.filter((pod) => !isDeleted(pod));
    const old = living.find((pod) => !isOf(pod, hash));
    const next = living.find((pod) => isOf(pod, hash));
    if (old === undefined) continue;
    if (next !== undefined) {
      if (available(set, next, nowMs)) writes.push(remove(set, old, `${next.metadata.name} serves in its place`));
      else room -= 1;
    } else if (verdict.runs && !available(set, old, nowMs)) writes.push(create(set, node, hash, 'the old pod does not serve'));
    else if (verdict.runs) waiting.push(node);
  }
  return [...writes, ...waiting.slice(0, Math.max(0, room)).map((node) => create(set, node, hash, 'the pod there has an older template'))];
}

function remove(set: KubeObject, pod: KubeObject, why: string): Write {
  return { kind: 'delete', resource: 'pods', object: pod, announceOn: set, why };
}

function create(set: KubeObject, node: string, hash: string, why: string): Write {
  const { template = {} } = specOf<DaemonSetSpec>(set);
  const object = podOf(set, template, {
    labels: { [REVISION_HASH]: hash },
    spec: { affinity: affinityTo(template, node), tolerations: tolerationsOf(template) as unknown as Json },
  });
  return { kind: 'create', resource: 'pods', object, announceOn: set, why };
}
