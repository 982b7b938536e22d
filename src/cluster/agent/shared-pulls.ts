import type { Clock } from '#base/clock.ts';
import { isKind } from '#base/error.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ImageId } from '#container/model/ids.ts';

/** As the kubelet holds an image back whose pull failed. */
const FIRST_HELD_MS = 10_000;
const LONGEST_HELD_MS = 300_000;

interface Unreachable {
  readonly failures: number;
  readonly untilMs: number;
}

/**
 * Pulls of images for pods. Whoever asks for an image while it is being asked for shares the next request with all others who do: each is
 * answered by one that began after he asked, and a hundred pods that begin at once cost two.
 */
export class SharedPulls {
  readonly #engine: EnginePort;
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<ImageId>>();
  readonly #next = new Map<string, Promise<ImageId>>();

  /** By reference: their registry could not be reached. */
  readonly #unreachable = new Map<string, Unreachable>();

  constructor(engine: EnginePort, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Whether its registry could not be reached a moment ago, so that who has an image of that name need not wait for the next failure. */
  isHeldBack(reference: string): boolean {
    return (this.#unreachable.get(reference)?.untilMs ?? 0) > this.#clock.monotonicMs();
  }

  pull(reference: string): Promise<ImageId> {
    const running = this.#running.get(reference);
    if (running === undefined) return this.#begin(reference);
    const shared = this.#next.get(reference) ?? this.#after(running, reference);
    this.#next.set(reference, shared);
    return shared;
  }

  /** Who waits for a registry that turns out to be out of reach does not wait for that twice. */
  async #after(running: Promise<ImageId>, reference: string): Promise<ImageId> {
    try {
      await running.catch((thrown: unknown) => {
        if (isKind(thrown, 'unavailable')) throw thrown;
      });
    } finally {
      this.#next.delete(reference);
    }
    return await this.#begin(reference);
  }

  async #begin(reference: string): Promise<ImageId> {
    const pulled = this.#engine.images.pull({ reference, credentials: { kind: 'none' } }, () => {}).then(({ id }) => id);
    this.#running.set(reference, pulled);
    try {
      const id = await pulled;
      this.#unreachable.delete(reference);
      return id;
    } catch (thrown) {
      this.#noteFailure(reference, thrown);
      throw thrown;
    } finally {
      if (this.#running.get(reference) === pulled) this.#running.delete(reference);
    }
  }

  #noteFailure(reference: string, thrown: unknown): void {
    if (!isKind(thrown, 'unavailable')) return void this.#unreachable.delete(reference);
    const failures = (this.#unreachable.get(reference)?.failures ?? 0) + 1;
    this.#unreachable.set(reference, { failures, untilMs: this.#clock.monotonicMs() + Math.min(FIRST_HELD_MS * 2 ** (failures - 1), LONGEST_HELD_MS) });
  }
}
