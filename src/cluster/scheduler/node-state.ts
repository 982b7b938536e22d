import type { Taint } from '#cluster/api/node-selector.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { countsOf, hostPortsOf, podSpec, priorityOf, takenBy, type PodSpec, type ResourceCounts } from './pod-shape.ts';

export interface PlacedPod {
  readonly pod: KubeObject;
  readonly spec: PodSpec;
  readonly requests: ResourceCounts;
}

/** A node with what is placed on it, counted as pods come and go. */
export class NodeState {
  readonly pods = new Map<string, PlacedPod>();
  /** Those among them that want certain others not to be near. */
  readonly antiAffine = new Map<string, PlacedPod>();
  readonly requested = new Map<string, number>();
  readonly #ports = new Map<string, number>();
  #lowest = Number.POSITIVE_INFINITY;
  #node: KubeObject;
  #allocatable: ResourceCounts;

  constructor(node: KubeObject) {
    this.#node = node;
    this.#allocatable = allocatableOf(node);
  }

  get name(): string {
    return this.#node.metadata.name;
  }

  get node(): KubeObject {
    return this.#node;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node.metadata.labels ?? {};
  }

  get allocatable(): ResourceCounts {
    return this.#allocatable;
  }

  get taints(): readonly Taint[] {
    return (this.#node['spec'] as { readonly taints?: readonly Taint[] } | undefined)?.taints ?? [];
  }

  get isUnschedulable(): boolean {
    return (this.#node['spec'] as { readonly unschedulable?: boolean } | undefined)?.unschedulable === true;
  }

  /** Of the pods here, how little the least important matters. */
  get lowestPriority(): number {
    return this.#lowest;
  }

  update(node: KubeObject): void {
    this.#node = node;
    this.#allocatable = allocatableOf(node);
  }

  add(pod: KubeObject): void {
    this.remove(pod.metadata.uid);
    const spec = podSpec(pod);
    const placed = { pod, spec, requests: takenBy(pod) };
    this.pods.set(pod.metadata.uid, placed);
    this.#lowest = Math.min(this.#lowest, priorityOf(pod));
    if (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined) this.antiAffine.set(pod.metadata.uid, placed);
    this.#count(placed, 1);
  }

  remove(uid: string): void {
    const placed = this.pods.get(uid);
    if (placed === undefined) return;
    this.pods.delete(uid);
    this.antiAffine.delete(uid);
    if (priorityOf(placed.pod) === this.#lowest) this.#lowest = Math.min(...[...this.pods.values()].map((each) => priorityOf(each.pod)));
    this.#count(placed, -1);
  }

  /** A port on every address is in the way of one on any, and the other way round. */
  hasPort(port: string): boolean {
    const [protocol, address, number] = port.split('/');
    if ((this.#ports.get(port) ?? 0) > 0 || (this.#ports.get(`${protocol}//${number}`) ?? 0) > 0) return true;
    return address === '' && [...this.#ports].some(([other, count]) => count > 0 && other.startsWith(`${protocol}/`) && other.endsWith(`/${number}`));
  }

  #count({ spec, requests }: PlacedPod, sign: 1 | -1): void {
    for (const [name, count] of requests) this.requested.set(name, (this.requested.get(name) ?? 0) + sign * count);
    for (const port of hostPortsOf(spec)) this.#ports.set(port, (this.#ports.get(port) ?? 0) + sign);
  }
}

function allocatableOf(node: KubeObject): ResourceCounts {
  const { allocatable, capacity } = (node['status'] ?? {}) as { readonly allocatable?: Readonly<Record<string, string>>; readonly capacity?: Readonly<Record<string, string>> };
  return countsOf(allocatable ?? capacity ?? {});
}
