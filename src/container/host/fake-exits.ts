import type { ContainerExit } from './port.ts';

/** Ends of a fake host's containers: their notes outlive daemons, who listens does not. */
export class FakeExits {
  /** By container, as monitors write them down. */
  readonly notes = new Map<string, ContainerExit>();
  #onExit: ((exit: ContainerExit) => void) | undefined;
  /** Ends of containers that are watched, before anybody listens. */
  #early: ContainerExit[] = [];

  /** A container ends while its monitor watches: whoever listens hears of it now, and nobody later. */
  end(exit: ContainerExit): void {
    this.notes.set(exit.id, exit);
    this.#onExit?.(exit);
  }

  /** Somebody watches a container that has ended: the note tells, and where there is none, `unnoted`. */
  tell(unnoted: ContainerExit): void {
    const exit = this.notes.get(unnoted.id) ?? unnoted;
    this.notes.set(exit.id, exit);
    if (this.#onExit === undefined) this.#early.push(exit);
    else this.#onExit(exit);
  }

  listen(callback: (exit: ContainerExit) => void): void {
    this.#onExit = callback;
    for (const exit of this.#early.splice(0)) callback(exit);
  }

  /** The daemon is gone. */
  lose(): void {
    this.#onExit = undefined;
    this.#early = [];
  }
}
