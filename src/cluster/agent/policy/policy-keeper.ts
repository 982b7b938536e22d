import type { Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { PoliciesPort } from '#container/engine/port.ts';
import { PolicyIndex, type PolicyObjects } from './policy-index.ts';

export interface KeeperParts extends PolicyObjects {
  readonly engine: PoliciesPort;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

/** Who sees to it that a pod is isolated before a program of it runs. */
export interface PodIsolation {
  /** @returns undefined where there is nothing to wait for. Rejects where the pod can't be isolated now. */
  admit(pod: KubeObject, address: string): Promise<void> | undefined;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 30_000;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Keeps the kernel's table of policies as policies, pods and namespaces are, many changes in one transaction. */
export class PolicyKeeper implements PodIsolation {
  readonly #parts: KeeperParts;
  readonly #index: PolicyIndex;
  #waiting: Waiting[] = [];
  #isAtWork = false;
  #isOpen = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#index = new PolicyIndex(parts, () => this.#wake());
  }

  /** The whole table, once the caches are filled. */
  async open(): Promise<void> {
    const all = this.#index.take();
    await this.#parts.engine.replace(all);
    this.#index.done(all);
    this.#isOpen = true;
    this.#wake();
  }

  close(): void {
    this.#isOpen = false;
  }

  admit(pod: KubeObject, address: string): Promise<void> | undefined {
    if (!this.#index.place(pod, address)) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (!this.#isOpen || this.#isAtWork || !(this.#index.isDirty() || this.#waiting.length > 0)) return;
    this.#isAtWork = true;
    void Promise.resolve().then(() => this.#work(FIRST_RETRY_MS));
  }

  async #work(retryMs: number): Promise<void> {
    const [changes, waiting] = [this.#index.take(), this.#waiting];
    this.#waiting = [];
    try {
      await this.#parts.engine.put(changes);
    } catch (thrown) {
      this.#parts.log(`network policies could not be changed: ${messageOf(thrown)}; trying again in ${retryMs} ms`);
      this.#index.giveBack(changes);
      for (const { reject } of waiting) reject(thrown);
      this.#parts.timers.after(retryMs, () => this.#isOpen ? void this.#work(Math.min(retryMs * 2, LONGEST_RETRY_MS)) : undefined);
      return;
    }
    this.#isAtWork = false;
    this.#index.done(changes);
    for (const { resolve } of waiting) resolve();
    this.#wake();
  }
}
