import type { Clock, Timers } from '#base/clock.ts';
import { isKind, messageOf } from '#base/error.ts';
import type { Random } from '#base/random.ts';
import type { ObjectView } from '#cluster/api/object-view.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, splitKey } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import { WorkQueue } from '#cluster/loop/work-queue.ts';
import type { NamespaceLabels } from './matching.ts';
import { NodeState } from './node-state.ts';
import { place, unplaceableMessage, type Placement } from './place.ts';
import { podSpec, priorityOf } from './pod-shape.ts';
import { NO_VOLUMES, podVolumes, type PodVolumes } from './pod-volumes.ts';
import { preempt, preemptionMessage, type Preemption } from './preempt.ts';

/** What the scheduler changes: the binding of a pod, and what is said of one that waits. */
export interface SchedulerWrites {
  bind(pod: KubeObject, node: string): Promise<void>;
  /** The condition PodScheduled, and an event; again only where the message is another. */
  unschedulable(pod: KubeObject, message: string): Promise<void>;
  /** Pods that matter less are told to go, and where this one waits for their room is written down. */
  preempt(pod: KubeObject, node: string, victims: readonly KubeObject[]): Promise<void>;
}

export interface SchedulerParts {
  readonly pods: ObjectCache;
  readonly nodes: ObjectCache;
  /** Claims, volumes and classes; without them, pods have none. */
  readonly storage?: { readonly view: ObjectView; onChange(listener: () => void): void };
  /** Budgets that preemption keeps to where it can; without them there are none. */
  readonly budgets?: () => readonly KubeObject[];
  /** Labels of namespaces, by which affinities choose; without them there are none. */
  readonly namespaces?: NamespaceLabels;
  readonly writes: SchedulerWrites;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: (line: string) => void;
}

export const DEFAULT_SCHEDULER = 'default-scheduler';
/** A pod that found no place is looked at again at the latest after this, whatever happens. */
const RETRY_MS = 60_000;
/** Then others have their turn: among thousands of nodes a pod takes half a millisecond. */
const AT_A_TIME = 50;

/** Gives pods their nodes, one after another: each is placed as if the bindings under way were done. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #nodes = new Map<string, NodeState>();
  /** Where each pod is counted: bound, or about to be. */
  readonly #placed = new Map<string, string>();
  readonly #queue: WorkQueue;
  readonly #waiting = new Set<string>();
  /** Keys whose turn is next. */
  readonly #taken: string[] = [];
  /** Pods that wait for others to leave a node, by uid: the room is theirs. */
  readonly #nominated = new Map<string, { readonly pod: KubeObject; readonly node: string; readonly victims: ReadonlySet<string> }>();
  #list: readonly NodeState[] = [];
  #start = 0;
  #isScheduled = false;
  #isOpen = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#queue = new WorkQueue(parts.timers, parts.clock, () => this.#wake());
    parts.nodes.onChange((node, previous) => this.#nodeChanged(node, previous));
    parts.pods.onChange((pod) => this.#podChanged(pod));
    parts.storage?.onChange(() => this.#retryAll());
  }

  /** Once the caches are full. */
  open(): void {
    this.#isOpen = true;
    this.#wake();
  }

  close(): void {
    this.#isOpen = false;
    this.#queue.close();
  }

  #nodeChanged(node: KubeObject, previous: KubeObject | undefined): void {
    const { name } = node.metadata;
    const present = this.#parts.nodes.get(undefined, name);
    const state = this.#nodes.get(name);
    if (present === undefined) this.#nodes.delete(name);
    else if (state !== undefined) state.update(present);
    else {
      const fresh = new NodeState(present);
      this.#nodes.set(name, fresh);
      for (const pod of this.#parts.pods.list()) if (podSpec(pod).nodeName === name && !isOver(pod)) fresh.add(pod);
    }
    this.#list = [...this.#nodes.values()];
    // A heartbeat makes no room.
    if (previous === undefined || JSON.stringify([previous['spec'], allocatable(previous), previous.metadata.labels]) !== JSON.stringify([present?.['spec'], allocatable(present), present?.metadata.labels])) this.#retryAll();
  }

  #podChanged(pod: KubeObject): void {
    const { uid, namespace, name } = pod.metadata;
    const present = this.#parts.pods.get(namespace, name);
    const node = present === undefined || present.metadata.uid !== uid || isOver(present) ? undefined : podSpec(present).nodeName;
    const before = this.#placed.get(uid);
    if (node !== undefined && node !== '' && present !== undefined) {
      if (before !== undefined && before !== node) this.#nodes.get(before)?.remove(uid);
      this.#placed.set(uid, node);
      this.#nominated.delete(uid);
      this.#nodes.get(node)?.add(present);
      this.#waiting.delete(keyOf(pod));
      return;
    }
    if (present !== undefined && present.metadata.uid === uid && !isOver(present)) {
      if (before === undefined && isOurs(present)) this.#queue.add(keyOf(present));
      return;
    }
    const waited = this.#nominated.delete(uid);
    if (before === undefined) {
      if (waited) this.#retryAll();
      return;
    }
    this.#placed.delete(uid);
    this.#nodes.get(before)?.remove(uid);
    this.#retryAll();
  }

  /** There may be room now. */
  #retryAll(): void {
    for (const key of this.#waiting) this.#queue.add(key);
  }

  #wake(): void {
    if (this.#isScheduled || !this.#isOpen) return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    this.#takeByPriority();
    for (let count = 0; this.#isOpen && count < AT_A_TIME; count += 1) {
      const key = this.#taken.shift();
      if (key === undefined) return;
      this.#scheduleOne(key);
    }
    this.#isScheduled = true;
    this.#parts.timers.after(0, () => this.#turn());
  }

  /** What matters more first; else in the order in which they came. */
  #takeByPriority(): void {
    const before = this.#taken.length;
    for (let key = this.#queue.take(); key !== undefined; key = this.#queue.take()) this.#taken.push(key);
    if (this.#taken.length === before) return;
    const priorities = new Map(this.#taken.map((key) => [key, this.#priorityOf(key)]));
    if (new Set(priorities.values()).size > 1) this.#taken.sort((a, b) => (priorities.get(b) ?? 0) - (priorities.get(a) ?? 0));
  }

  #priorityOf(key: string): number {
    const { namespace, name } = splitKey(key);
    const pod = this.#parts.pods.get(namespace, name);
    return pod === undefined ? 0 : priorityOf(pod);
  }

  #scheduleOne(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = this.#parts.pods.get(namespace, name);
    if (pod === undefined || !isOurs(pod) || this.#placed.has(pod.metadata.uid)) {
      this.#waiting.delete(key);
      this.#queue.done(key, 'done');
      return;
    }
    this.#start = this.#list.length === 0 ? 0 : (this.#start + 1) % this.#list.length;
    const volumes = this.#parts.storage === undefined ? NO_VOLUMES : podVolumes(pod, this.#parts.storage.view);
    const placement = this.#besideNominated(pod, () => place(pod, this.#list, this.#start, (this.#parts.random.bytes(1)[0] ?? 0) / 256, volumes, this.#parts.namespaces));
    if (placement.kind === 'placed') {
      this.#waiting.delete(key);
      void this.#bind(key, pod, placement.node);
      return;
    }
    this.#waiting.add(key);
    const { message, preemption } = this.#preempt(pod, placement, volumes);
    const told = this.#parts.writes.unschedulable(pod, message).then(() => (preemption === undefined ? undefined : this.#parts.writes.preempt(pod, preemption.node, preemption.victims)));
    told.then(() => this.#queue.done(key, 'done'), () => {
      this.#nominated.delete(pod.metadata.uid);
      this.#queue.done(key, 'failed');
    });
    this.#queue.addAfter(key, RETRY_MS);
  }

  /** With those counted, where they will be, that matter as much and wait for room. */
  #besideNominated<T>(pod: KubeObject, run: () => T): T {
    const counted = [...this.#nominated.values()].filter((each) => each.pod.metadata.uid !== pod.metadata.uid && !this.#placed.has(each.pod.metadata.uid) && priorityOf(each.pod) >= priorityOf(pod));
    for (const each of counted) this.#nodes.get(each.node)?.add(each.pod);
    try {
      return run();
    } finally {
      for (const each of counted) this.#nodes.get(each.node)?.remove(each.pod.metadata.uid);
    }
  }

  /** Whether others have to go for the pod, and what is said of it. */
  #preempt(pod: KubeObject, { reasons, byNode }: Placement & { readonly kind: 'unplaceable' }, volumes: PodVolumes): { readonly message: string; readonly preemption?: Preemption } {
    const message = unplaceableMessage(reasons, this.#list.length);
    const { uid } = pod.metadata;
    const waited = this.#nominated.get(uid);
    // Those who go for it are on their way.
    if (waited !== undefined && [...waited.victims].some((victim) => this.#placed.has(victim))) return { message };
    this.#nominated.delete(uid);
    if (this.#list.length === 0) return { message };
    if (podSpec(pod).preemptionPolicy === 'Never') return { message: `${message} preemption: not eligible due to preemptionPolicy=Never.` };
    const found = this.#besideNominated(pod, () => preempt({ pod, nodes: this.#list, byNode, volumes, ...(this.#parts.namespaces === undefined ? {} : { namespaces: this.#parts.namespaces }), budgets: this.#parts.budgets?.() ?? [] }));
    if (!('victims' in found)) return { message: `${message} ${preemptionMessage(found, this.#list.length)}` };
    this.#nominated.set(uid, { pod, node: found.node, victims: new Set(found.victims.map(({ metadata }) => metadata.uid)) });
    return { message, preemption: found };
  }

  /** Counted at once, so that the next pod finds the place taken; given back where the binding fails. */
  async #bind(key: string, pod: KubeObject, node: string): Promise<void> {
    const { uid } = pod.metadata;
    this.#placed.set(uid, node);
    this.#nodes.get(node)?.add(pod);
    try {
      await this.#parts.writes.bind(pod, node);
      this.#queue.done(key, 'done');
    } catch (thrown) {
      this.#placed.delete(uid);
      this.#nodes.get(node)?.remove(uid);
      if (!isKind(thrown, 'not-found', 'conflict')) this.#parts.log(`binding of ${key} to ${node}: ${messageOf(thrown)}`);
      this.#queue.done(key, 'failed');
    }
  }
}

function allocatable(node: KubeObject | undefined): unknown {
  return (node?.['status'] as { readonly allocatable?: unknown } | undefined)?.allocatable;
}

function isOver(pod: KubeObject): boolean {
  const phase = (pod['status'] as { readonly phase?: string } | undefined)?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

function isOurs(pod: KubeObject): boolean {
  const { schedulerName = DEFAULT_SCHEDULER, schedulingGates = [], nodeName = '' } = podSpec(pod);
  return nodeName === '' && schedulerName === DEFAULT_SCHEDULER && schedulingGates.length === 0 && pod.metadata.deletionTimestamp === undefined;
}

/** The status of a pod with a condition as given, its time of change kept where only its words change. */
export function withScheduled(pod: KubeObject, scheduled: boolean, message: string, nowMs: number): KubeObject {
  const status = (pod['status'] ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }[] };
  const old = status.conditions?.find(({ type }) => type === 'PodScheduled');
  const value = scheduled ? 'True' : 'False';
  const condition = {
    type: 'PodScheduled', status: value, lastTransitionTime: old?.status === value ? old.lastTransitionTime : timeText(nowMs), ...(scheduled ? {} : { reason: 'Unschedulable', message }),
  };
  return { ...pod, status: { ...status, conditions: [...(status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'), condition] } };
}
