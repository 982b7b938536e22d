import type { Clock, Timers } from '#base/clock.ts';
import type { PodUsage } from '#cluster/controllers/autoscaler-shape.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { NodePort } from './node-port.ts';
import { LABEL, SANDBOX_NAME } from './observed.ts';

export interface MeterParts {
  readonly engine: EnginePort;
  readonly node: Pick<NodePort, 'machineUsage'>;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** What was used between two looks. */
export interface UsageReading {
  readonly atMs: number;
  readonly windowMs: number;
  /** By uid of the pod. */
  readonly pods: ReadonlyMap<string, PodUsage>;
  readonly node: { readonly cpuMilli: number; readonly memoryBytes: number };
}

type ContainerUsage = NonNullable<Awaited<ReturnType<EnginePort['containers']['usage']>>>;

/** What was used until one moment. */
export interface UsageSample {
  readonly atMs: number;
  readonly containers: ReadonlyMap<ContainerId, { readonly pod: string; readonly name: string; readonly cpuNs: number; readonly memoryBytes: number }>;
  readonly machine: { readonly cpuNs: number; readonly memoryBytes: number };
}

const NS_PER_MS = 1_000_000n;
/** The shortest time over which use is told. */
const WINDOW_MS = 1_000;
/** A sample is no longer the beginning of a window after this, and one that is younger is looked at once more. */
const STALE_MS = 60_000;
const FRESH_MS = 10_000;

/** Measures what pods and the node use, only while somebody asks: there is no timer behind it. */
export class UsageMeter {
  readonly #parts: MeterParts;
  #first: UsageSample | undefined;
  #reading: UsageReading | undefined;
  #underWay: Promise<UsageReading> | undefined;

  constructor(parts: MeterParts) {
    this.#parts = parts;
  }

  /** The last reading where it is not too old; asking for it has a newer one made. */
  latest(): UsageReading | undefined {
    const ageMs = this.#nowMs() - (this.#reading?.atMs ?? 0);
    if (ageMs > FRESH_MS) this.read().catch(() => {});
    return ageMs > STALE_MS ? undefined : this.#reading;
  }

  /** A reading of now; the first one takes a second. */
  async read(): Promise<UsageReading> {
    this.#underWay ??= this.#measure().finally(() => (this.#underWay = undefined));
    return await this.#underWay;
  }

  async #measure(): Promise<UsageReading> {
    if (this.#first === undefined || this.#nowMs() - this.#first.atMs > STALE_MS) this.#first = await this.sample();
    const waitMs = this.#first.atMs + WINDOW_MS - this.#nowMs();
    if (waitMs > 0) await new Promise<void>((resolve) => void this.#parts.timers.after(waitMs, resolve));
    const last = await this.sample();
    this.#reading = readingOf(this.#first, last);
    if (last.atMs - this.#first.atMs > FRESH_MS) this.#first = last;
    return this.#reading;
  }

  /** What was used until now, in all; no time has to pass. */
  async sample(): Promise<UsageSample> {
    const { engine, node } = this.#parts;
    const running = engine.containers.list().filter(({ spec, state }) => spec.owner.front === 'cluster' && state.phase === 'running' && spec.labels[LABEL.container] !== SANDBOX_NAME);
    const measured = await Promise.all(running.map(async ({ spec }) => [spec, await engine.containers.usage(spec.id).catch(() => undefined)] as const));
    const machine = await node.machineUsage();
    return {
      atMs: this.#nowMs(), machine,
      containers: new Map(measured.flatMap(([spec, usage]) => usage === undefined ? [] : [[spec.id, { pod: spec.owner.name, name: spec.labels[LABEL.container] ?? '', cpuNs: usage.cpu?.usageNs ?? 0, memoryBytes: workingSet(usage) }]])),
    };
  }

  #nowMs(): number {
    return Number(this.#parts.clock.nowNs() / NS_PER_MS);
  }
}

/** What could not be taken away at once: all but the pages of files that nobody has used lately. */
export function workingSet({ memory }: ContainerUsage): number {
  if (memory === undefined) return 0;
  return Math.max(0, memory.usage - (memory.details.get('total_inactive_file') ?? memory.details.get('inactive_file') ?? 0));
}

/** A container that came in between counts from its beginning. */
export function readingOf(first: UsageSample, last: UsageSample): UsageReading {
  const windowMs = Math.max(1, last.atMs - first.atMs);
  const milli = (fromNs: number, toNs: number): number => Math.max(0, toNs - fromNs) / windowMs / 1000;
  const pods = new Map<string, Map<string, { cpuMilli: number; memoryBytes: number }>>();
  for (const [id, { pod, name, cpuNs, memoryBytes }] of last.containers) {
    const containers = pods.get(pod) ?? new Map<string, { cpuMilli: number; memoryBytes: number }>();
    pods.set(pod, containers.set(name, { cpuMilli: milli(first.containers.get(id)?.cpuNs ?? 0, cpuNs), memoryBytes }));
  }
  return { atMs: last.atMs, windowMs, pods, node: { cpuMilli: milli(first.machine.cpuNs, last.machine.cpuNs), memoryBytes: last.machine.memoryBytes } };
}
