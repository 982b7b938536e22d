import { GantryError } from '#base/error.ts';
import type { ContainerIo } from '#container/host/io.ts';
import type { Attachment } from './port.ts';

interface Pending {
  readonly stdin: boolean;
  readonly settle: (io: ContainerIo) => void;
  readonly fail: (error: unknown) => void;
}

/** Connections that were asked for before their container ran: made between its creation and its start, so that nothing is missed. */
export class Attachments {
  readonly #pending = new Map<string, Set<Pending>>();

  add(id: string, stdin: boolean): Attachment {
    const { promise, resolve, reject } = Promise.withResolvers<ContainerIo>();
    promise.catch(() => {});
    const pending: Pending = { stdin, settle: resolve, fail: reject };
    const set = this.#pending.get(id) ?? new Set();
    this.#pending.set(id, set);
    set.add(pending);
    return {
      io: promise,
      close: () => {
        set.delete(pending);
        reject(new GantryError('interrupted', 'the client went away before the container started'));
        promise.then((io) => io.close(), () => {});
      },
    };
  }

  async connect(id: string, connect: (stdin: boolean) => Promise<ContainerIo>): Promise<void> {
    const set = this.#pending.get(id);
    this.#pending.delete(id);
    for (const pending of set ?? []) {
      try {
        pending.settle(await connect(pending.stdin));
      } catch (thrown) {
        pending.fail(thrown);
      }
    }
  }

  fail(id: string, error: unknown): void {
    const set = this.#pending.get(id);
    this.#pending.delete(id);
    for (const pending of set ?? []) pending.fail(error);
  }
}
