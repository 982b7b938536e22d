import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { DeploymentSpec } from './deployment.ts';
import { specOf } from './pod-shape.ts';
import { FAILURE } from './replica-set.ts';
import { rolloutBounds } from './rollout-plan.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
}

export interface DeploymentStatus {
  readonly observedGeneration: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly conditions: readonly Condition[];
}

const DEADLINE_SECONDS = 600;

/** @param isMoving sizes changed in this look: that is progress */
export function deploymentStatus(deployment: KubeObject, next: KubeObject | undefined, olds: readonly KubeObject[], isMoving: boolean, nowMs: number): DeploymentStatus {
  const spec = specOf<DeploymentSpec>(deployment);
  const wanted = spec.replicas ?? 1;
  const count = (sets: readonly KubeObject[], field: string): number => sets.reduce((total, set) => total + (Number((set['status'] as Record<string, unknown> | undefined)?.[field]) || 0), 0);
  const all = next === undefined ? olds : [...olds, next];
  const counts = {
    replicas: count(all, 'replicas'), updatedReplicas: count(next === undefined ? [] : [next], 'replicas'), readyReplicas: count(all, 'readyReplicas'), availableReplicas: count(all, 'availableReplicas'),
    unavailableReplicas: Math.max(0, count(all, 'replicas') - count(all, 'availableReplicas')),
  };
  const before = (deployment['status'] ?? {}) as Partial<DeploymentStatus>;
  const { maxUnavailable } = rolloutBounds(wanted, spec.strategy?.rollingUpdate?.maxSurge, spec.strategy?.rollingUpdate?.maxUnavailable);
  const isAvailable = counts.availableReplicas >= wanted - (spec.strategy?.type === 'Recreate' ? 0 : maxUnavailable);
  const conditions = [
    conditionOf(before, nowMs, 'Available', isAvailable, isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable', `Deployment ${isAvailable ? 'has' : 'does not have'} minimum availability.`, false),
    progressing(deployment, next, before, counts, wanted, isMoving, nowMs), ...failureOf(next, before, nowMs),
  ];
  const present = Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0));
  return { observedGeneration: deployment.metadata.generation ?? 1, ...present, conditions };
}

/** What keeps the newest ReplicaSet from making its pods. */
function failureOf(next: KubeObject | undefined, before: Partial<DeploymentStatus>, nowMs: number): readonly Condition[] {
  const { conditions = [] } = (next?.['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions.filter(({ type }) => type === FAILURE).map(({ reason, message }) => conditionOf(before, nowMs, FAILURE, true, reason, message, false));
}

function progressing(deployment: KubeObject, next: KubeObject | undefined, before: Partial<DeploymentStatus>, counts: { replicas: number; updatedReplicas: number; availableReplicas: number; readyReplicas: number }, wanted: number, isMoving: boolean, nowMs: number): Condition {
  const name = next === undefined ? deployment.metadata.name : next.metadata.name;
  const isDone = next !== undefined && counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
  if (isDone) return conditionOf(before, nowMs, 'Progressing', true, 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`, false);
  if (specOf<DeploymentSpec>(deployment).paused === true) return conditionOf(before, nowMs, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', false);
  const old = before.conditions?.find(({ type }) => type === 'Progressing');
  const moved = isMoving || counts.updatedReplicas > (before.updatedReplicas ?? 0) || counts.readyReplicas > (before.readyReplicas ?? 0) || counts.availableReplicas > (before.availableReplicas ?? 0) || counts.replicas < (before.replicas ?? 0);
  if (!moved && old !== undefined && old.reason !== 'NewReplicaSetAvailable' && isOverdue(deployment, old, nowMs)) {
    return conditionOf(before, nowMs, 'Progressing', false, 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`, false);
  }
  if (!moved && old !== undefined && old.reason !== 'NewReplicaSetAvailable' && old.reason !== 'DeploymentPaused') return old;
  return conditionOf(before, nowMs, 'Progressing', true, next === undefined ? 'NewReplicaSetCreated' : 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`, moved);
}

function conditionOf(before: Partial<DeploymentStatus>, nowMs: number, type: string, status: boolean | 'Unknown', reason: string, message: string, isUpdate: boolean): Condition {
  const text = status === 'Unknown' ? 'Unknown' : status ? 'True' : 'False';
  const old = before.conditions?.find((each) => each.type === type);
  const now = timeText(nowMs);
  if (old !== undefined && old.status === text && old.reason === reason && !isUpdate) return { ...old, message };
  return { type, status: text, reason, message, lastUpdateTime: now, lastTransitionTime: old !== undefined && old.status === text ? old.lastTransitionTime : now };
}

function isOverdue(deployment: KubeObject, { lastUpdateTime }: Condition, nowMs: number): boolean {
  return nowMs - Date.parse(lastUpdateTime) >= (specOf<DeploymentSpec>(deployment).progressDeadlineSeconds ?? DEADLINE_SECONDS) * 1000;
}

/** Until the deadline of what is under way. */
export function progressWaitMs(deployment: KubeObject, { conditions }: DeploymentStatus, nowMs: number): number | undefined {
  const progress = conditions.find(({ type }) => type === 'Progressing');
  if (progress === undefined || progress.status !== 'True' || progress.reason === 'NewReplicaSetAvailable') return undefined;
  const deadline = Date.parse(progress.lastUpdateTime) + (specOf<DeploymentSpec>(deployment).progressDeadlineSeconds ?? DEADLINE_SECONDS) * 1000;
  return Math.max(1, deadline - nowMs);
}
