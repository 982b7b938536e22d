import { GantryError } from '#base/error.ts';

export interface LogChunk {
  readonly stream: 1 | 2;
  readonly bytes: Uint8Array;
}

type Log = (chunk: LogChunk) => void;

/** What a build that joins late is told of the output so far. */
const HISTORY_BYTES = 1 << 20;

/** Work that any number of builds wait for. It is given up when the last of them has gone. */
export class InFlight<R> {
  readonly result: Promise<R>;
  readonly #abort = new AbortController();
  readonly #logs = new Set<Log>();
  readonly #history: LogChunk[] = [];
  #historyBytes = 0;
  #waiting = 0;

  constructor(work: (context: { readonly signal: AbortSignal; readonly log: Log }) => Promise<R>) {
    this.result = work({ signal: this.#abort.signal, log: (chunk) => this.#tell(chunk) });
    this.result.catch(() => undefined);
  }

  /** Its end was asked for: whoever wants the result starts anew. */
  get isGivenUp(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Throws `interrupted` when `signal` is aborted first. */
  async join(log: Log, signal: AbortSignal): Promise<R> {
    this.#waiting += 1;
    for (const chunk of this.#history) log(chunk);
    this.#logs.add(log);
    const leaving = Promise.withResolvers<never>();
    leaving.promise.catch(() => undefined);
    const leave = (): void => leaving.reject(new GantryError('interrupted', 'the build was given up'));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([this.result, leaving.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      this.#logs.delete(log);
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        this.#abort.abort();
        await this.result.catch(() => undefined);
      }
    }
  }

  #tell(chunk: LogChunk): void {
    this.#history.push(chunk);
    this.#historyBytes += chunk.bytes.length;
    while (this.#historyBytes > HISTORY_BYTES) this.#historyBytes -= (this.#history.shift() as LogChunk).bytes.length;
    for (const log of this.#logs) log(chunk);
  }
}
