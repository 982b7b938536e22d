import { messageOf } from '#base/error.ts';

/** What one room brings to a cluster. It is made before anything runs: which objects it reads has to be known by then. */
export interface ClusterPart {
  readonly name: string;
  open(): void | Promise<void>;
  /** Also where it did not open, or not wholly. */
  close(): void | Promise<void>;
}

/** The parts that are open. */
export class OpenParts {
  readonly #log: (line: string) => void;
  readonly #parts: ClusterPart[] = [];

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  async open<T extends ClusterPart>(part: T): Promise<T> {
    this.#parts.push(part);
    await part.open();
    return part;
  }

  /** The last first; one that does not close keeps no other from it. */
  async close(): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      try {
        await part.close();
      } catch (thrown) {
        this.#log(`cluster: ${part.name} does not close: ${messageOf(thrown)}`);
      }
    }
  }
}
