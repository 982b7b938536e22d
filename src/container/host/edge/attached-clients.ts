import type { ContainerIo } from '../io.ts';

/** Open connections to attach sockets, by the directory of the socket. */
export class AttachedClients {
  readonly #open = new Map<string, Set<ContainerIo>>();

  add(directory: string, io: ContainerIo): ContainerIo {
    const mine = this.#open.get(directory) ?? new Set();
    this.#open.set(directory, mine);
    const forget = (): void => {
      mine.delete(tracked);
      if (mine.size === 0 && this.#open.get(directory) === mine) this.#open.delete(directory);
    };
    const tracked: ContainerIo = {
      ...io,
      onEnd: (callback) => io.onEnd(() => {
        forget();
        callback();
      }),
      close: () => {
        forget();
        io.close();
      },
    };
    mine.add(tracked);
    return tracked;
  }

  /** Ends them for their clients too. */
  close(directory: string): void {
    for (const io of this.#open.get(directory) ?? []) io.abort();
  }
}
