import { renderRemoval } from '#net/firewall/render-table.ts';
import type { PolicyChanges } from '#net/policy/model.ts';
import { isNothing, PolicyTable } from '#net/policy/policy-table.ts';
import { renderChange, renderWhole } from '#net/policy/render.ts';
import { policyTableOf, type Layout } from './layout.ts';
import type { PoliciesPort } from './port.ts';
import type { EnginePorts } from './ports.ts';

/** Keeps the kernel's table of policies as it is asked for, one change at a time. Without any policy there is no table. */
export class Policies implements PoliciesPort {
  readonly #host: EnginePorts['host'];
  readonly #layout: Layout;
  readonly #log: EnginePorts['log'];
  #table = new PolicyTable();
  /** `unsure`: what was asked for last may not be in it. */
  #state: 'none' | 'unsure' | 'current' = 'none';
  #last: Promise<unknown> = Promise.resolve();

  constructor({ host, layout, log }: Pick<EnginePorts, 'host' | 'layout' | 'log'>) {
    this.#host = host;
    this.#layout = layout;
    this.#log = log;
  }

  async replace(all: PolicyChanges): Promise<void> {
    await this.#inTurn(async () => {
      this.#table = new PolicyTable();
      this.#table.put(all);
      if (this.#table.isEmpty) await this.#withdraw();
      else await this.#applyAll();
    });
  }

  async put(changes: PolicyChanges): Promise<void> {
    await this.#inTurn(async () => {
      const change = this.#table.put(changes);
      if (this.#table.isEmpty) return this.#state === 'none' ? undefined : await this.#withdraw();
      if (this.#state !== 'current') return await this.#applyAll();
      if (isNothing(change)) return;
      await this.#host.applyFirewall(renderChange(policyTableOf(this.#layout), change)).catch(async (thrown: unknown) => {
        this.#log(`the table of policies is made anew: ${String(thrown)}`);
        await this.#applyAll();
      });
    });
  }

  async remove(): Promise<void> {
    await this.replace({ policies: new Map(), members: new Map() });
  }

  /** After others took tables away. */
  async restore(): Promise<void> {
    await this.#inTurn(async () => this.#state === 'none' ? undefined : await this.#applyAll());
  }

  async #applyAll(): Promise<void> {
    if (this.#state === 'none') await this.#filterBridged();
    this.#state = 'unsure';
    await this.#host.applyFirewall(renderWhole(policyTableOf(this.#layout), this.#table));
    this.#state = 'current';
  }

  /** Members are neighbours on one bridge: what they send each other is not routed. */
  async #filterBridged(): Promise<void> {
    if (await this.#host.filterBridged(this.#layout.bridge)) return;
    this.#log(`network policies do not hold between two pods of ${this.#layout.bridge} that speak to each other directly, and hold for everything else: this kernel shows no frames of bridges to its firewall; load the module br_netfilter`);
  }

  async #withdraw(): Promise<void> {
    await this.#host.applyFirewall(renderRemoval(policyTableOf(this.#layout)));
    this.#state = 'none';
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
