import { within } from '#base/within.ts';
import type { RunningForward } from '#container/host/port.ts';
import { isLive } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerTable } from './container-table.ts';
import { keptOf, logPathOf } from './layout.ts';
import { logTargetOf } from './log-target.ts';
import type { EnginePorts } from './ports.ts';

/** A removal waits so long for the last lines to be taken. */
const PATIENCE_MS = 3000;

/** Logs that are sent on: to the journal or to a syslog. */
export class LogForwarding {
  readonly #ports: EnginePorts;
  readonly #table: ContainerTable;
  readonly #running = new Map<string, RunningForward>();

  constructor(ports: EnginePorts, table: ContainerTable) {
    this.#ports = ports;
    this.#table = table;
  }

  /** Sends on what there is, and what comes while the container runs. Fine where it does already. */
  begin({ spec }: Container): void {
    const { host, layout } = this.#ports;
    const target = logTargetOf(spec, host.facts.hostname);
    if (target === undefined || this.#running.has(spec.id)) return;
    const isLiveNow = (): boolean => {
      const row = this.#table.get(spec.id);
      return row !== undefined && (isLive(row.state.phase) || row.state.phase === 'restarting' || row.state.phase === 'starting');
    };
    const forward = host.forwardLog({ path: logPathOf(layout, spec.id), placePath: `${keptOf(layout, spec.id)}/forwarded`, target, isLive: isLiveNow });
    this.#running.set(spec.id, forward);
    void forward.done.finally(() => {
      if (this.#running.get(spec.id) !== forward) return;
      this.#running.delete(spec.id);
      // It was started again while the last of its log was being sent.
      const row = this.#table.get(spec.id);
      if (row !== undefined && isLiveNow()) this.begin(row);
    });
  }

  /** The container's files are about to go. */
  async finish(id: string): Promise<void> {
    const forward = this.#running.get(id);
    if (forward === undefined) return;
    await within(this.#ports.timers, PATIENCE_MS, forward.done, () => {});
    forward.stop();
  }
}
