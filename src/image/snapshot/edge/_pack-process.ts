import { closeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { ChildAnswer } from './_child-result.ts';
import { openMessages, sendMessage } from './_descriptor-messages.ts';
import type { GzipResult } from './_gzip-output.ts';
import { LayerChild } from './_layer-child.ts';
import type { ChildCode } from './child-code.ts';
import type { PackOrder, PackStart } from './pack-child.ts';

interface Current {
  readonly progress: (sent: number) => void;
  readonly answered: (result: GzipResult) => void;
}

/** One process that compresses layers of one image, one after the other. It starts at once, and reads nothing until it gets an order. */
export class PackProcess {
  readonly #child: LayerChild<null>;
  readonly #orders: number;
  #current: Current | undefined;
  #isOver = false;

  constructor(code: ChildCode, start: PackStart) {
    const { ours, theirs } = openMessages();
    this.#orders = ours;
    try {
      this.#child = new LayerChild<null>('pack-child', start, { code, stdin: theirs, stdout: 'ignore', told: (message) => this.#told(message) });
    } finally {
      closeSync(theirs);
    }
    const end = (): void => {
      this.#isOver = true;
      closeSync(this.#orders);
    };
    this.#child.result.then(end, end);
  }

  /** Whether it would take an order: it has none, was not ended, and did not fail. */
  get isFree(): boolean {
    return !this.#isOver && this.#current === undefined;
  }

  /** Until that layer is packed. The descriptors stay the caller's. Any failure is the process's end. */
  async pack(order: PackOrder, descriptors: readonly number[], progress: (sent: number) => void): Promise<GzipResult> {
    if (!this.isFree) {
      await this.#child.result;
      throw endedEarly();
    }
    const answer = Promise.withResolvers<GzipResult>();
    this.#current = { progress, answered: answer.resolve };
    const failed = this.#child.result.then(() => { throw endedEarly(); });
    try {
      try {
        sendMessage(this.#orders, { text: JSON.stringify(order), descriptors });
      } catch (thrown) {
        // Why it is not there any more says more.
        await this.end();
        await failed;
        throw thrown;
      }
      return await Promise.race([answer.promise, failed]);
    } catch (thrown) {
      await this.end();
      throw thrown;
    } finally {
      this.#current = undefined;
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#child.kill();
  }

  #told(message: number | ChildAnswer): void {
    if (this.#current === undefined) throw new GantryError('internal', 'the process that packs layers answers what nobody asked');
    if (typeof message === 'number') this.#current.progress(message);
    else {
      const result = message.answer as GzipResult;
      this.#current.progress(result.size);
      this.#current.answered(result);
    }
  }
}

function endedEarly(): GantryError {
  return new GantryError('internal', 'the process that packs layers ended too early');
}
