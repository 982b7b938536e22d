import { isKind, messageOf } from '#base/error.ts';
import { advance } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import { afterProbe, freshHealth, probeDelayMs, type ProbeResult } from '#container/model/health.ts';
import { shortId, type ContainerId } from '#container/model/ids.ts';
import type { Probe } from '#container/model/probe.ts';
import { emitContainer } from './container-events.ts';
import type { ContainerTable } from './container-table.ts';
import type { EventLog } from './event-log.ts';
import type { Execs } from './execs.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { EnginePorts } from './ports.ts';

interface Parts {
  readonly ports: EnginePorts;
  readonly table: ContainerTable;
  readonly lock: KeyedLock;
  readonly events: EventLog;
  readonly execs: Execs;
  readonly act: (action: 'restart' | 'stop', id: ContainerId) => Promise<void>;
}

/** One stretch in which a container is probed: from its start (or its end of a pause) to the next end of such. */
interface Watch {
  isOver: boolean;
  cancel: () => void;
}

/** Probes the containers that have a probe, while they run. */
export class HealthMonitor {
  readonly #parts: Parts;
  readonly #watches = new Map<string, Watch>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** From now on; those that already run go on with what is known of them. */
  open(): void {
    const { events, table } = this.#parts;
    events.subscribe({}, ({ type, action, id }) => {
      if (type !== 'container') return;
      if (action === 'start' || action === 'unpause') this.#begin(id);
      if (action === 'die' || action === 'pause' || action === 'destroy') this.#end(id);
    });
    for (const { spec, state } of table.list()) if (state.phase === 'running') this.#begin(spec.id);
  }

  #begin(id: string): void {
    this.#end(id);
    const container = this.#parts.table.get(id);
    if (container?.spec.probe === undefined) return;
    const watch: Watch = { isOver: false, cancel: () => {} };
    this.#watches.set(id, watch);
    this.#schedule(watch, container, container.spec.probe);
  }

  #end(id: string): void {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    watch.isOver = true;
    watch.cancel();
    this.#watches.delete(id);
  }

  #schedule(watch: Watch, { spec, state }: Container, probe: Probe): void {
    const { ports } = this.#parts;
    const delay = probeDelayMs(state.health ?? freshHealth(undefined), probe, ports.clock.nowNs(), BigInt(state.startedNs ?? 0));
    watch.cancel = ports.timers.after(delay, () => void this.#probe(watch, spec.id, probe).catch((thrown: unknown) => {
      ports.log(`probe of ${shortId(spec.id)}: ${messageOf(thrown)}`);
      const row = this.#parts.table.get(spec.id);
      if (!watch.isOver && row !== undefined) this.#schedule(watch, row, probe);
    }));
  }

  async #probe(watch: Watch, id: ContainerId, probe: Probe): Promise<void> {
    const { ports, execs, lock, table } = this.#parts;
    const startNs = String(ports.clock.nowNs());
    const { exitCode, output } = await execs.probe(id, probe);
    const result: ProbeResult = { startNs, endNs: String(ports.clock.nowNs()), exitCode, output };
    await lock.run(id, async () => {
      if (watch.isOver) return;
      const after = await this.#note(id, probe, result);
      if (after !== undefined) this.#schedule(watch, after, probe);
    });
    const after = table.get(id);
    if (!watch.isOver && after?.state.health?.status === 'unhealthy' && after.state.health.failingStreak === probe.retries) await this.#act(after);
  }

  async #note(id: ContainerId, probe: Probe, result: ProbeResult): Promise<Container | undefined> {
    const { table, events } = this.#parts;
    const row = table.get(id);
    if (row === undefined || row.state.phase !== 'running') return undefined;
    const before = row.state.health ?? freshHealth(undefined);
    const health = afterProbe(before, probe, result, BigInt(row.state.startedNs ?? 0));
    if (health.status !== before.status) table.note(id, { kind: 'health', status: health.status, exitCode: result.exitCode, output: result.output });
    const after = await table.putState(id, advance(row.state, 'running', { health }));
    if (health.status !== before.status) emitContainer(events, after, `health_status: ${health.status}`);
    return after;
  }

  async #act(container: Container): Promise<void> {
    const { ports, act } = this.#parts;
    const action = container.spec.onUnhealthy ?? ports.onUnhealthy ?? 'none';
    if (action === 'none') return;
    ports.log(`${container.spec.name} is unhealthy: ${action}`);
    await act(action, container.spec.id).catch((thrown: unknown) => {
      // Ended by itself meanwhile.
      if (!isKind(thrown, 'not-modified', 'not-found')) throw thrown;
    });
  }
}
