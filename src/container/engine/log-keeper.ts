import { messageOf } from '#base/error.ts';
import { isLive } from '#container/model/container-state.ts';
import { shortId } from '#container/model/ids.ts';
import type { ContainerTable } from './container-table.ts';
import { bundleOf, logPathOf } from './layout.ts';
import type { EnginePorts } from './ports.ts';

/** A fast writer fills a file of 20 MB in less; then it is larger by so much. */
const LOOK_MS = 1000;

/** Keeps the logs of containers that run to their size. Where none runs it rests. */
export class LogKeeper {
  readonly #ports: EnginePorts;
  readonly #table: ContainerTable;
  #isLooking = false;

  constructor(ports: EnginePorts, table: ContainerTable) {
    this.#ports = ports;
    this.#table = table;
  }

  /** A container runs: from now on it is looked after. */
  wake(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#ports.timers.after(LOOK_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { host, layout, log } = this.#ports;
    let isAnyLive = false;
    for (const { spec, state } of this.#table.list()) {
      const { keep } = spec.logging;
      if (keep === undefined || !isLive(state.phase)) continue;
      isAnyLive = true;
      await host.rotateLog(bundleOf(layout, spec.id), logPathOf(layout, spec.id), keep).catch((thrown: unknown) => log(`log of ${shortId(spec.id)}: ${messageOf(thrown)}`));
    }
    this.#isLooking = false;
    if (isAnyLive) this.wake();
  }
}
