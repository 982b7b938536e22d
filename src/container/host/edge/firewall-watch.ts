import type { Json } from '#base/json.ts';
import { causeToReplace } from '#net/firewall/plan.ts';
import { parseTable } from '#net/firewall/observe.ts';
import { openNetfilterSocket } from './linux/netlink/socket.ts';
import { readNftGeneration } from './linux/netlink/nft-generation.ts';
import type { NftSession } from './linux/nftables.ts';

/** A foreign `flush ruleset` opens and cuts off at once: it is noticed well within a second. */
const LOOK_EVERY_MS = 400;

/**
 * Notices that others took the table away, or changed its rules. A look costs one question to the kernel; only after a
 * change that was not ours is the table read, without its elements.
 */
export class FirewallWatch {
  readonly #nftables: NftSession;
  readonly #table: string;
  readonly #socket = openNetfilterSocket();
  readonly #timer: NodeJS.Timeout;
  #generation: number;

  /** @param onLost called with what is wrong */
  constructor(nftables: NftSession, table: string, onLost: (cause: string) => void) {
    this.#nftables = nftables;
    this.#table = table;
    this.#generation = readNftGeneration(this.#socket);
    this.#timer = setInterval(() => this.#look(onLost), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /**
   * To be called after each transaction of ours, which the kernel counts as one. A count that is higher has one of others
   * in it, and is looked at in its turn. A look at a table with thousands of elements takes some ten milliseconds.
   */
  changedByUs(): void {
    const generation = readNftGeneration(this.#socket);
    if (generation === this.#generation + 1) this.#generation = generation;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #look(onLost: (cause: string) => void): void {
    const generation = readNftGeneration(this.#socket);
    if (generation === this.#generation) return;
    this.#generation = generation;
    const cause = this.#fault();
    if (cause !== undefined) onLost(cause);
  }

  #fault(): string | undefined {
    try {
      return causeToReplace(parseTable({ nftables: this.#nftables.listTerse(`table inet ${this.#table}`) } as Json));
    } catch {
      return 'it is gone';
    }
  }
}
