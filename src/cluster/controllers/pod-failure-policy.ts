import type { KubeObject } from '#cluster/kinds/object.ts';
import { phaseOf, statusOf } from './pod-shape.ts';

/** `batch.v1.PodFailurePolicy`. */
export interface PodFailurePolicy {
  readonly rules?: readonly {
    readonly action: string;
    readonly onExitCodes?: { readonly containerName?: string; readonly operator: string; readonly values?: readonly number[] };
    readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
  }[];
}

export interface FailureVerdict {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  /** What a rule that was met has to say. */
  readonly message: string;
}

const COUNTED: FailureVerdict = { action: 'Count', message: '' };

/** What the failure of a pod means: the first rule that is met decides, and without one it counts. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: KubeObject): FailureVerdict {
  if (phaseOf(pod) !== 'Failed') return COUNTED;
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  for (const [at, { action, onExitCodes, onPodConditions }] of (policy?.rules ?? []).entries()) {
    const rule = `matching ${action} rule at index ${at}`;
    const failed = onExitCodes === undefined ? undefined : exitMeant(pod, onExitCodes);
    if (failed !== undefined) return { action: action as FailureVerdict['action'], message: `Container ${failed.name} for pod ${name} failed with exit code ${failed.exitCode} ${rule}` };
    const condition = onPodConditions?.find(({ type, status = 'True' }) => statusOf(pod).conditions?.some((each) => each.type === type && each.status === status) === true);
    if (condition !== undefined) return { action: action as FailureVerdict['action'], message: `Pod ${name} has condition ${condition.type} ${rule}` };
  }
  return COUNTED;
}

function exitMeant(pod: KubeObject, { containerName, operator, values = [] }: { readonly containerName?: string; readonly operator: string; readonly values?: readonly number[] }): { readonly name: string; readonly exitCode: number } | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = statusOf(pod);
  for (const { name = '', state } of [...containerStatuses, ...initContainerStatuses]) {
    const exitCode = state?.terminated?.exitCode ?? 0;
    if (exitCode === 0 || (containerName !== undefined && containerName !== name)) continue;
    if (values.includes(exitCode) === (operator === 'In')) return { name, exitCode };
  }
  return undefined;
}
