import type { Clock, Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { claimsOf } from './admission/service-addresses.ts';
import type { Claims } from './claims.ts';

export interface ServiceClaimsParts {
  readonly claims: Claims;
  /** All services that there are. */
  readonly services: () => readonly KubeObject[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

const LOOK_EVERY_MS = 60_000;

/** Gives back what services no longer have. */
export class ServiceClaims {
  readonly #parts: ServiceClaimsParts;
  #cancel: (() => void) | undefined;

  constructor(parts: ServiceClaimsParts) {
    this.#parts = parts;
  }

  /** What requests that came to nothing left behind, and earlier lives: now, and every minute. */
  async open(): Promise<void> {
    await this.#sweep();
    this.#wait();
  }

  close(): void {
    this.#cancel?.();
  }

  /** A service changed, or went (`object` undefined). */
  onChange(object: KubeObject | undefined, previous: KubeObject | undefined): void {
    if (previous === undefined) return;
    const isSame = object?.metadata.uid === previous.metadata.uid;
    const kept = new Set(object === undefined || !isSame ? [] : claimsOf(object));
    for (const what of claimsOf(previous)) {
      if (!kept.has(what)) this.#parts.claims.release(what, previous.metadata.uid).catch((thrown: unknown) => this.#parts.log(`${what} stays claimed for now: ${messageOf(thrown)}`));
    }
  }

  #wait(): void {
    this.#cancel = this.#parts.timers.after(LOOK_EVERY_MS, () => {
      void this.#sweep().catch((thrown: unknown) => this.#parts.log(`claims: ${messageOf(thrown)}`)).then(() => this.#wait());
    });
  }

  async #sweep(): Promise<void> {
    const { claims, services, clock } = this.#parts;
    const nowMs = Number(clock.nowNs() / 1_000_000n);
    const held = new Set(services().flatMap((service) => claimsOf(service).map((what) => `${service.metadata.uid} ${what}`)));
    for (const { what, owner, atMs } of await claims.list()) {
      // Of a young claim the service may be on its way.
      if (!held.has(`${owner} ${what}`) && nowMs - atMs >= LOOK_EVERY_MS) await claims.release(what, owner);
    }
  }
}
