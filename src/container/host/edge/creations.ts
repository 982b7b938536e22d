import { GantryError } from '#base/error.ts';
import type { StepOf, StepOutcomes } from '../step.ts';
import type { Exits } from './exits.ts';
import type { HostContext } from './host-context.ts';
import { makeLog } from './log-file.ts';
import { startMonitor } from './monitor.ts';
import type { SandboxNetworks } from './sandbox-network.ts';

type Created = StepOutcomes['create-container'];

/** Containers between the start of their monitor and the existence of their process. */
export class Creations {
  readonly #context: HostContext;
  readonly #networks: SandboxNetworks;
  readonly #exits: Exits;
  readonly #underWay = new Map<string, Promise<Created>>();

  constructor(context: HostContext, networks: SandboxNetworks, exits: Exits) {
    this.#context = context;
    this.#networks = networks;
    this.#exits = exits;
  }

  async begin(step: StepOf<'begin-creation'>): Promise<void> {
    await this.#exits.left(step.id);
    await this.#exits.forget(step.id);
    // The monitor opens its log for appending, but a reader that follows may come first.
    if (step.logPath !== undefined) makeLog(step.logPath);
    const sandbox = step.joinNetwork?.sandbox;
    const { created } = await startMonitor(this.#context, step, sandbox === undefined ? undefined : this.#networks.descriptorOf(sandbox));
    // Whoever waits for it hears of its failure, and perhaps nobody does.
    created.catch(() => {});
    this.#underWay.set(step.id, created);
  }

  /** Who joined the network holds it from here on. @throws GantryError in the runtime's words */
  async finish(id: string): Promise<Created> {
    const created = this.#take(id);
    if (created === undefined) throw new GantryError('internal', `the creation of container ${id.slice(0, 12)} was not begun`);
    const result = await created;
    this.#networks.close(id);
    return result;
  }

  /** Nobody wants it any more, but what the runtime makes is found only when it is made. */
  async settle(id: string): Promise<void> {
    await this.#take(id)?.catch(() => {});
  }

  #take(id: string): Promise<Created> | undefined {
    const created = this.#underWay.get(id);
    this.#underWay.delete(id);
    return created;
  }
}
