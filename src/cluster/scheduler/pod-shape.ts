import type { JsonObject } from '#base/json.ts';
import { milliValue, parseQuantity, wholeValue } from '#cluster/kinds/quantity.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { LabelSelector } from '#cluster/api/labels.ts';
import type { NodeChoice, NodeSelectorTerm, Toleration } from '#cluster/api/node-selector.ts';

/** By resource name: processors in thousandths, everything else in whole units. */
export type ResourceCounts = ReadonlyMap<string, number>;

export interface AffinityTerm {
  readonly labelSelector?: LabelSelector;
  readonly topologyKey: string;
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  /** Labels of the pod whose term it is: what the other has there has to be the same, or must not be. */
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly AffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly weight: number; readonly podAffinityTerm: AffinityTerm }[];
}

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
  readonly labelSelector?: LabelSelector;
  /** Labels of the pod itself: others count where they have the same. */
  readonly matchLabelKeys?: readonly string[];
  /** With fewer domains the emptiest counts as one without any. */
  readonly minDomains?: number;
  /** `Honor`, or `Ignore`: whether nodes count that the pod can't be on. Absent: affinity is honoured, taints are not. */
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
}

interface Container {
  readonly name?: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly ports?: readonly { readonly hostPort?: number; readonly hostIP?: string; readonly protocol?: string }[];
  readonly restartPolicy?: string;
  readonly image?: string;
}

export interface PodSpec extends NodeChoice {
  readonly nodeName?: string;
  readonly schedulerName?: string;
  readonly tolerations?: readonly Toleration[];
  readonly affinity?: NodeChoice['affinity'] & {
    readonly nodeAffinity?: {
      readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly weight: number; readonly preference: NodeSelectorTerm }[];
    };
    readonly podAffinity?: PodAffinity;
    readonly podAntiAffinity?: PodAffinity;
  };
  readonly topologySpreadConstraints?: readonly SpreadConstraint[];
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly overhead?: Readonly<Record<string, string>>;
  readonly schedulingGates?: readonly JsonObject[];
  readonly priority?: number;
  readonly preemptionPolicy?: string;
}

export const podSpec = (pod: KubeObject): PodSpec => (pod['spec'] ?? {}) as PodSpec;

export const priorityOf = (pod: KubeObject): number => podSpec(pod).priority ?? 0;

export function countsOf(quantities: Readonly<Record<string, string>>): Map<string, number> {
  return new Map(Object.entries(quantities).map(([name, text]) => [name, Number(name === 'cpu' ? milliValue(parseQuantity(String(text))) : wholeValue(parseQuantity(String(text))))] as const));
}

function add(into: Map<string, number>, counts: ResourceCounts): void {
  for (const [name, count] of counts) into.set(name, (into.get(name) ?? 0) + count);
}

/**
 * What a pod asks a node for: its containers and sidecars together, or the largest moment of its start, whichever is more
 * (kubernetes.io, "Sidecar Containers", resource sharing within containers).
 */
export function requestsOf(spec: PodSpec): ResourceCounts {
  const requests = (container: Container): ResourceCounts => countsOf(container.resources?.requests ?? {});
  const total = new Map<string, number>();
  for (const container of spec.containers ?? []) add(total, requests(container));
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const moment = new Map(sidecars);
    add(moment, requests(container));
    if (container.restartPolicy === 'Always') add(sidecars, requests(container));
    for (const [name, count] of moment) peak.set(name, Math.max(peak.get(name) ?? 0, count));
  }
  add(total, sidecars);
  for (const [name, count] of peak) total.set(name, Math.max(total.get(name) ?? 0, count));
  add(total, countsOf(spec.overhead ?? {}));
  return total;
}

interface ToldStatus {
  readonly conditions?: readonly { readonly type: string; readonly reason?: string }[];
  readonly containerStatuses?: readonly { readonly name: string; readonly allocatedResources?: Readonly<Record<string, string>> }[];
  readonly initContainerStatuses?: ToldStatus['containerStatuses'];
}

/** What a pod takes of its node: of one that asks for more than the node can ever give, what it had before. */
export function takenBy(pod: KubeObject): ResourceCounts {
  const { conditions = [] } = (pod['status'] ?? {}) as ToldStatus;
  return conditions.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible') ? allocatedOf(pod) : requestsOf(podSpec(pod));
}

/** What its node has taken over of what a pod asks for (`core.v1.ContainerStatus`, allocatedResources). */
export function allocatedOf(pod: KubeObject): ResourceCounts {
  const { containerStatuses = [], initContainerStatuses = [] } = (pod['status'] ?? {}) as ToldStatus;
  const told = new Map([...containerStatuses, ...initContainerStatuses].map(({ name, allocatedResources }) => [name, allocatedResources]));
  const allocated = (container: Container): Container => {
    const requests = told.get(container.name ?? '');
    return requests === undefined ? container : { ...container, resources: { ...container.resources, requests } };
  };
  const spec = podSpec(pod);
  return requestsOf({ ...spec, containers: (spec.containers ?? []).map(allocated), initContainers: (spec.initContainers ?? []).map(allocated) });
}

/** Ports of the host that a pod takes, as `protocol/address/number`; an empty address is every one. */
export function hostPortsOf(spec: PodSpec): readonly string[] {
  return (spec.containers ?? []).flatMap(({ ports = [] }) => ports.filter(({ hostPort = 0 }) => hostPort > 0).map(({ hostPort, hostIP = '', protocol = 'TCP' }) => `${protocol}/${hostIP === '0.0.0.0' ? '' : hostIP}/${hostPort}`));
}
