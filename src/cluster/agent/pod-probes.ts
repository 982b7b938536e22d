import type { Clock } from '#base/clock.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { ObservedContainer } from './observed.ts';
import type { ProbeState } from './plan.ts';
import { containerNamed, specOf, type PodContainer } from './pod.ts';
import { toldOf } from './pod-status.ts';
import { dueProbes, freshProbes, keptProbes, probeOf, withOutcome, type ContainerProbes, type ProbeKind } from './probe-state.ts';
import type { Prober } from './prober.ts';

export interface PodProbesParts {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly event: (pod: KubeObject, type: 'Warning', reason: string, message: string, container: string) => Promise<void>;
  /** Has the pod looked at again. By its key. */
  readonly wake: (key: string) => void;
  readonly wakeAfter: (key: string, ms: number) => void;
}

/** What probes say of the containers of a node's pods. */
export class PodProbes {
  readonly #parts: PodProbesParts;
  readonly #probes = new Map<ContainerId, ContainerProbes>();
  readonly #asked = new Set<string>();

  constructor(parts: PodProbesParts) {
    this.#parts = parts;
  }

  /** Of those that run. */
  states(pod: KubeObject, observed: readonly ObservedContainer[]): Map<ContainerId, ProbeState> {
    const states = new Map<ContainerId, ProbeState>();
    for (const { id, name, state } of observed) {
      const container = containerNamed(pod, name);
      if (container === undefined || state !== 'running') continue;
      const told = this.#probes.has(id) ? undefined : toldOf(pod, id);
      const probes = this.#probes.get(id) ?? (told === undefined ? freshProbes(container) : keptProbes(told));
      this.#probes.set(id, probes);
      states.set(id, probes.state);
    }
    return states;
  }

  forget(id: ContainerId): void {
    this.#probes.delete(id);
  }

  /** Starts what is due, and comes back for what is later. */
  ask(key: string, pod: KubeObject, observed: readonly ObservedContainer[]): void {
    const nowMs = this.#nowMs();
    let next: number | undefined;
    const address = specOf(pod).hostNetwork === true ? '127.0.0.1' : observed.find(({ name }) => name === 'POD')?.address ?? '';
    for (const { id, name, state, startedMs } of observed) {
      const container = containerNamed(pod, name);
      const probes = this.#probes.get(id);
      if (container === undefined || probes === undefined || state !== 'running') continue;
      const { due, nextMs } = dueProbes(container, probes, startedMs ?? nowMs, nowMs);
      if (nextMs !== undefined) next = Math.min(next ?? nextMs, nextMs);
      for (const kind of due) void this.#ask(key, pod, container, id, kind, address);
    }
    if (next !== undefined) this.#parts.wakeAfter(key, Math.max(1, next - nowMs));
  }

  async #ask(key: string, pod: KubeObject, container: PodContainer, id: ContainerId, kind: ProbeKind, address: string): Promise<void> {
    const turn = `${id}/${kind}`;
    const probe = probeOf(container, kind);
    if (probe === undefined || this.#asked.has(turn)) return;
    this.#asked.add(turn);
    const outcome = await this.#parts.prober.ask(container, id, address, probe, (probe.timeoutSeconds ?? 1) * 1000);
    this.#asked.delete(turn);
    const before = this.#probes.get(id);
    if (before === undefined) return;
    this.#probes.set(id, withOutcome(container, before, kind, outcome.ok, this.#nowMs()));
    if (!outcome.ok) await this.#parts.event(pod, 'Warning', 'Unhealthy', `${kind[0]?.toUpperCase()}${kind.slice(1)} probe failed: ${outcome.message}`, container.name).catch(() => {});
    this.#parts.wake(key);
  }

  #nowMs(): number {
    return Number(this.#parts.clock.nowNs() / 1_000_000n);
  }
}
