import type { ProcessRef } from '#container/model/container-state.ts';
import type { ExecStart, ExpectedExec } from '../port.ts';
import { identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { isAlive } from './linux/processes.ts';
import { beginPipedExec, dropBegun, type BegunExec } from './piped-exec.ts';
import { runtimeOf } from './runtime.ts';

/** A client that creates an exec starts it at once, or never. */
const PATIENCE_MS = 250;
/** Each is a process of 2 MB. */
const MOST = 4;

interface Waiting {
  readonly begun: BegunExec;
  readonly container: ProcessRef;
  readonly forget: () => void;
}

/**
 * Runtimes of execs that were created and not yet started. Linking itself and reading the container's configuration is half of
 * a runtime's work for an exec, and needs no program: it is done while the client still talks. Such a runtime waits on a pipe
 * that only we hold, so it ends with us.
 */
export class PreparedExecs {
  readonly #context: HostContext;
  /** Undefined: about to begin. */
  readonly #waiting = new Map<string, Waiting | undefined>();

  constructor(context: HostContext) {
    this.#context = context;
  }

  /** The client has its answer first: starting a program holds up this process. */
  expect(expected: ExpectedExec): void {
    if (expected.terminal || this.#waiting.size >= MOST || this.#waiting.has(expected.id)) return;
    this.#waiting.set(expected.id, undefined);
    setImmediate(() => {
      if (this.#waiting.has(expected.id)) this.#begin(expected);
    });
  }

  #begin({ id, containerProcess, ...place }: ExpectedExec): void {
    this.#waiting.delete(id);
    let begun: BegunExec;
    try {
      if (runtimeOf(this.#context, place.container).name !== 'crun') return;
      begun = beginPipedExec(this.#context, place);
    } catch {
      // The start will meet the same, and tell it.
      return;
    }
    const forget = this.#context.timers.after(PATIENCE_MS, () => {
      this.#waiting.delete(id);
      dropBegun(begun);
    });
    this.#waiting.set(id, { begun, container: containerProcess, forget });
  }

  /**
   * The runtime that waits for this exec, which is the caller's from here on. Undefined where none does, or where it has read of
   * another process than the container has now: the number of one that is gone may be a stranger's.
   */
  take({ id, attached, containerProcess }: ExecStart): BegunExec | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) return undefined;
    waiting.forget();
    const { pid, startTime } = waiting.container;
    if (attached && containerProcess.pid === pid && containerProcess.startTime === startTime && isAlive(identityOf(containerProcess))) return waiting.begun;
    dropBegun(waiting.begun);
    return undefined;
  }
}
