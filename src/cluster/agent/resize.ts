import type { KubeObject } from '#cluster/kinds/object.ts';
import { allocatedOf, countsOf, podSpec, requestsOf } from '#cluster/scheduler/pod-shape.ts';
import type { Resources } from '#container/model/resources.ts';
import { resourcesOf } from './lower.ts';
import { containerNamed, statusOf, type PodContainer, type ResourceLists } from './pod.ts';

// KEP-1287, "In-place Update of Pod Resources".

/** What a node has for pods. */
export interface NodeRoom {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** Whether a node takes over what a pod asks for now: later, when others leave, or never. */
export type ResizeVerdict = { readonly kind: 'fits' } | { readonly kind: 'Deferred' | 'Infeasible'; readonly message: string };

/** What the status of a pod said last of the resources of its containers. */
export interface ToldResources {
  readonly name: string;
  /** Requests that the node has taken over. */
  readonly allocatedResources?: Readonly<Record<string, string>>;
  /** Those that hold for the container. */
  readonly resources?: ResourceLists;
}

const COUNTED = ['cpu', 'memory'];

export function toldResources(pod: KubeObject): ReadonlyMap<string, ToldResources> {
  const { containerStatuses = [], initContainerStatuses = [] } = statusOf(pod) as { readonly containerStatuses?: readonly ToldResources[]; readonly initContainerStatuses?: readonly ToldResources[] };
  return new Map([...containerStatuses, ...initContainerStatuses].map((each) => [each.name, each]));
}

/** Whether a container of the pod is to have other resources than it was said to have. */
export function isResizeAsked(pod: KubeObject): boolean {
  return [...toldResources(pod)].some(([name, told]) => {
    const { requests = {}, limits = {} } = containerNamed(pod, name)?.resources ?? {};
    return told.resources !== undefined && !(sameAmounts(requests, told.resources.requests ?? {}) && sameAmounts(limits, told.resources.limits ?? {}));
  });
}

function sameAmounts(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const [left, right] = [countsOf(one), countsOf(other)];
  return COUNTED.every((name) => left.get(name) === right.get(name));
}

/** @param others that are bound to the node and have not ended */
export function resizeVerdict(pod: KubeObject, others: readonly KubeObject[], { cpuMilli, memoryBytes }: NodeRoom): ResizeVerdict {
  const room = new Map([['cpu', cpuMilli], ['memory', memoryBytes]]);
  const asked = requestsOf(podSpec(pod));
  const taken = others.map(allocatedOf);
  for (const [name, capacity] of room) {
    const requested = asked.get(name) ?? 0;
    if (requested > capacity) return { kind: 'Infeasible', message: `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}` };
  }
  for (const [name, capacity] of room) {
    const requested = asked.get(name) ?? 0;
    const used = taken.reduce((sum, counts) => sum + (counts.get(name) ?? 0), 0);
    if (used + requested > capacity) return { kind: 'Deferred', message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}` };
  }
  return { kind: 'fits' };
}

/** What it takes for a container to have the resources that its pod says: nothing, a change of its control group, or a new start. */
export function changeOf(container: PodContainer, actual: Resources): 'none' | 'update' | 'restart' {
  const wanted = resourcesOf(container);
  const changed = [...(wanted.cpuShares !== actual.cpuShares || wanted.nanoCpus !== actual.nanoCpus ? ['cpu'] : []), ...(wanted.memoryBytes !== actual.memoryBytes ? ['memory'] : [])];
  if (changed.length === 0) return 'none';
  return (container.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && changed.includes(resourceName)) ? 'restart' : 'update';
}

/** Under this name troubles with a resize are kept: they hold up nothing else. */
export const resizeOf = (container: string): string => `resize of ${container}`;
