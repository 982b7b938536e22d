import type { EnginePort } from '#container/engine/port.ts';
import type { ImageId } from '#container/model/ids.ts';

/**
 * Pulls of images for pods. Whoever asks for an image while it is being asked for shares the next request with all others who do: each is
 * answered by one that began after he asked, and a hundred pods that begin at once cost two.
 */
export class SharedPulls {
  readonly #engine: EnginePort;
  readonly #running = new Map<string, Promise<ImageId>>();
  readonly #next = new Map<string, Promise<ImageId>>();

  constructor(engine: EnginePort) {
    this.#engine = engine;
  }

  pull(reference: string): Promise<ImageId> {
    const running = this.#running.get(reference);
    if (running === undefined) return this.#begin(reference);
    const shared = this.#next.get(reference) ?? running.catch(() => undefined).then(() => {
      this.#next.delete(reference);
      return this.#begin(reference);
    });
    this.#next.set(reference, shared);
    return shared;
  }

  async #begin(reference: string): Promise<ImageId> {
    const pulled = this.#engine.images.pull({ reference, credentials: { kind: 'none' } }, () => {}).then(({ id }) => id);
    this.#running.set(reference, pulled);
    try {
      return await pulled;
    } finally {
      if (this.#running.get(reference) === pulled) this.#running.delete(reference);
    }
  }
}
