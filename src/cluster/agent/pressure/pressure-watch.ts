import type { Clock, Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { NodeEngine } from '#container/engine/port.ts';
import type { NodePort } from '../node-port.ts';
import { containersOfPod, type ObservedContainer } from '../observed.ts';
import { isOver, specOf } from '../pod.ts';
import { workingSet } from '../usage-meter.ts';
import { limitedContainers, limitedVolumes, overOwnLimits } from './own-limits.ts';
import { nextTimes, pressureOf, pressuresAt, type Pressure, type PressureTimes } from './pressure.ts';
import { metThresholds, type Met, type Threshold } from './thresholds.ts';
import { evictionMessage, mostUrgent, rankVictims, type PodUse } from './victims.ts';

export interface PressureParts {
  readonly nodeName: string;
  readonly pods: ObjectCache;
  readonly engine: Pick<NodeEngine, 'containers' | 'collectImages'>;
  readonly node: Pick<NodePort, 'readings' | 'volumeBytes'>;
  readonly thresholds: readonly Threshold[];
  /** The most that a pod has to end where a soft threshold is crossed; its own grace where that is less. */
  readonly mostGraceSeconds?: number;
  /** Has a pod end, and its status say why; absent: at once. */
  readonly evict: (pod: KubeObject, message: string, graceSeconds?: number) => void;
  /** What the node has to say of itself is another. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

/** As often as the kubelet looks. */
const EVERY_MS = 10_000;
const DEFAULT_GRACE_SECONDS = 30;

/** Keeps a node from running out of memory, disk and process ids: says so, frees what nobody needs, then evicts pods, one at a time. */
export class PressureWatch {
  readonly #parts: PressureParts;
  #times: PressureTimes = new Map();
  /** When each threshold was first seen crossed, of those that are. */
  #since = new Map<Threshold, number>();
  #told = '';
  #cancel: (() => void) | undefined;
  #isOpen = false;

  constructor(parts: PressureParts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    this.#isOpen = true;
    await this.#turn();
  }

  close(): void {
    this.#isOpen = false;
    this.#cancel?.();
  }

  pressures(): ReadonlySet<Pressure> {
    return pressuresAt(this.#times, this.#nowMs());
  }

  async #turn(): Promise<void> {
    await this.look().catch((thrown: unknown) => this.#parts.log(`pressure: ${messageOf(thrown)}`));
    if (this.#isOpen) this.#cancel = this.#parts.timers.after(EVERY_MS, () => void this.#turn());
  }

  /** Looks once, and does what is to be done. */
  async look(): Promise<void> {
    let met = await this.#met();
    this.#times = nextTimes(this.#times, met, this.#nowMs());
    this.#tell();
    this.#since = new Map(met.map(({ threshold }) => [threshold, this.#since.get(threshold) ?? this.#nowMs()]));
    if (this.#due(met).some(({ threshold }) => pressureOf(threshold.signal) === 'DiskPressure')) {
      await this.#parts.engine.collectImages();
      met = await this.#met();
    }
    for (const pod of this.#pods()) {
      const why = await this.#overOwnLimits(pod);
      if (why !== undefined) this.#parts.evict(pod, why);
    }
    const urgent = mostUrgent(this.#due(met));
    if (urgent !== undefined) await this.#relieve(urgent);
  }

  async #met(): Promise<readonly Met[]> {
    return metThresholds(this.#parts.thresholds, await this.#parts.node.readings());
  }

  /** Those that have been crossed for as long as they may. */
  #due(met: readonly Met[]): readonly Met[] {
    return met.filter(({ threshold: each }) => each.graceMs === undefined || this.#nowMs() - (this.#since.get(each) ?? this.#nowMs()) >= each.graceMs);
  }

  #tell(): void {
    const now = [...this.pressures()].toSorted().join();
    if (now !== this.#told) this.#parts.changed();
    this.#told = now;
  }

  /** One pod at a time, and none while the last one is still going: what it frees is not seen yet. */
  async #relieve(met: Met): Promise<void> {
    const pressure = pressureOf(met.threshold.signal);
    const uses = await Promise.all(this.#pods().map((pod) => this.#use(pod, pressure)));
    const [victim] = rankVictims(uses, pressure);
    if (victim === undefined || this.#isOneGoing()) return;
    this.#parts.evict(victim.pod, evictionMessage(met, victim), met.threshold.graceMs === undefined ? undefined : Math.min(this.#parts.mostGraceSeconds ?? 0, specOf(victim.pod).terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS));
  }

  /** Pods of the node that run. */
  #pods(): KubeObject[] {
    return this.#parts.pods.list().filter((pod) => specOf(pod).nodeName === this.#parts.nodeName && !isOver(pod) && pod.metadata.deletionTimestamp === undefined);
  }

  #isOneGoing(): boolean {
    return this.#parts.pods.list().some((pod) => specOf(pod).nodeName === this.#parts.nodeName && (isOver(pod) || pod.metadata.deletionTimestamp !== undefined) && this.#running(pod).length > 0);
  }

  #running({ metadata: { uid } }: KubeObject): ObservedContainer[] {
    return containersOfPod(this.#parts.engine.containers.list(), uid).filter(({ state }) => state === 'running');
  }

  async #use(pod: KubeObject, pressure: Pressure): Promise<PodUse> {
    const { containers } = this.#parts.engine;
    const usages = await Promise.all(this.#running(pod).map(({ id }) => containers.usage(id).catch(() => undefined)));
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    return {
      pod, memoryBytes: sum(usages.map((usage) => (usage === undefined ? 0 : workingSet(usage)))), processes: sum(usages.map((usage) => usage?.processes?.current ?? 0)),
      diskBytes: pressure === 'DiskPressure' ? await this.#diskBytes(pod) : 0,
    };
  }

  /** What it wrote, and what is in its volumes. */
  async #diskBytes(pod: KubeObject): Promise<number> {
    const volumes = (specOf(pod).volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined && (emptyDir as { readonly medium?: string }).medium !== 'Memory');
    const sizes = [...volumes.map(({ name }) => this.#parts.node.volumeBytes(pod.metadata.uid, name)), ...containersOfPod(this.#parts.engine.containers.list(), pod.metadata.uid).map(({ id }) => this.#written(id))];
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  async #overOwnLimits(pod: KubeObject): Promise<string | undefined> {
    const { node, engine } = this.#parts;
    const [volumes, containers] = [limitedVolumes(pod), limitedContainers(pod)];
    if (volumes.size + containers.size === 0) return undefined;
    const sizes = await Promise.all([...volumes.keys()].map(async (name) => [name, await node.volumeBytes(pod.metadata.uid, name)] as const));
    const limited = containersOfPod(engine.containers.list(), pod.metadata.uid).filter(({ name }) => containers.has(name));
    const written = await Promise.all(limited.map(async ({ id, name }) => [name, await this.#written(id)] as const));
    return overOwnLimits(pod, new Map(sizes), new Map(written));
  }

  /** It may have gone meanwhile. */
  async #written(id: ObservedContainer['id']): Promise<number> {
    return await this.#parts.engine.containers.sizeOf(id).catch(() => 0);
  }

  #nowMs(): number {
    return Number(this.#parts.clock.nowNs() / 1_000_000n);
  }
}
