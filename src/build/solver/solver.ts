import { GantryError } from '#base/error.ts';
import type { TreeSelection } from '#image/snapshot/tree-work.ts';
import { readersOf, stepsBelow, type Input, type Step } from './graph.ts';
import { InFlight, type LogChunk } from './in-flight.ts';

/** A result that is kept. `key` says what it is made of; other keys may lead to it. */
export interface CacheRecord<R> {
  readonly key: string;
  readonly result: R;
}

export interface StepCache<R> {
  /** By the record's own key or one that leads to it. Undefined also where what it refers to is gone. */
  find(key: string): Promise<CacheRecord<R> | undefined>;
  put(record: CacheRecord<R>, description: string): Promise<void>;
  /** From now on `from` leads to the record of `to`. */
  alias(from: string, to: string): Promise<void>;
}

export interface SolverPorts<Op, R> {
  readonly cache: StepCache<R>;
  readonly hash: (text: string) => string;
  /** What the result of an operation depends on beside its inputs, as text. */
  readonly identity: (op: Op) => string;
  /** For people, in lists of the cache. */
  readonly describe: (op: Op) => string;
  /** A source looks at the world each time; what it brought decides what its users are. */
  readonly isSource: (op: Op) => boolean;
  readonly execute: (step: Step<Op>, inputs: readonly R[], context: Execution) => Promise<R>;
  /** Digest of all that the selections read; undefined: of all that there is. */
  /** Work in progress, of all solvers that share a cache. */
  readonly running: Map<string, InFlight<R>>;
  readonly contentKey: (result: R, reads: readonly TreeSelection[] | undefined, signal: AbortSignal) => Promise<string>;
}

export interface Execution {
  /** What other steps of the build read of the result. */
  readonly readBy: readonly (readonly TreeSelection[])[];
  /** Whether another step of the build needs the result. */
  readonly isUsed: boolean;
  readonly signal: AbortSignal;
  readonly log: (chunk: LogChunk) => void;
}

/** What a build wants to know about its steps, as it happens. */
export interface Watcher<Op, R> {
  started(step: Step<Op>): void;
  /** @param why the reason that `--explain` tells */
  completed(step: Step<Op>, how: { readonly cached: boolean; readonly why: string }): void;
  failed(step: Step<Op>, thrown: unknown): void;
  /** The result of a step is known and kept, under these keys. */
  kept(step: Step<Op>, keys: { readonly definition: string; readonly key: string }, result: R): void;
  log(step: Step<Op>, chunk: LogChunk): void;
}

interface Done<R> { readonly key: string; readonly result: R }

/**
 * Finds the results of steps: kept ones where nothing they read has changed, new ones else. A step has two keys. The key of
 * its definition needs no result but those of sources, so a whole graph is looked up before anything runs. The key of its
 * content says what its inputs really hold where it reads only a part of them: two different definitions may have the same.
 */
export class Solver<Op, R> {
  readonly #ports: SolverPorts<Op, R>;

  constructor(ports: SolverPorts<Op, R>) {
    this.#ports = ports;
  }

  /** The results of the targets, in their order. Throws what the first failing step threw. */
  async solve(targets: readonly Step<Op>[], watcher: Watcher<Op, R>, signal: AbortSignal): Promise<readonly R[]> {
    const build = new Build(this.#ports, watcher, signal);
    return await build.run(targets);
  }
}

class Build<Op, R> {
  readonly #ports: SolverPorts<Op, R>;
  readonly #watcher: Watcher<Op, R>;
  readonly #abort = new AbortController();
  readonly #sources = new Map<Step<Op>, R>();
  readonly #definitions = new Map<Step<Op>, string>();
  readonly #found = new Map<Step<Op>, CacheRecord<R>>();
  readonly #used = new Set<Step<Op>>();
  /** Those that run anew, and all above them: their definitions say nothing of what they will read. */
  readonly #renewed = new Set<Step<Op>>();
  /** Of these the ones that read the whole of what is renewed, whose key stays as it was. Whoever reads a part goes by its content. */
  readonly #rerun = new Set<Step<Op>>();
  readonly #done = new Map<Step<Op>, Promise<Done<R>>>();
  #readers: ReadonlyMap<Step<Op>, readonly (readonly TreeSelection[])[]> = new Map();

  constructor(ports: SolverPorts<Op, R>, watcher: Watcher<Op, R>, signal: AbortSignal) {
    this.#ports = ports;
    this.#watcher = watcher;
    if (signal.aborted) this.#abort.abort();
    signal.addEventListener('abort', () => this.#abort.abort(), { once: true });
  }

  async run(targets: readonly Step<Op>[]): Promise<readonly R[]> {
    try {
      const steps = stepsBelow(targets);
      this.#readers = readersOf(steps);
      for (const { inputs } of steps) for (const { step } of inputs) this.#used.add(step);
      await Promise.all(steps.filter(({ op }) => this.#ports.isSource(op)).map((step) => this.#look(step)));
      for (const step of steps) await this.#lookUp(step);
      this.#tellFound(targets);
      return (await Promise.all(targets.map((step) => this.#finish(step)))).map(({ result }) => result);
    } catch (thrown) {
      this.#abort.abort();
      // What was started comes to its end before the failure is told: nothing of this build goes on behind its back.
      await Promise.allSettled(this.#done.values());
      throw thrown;
    }
  }

  async #look(step: Step<Op>): Promise<void> {
    this.#watcher.started(step);
    try {
      this.#sources.set(step, await this.#ports.execute(step, [], this.#execution(step)));
      this.#watcher.completed(step, { cached: false, why: 'a source is looked at by every build' });
    } catch (thrown) {
      this.#watcher.failed(step, thrown);
      throw thrown;
    }
  }

  async #lookUp(step: Step<Op>): Promise<void> {
    const source = this.#sources.get(step);
    if (source !== undefined) {
      this.#definitions.set(step, await this.#ports.contentKey(source, undefined, this.#abort.signal));
      return;
    }
    const inputs = await Promise.all(step.inputs.map((input) => this.#definitionOf(input)));
    const key = this.#keyOf(step, inputs);
    this.#definitions.set(step, key);
    if (step.ignoresCache || step.inputs.some((input) => this.#renewed.has(input.step))) this.#renewed.add(step);
    if (step.ignoresCache || step.inputs.some((input) => input.reads === undefined && this.#rerun.has(input.step))) this.#rerun.add(step);
    const record = this.#renewed.has(step) ? undefined : await this.#ports.cache.find(key);
    if (record !== undefined) this.#found.set(step, record);
  }

  async #definitionOf({ step, reads }: Input<Op>): Promise<string> {
    const source = this.#sources.get(step);
    if (source !== undefined && reads !== undefined) return await this.#ports.contentKey(source, reads, this.#abort.signal);
    return this.#definitions.get(step) as string;
  }

  #keyOf(step: Step<Op>, inputs: readonly string[]): string {
    return this.#ports.hash(JSON.stringify([this.#ports.identity(step.op), inputs]));
  }

  /** A step that was found needs nothing below it, but people want to see that those were found too. */
  #tellFound(targets: readonly Step<Op>[]): void {
    const told = new Set<Step<Op>>();
    const stack = [...targets];
    for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
      if (told.has(step) || this.#sources.has(step)) continue;
      told.add(step);
      stack.push(...step.inputs.map((input) => input.step));
    }
    for (const step of stepsBelow(targets)) this.#tellIfFound(step, told);
  }

  #tellIfFound(step: Step<Op>, told: ReadonlySet<Step<Op>>): void {
    const found = told.has(step) ? this.#found.get(step) : undefined;
    if (found === undefined) return;
    this.#watcher.completed(step, { cached: true, why: 'nothing that it reads has changed' });
    this.#watcher.kept(step, { definition: this.#definitions.get(step) as string, key: found.key }, found.result);
  }

  #finish(step: Step<Op>): Promise<Done<R>> {
    const known = this.#done.get(step);
    if (known !== undefined) return known;
    const done = this.#make(step);
    this.#done.set(step, done);
    return done;
  }

  async #make(step: Step<Op>): Promise<Done<R>> {
    const source = this.#sources.get(step);
    if (source !== undefined) return { key: this.#definitions.get(step) as string, result: source };
    const found = this.#found.get(step);
    if (found !== undefined) return found;
    // What is read of one is looked at while others run still.
    const inputs = await Promise.all(step.inputs.map(async ({ step: below, reads }) => {
      const { key, result } = await this.#finish(below);
      return { result, content: reads === undefined ? key : await this.#ports.contentKey(result, reads, this.#abort.signal) };
    }));
    const key = this.#keyOf(step, inputs.map(({ content }) => content));
    const definition = this.#definitions.get(step) as string;
    const same = this.#rerun.has(step) || key === definition ? undefined : await this.#ports.cache.find(key);
    if (same !== undefined) {
      await this.#ports.cache.alias(definition, same.key);
      this.#watcher.completed(step, { cached: true, why: 'what it reads has the same content as before' });
      this.#watcher.kept(step, { definition, key: same.key }, same.result);
      return same;
    }
    return await this.#execute(step, inputs.map(({ result }) => result), key, definition);
  }

  async #execute(step: Step<Op>, inputs: readonly R[], key: string, definition: string): Promise<Done<R>> {
    if (this.#abort.signal.aborted) throw new GantryError('interrupted', 'the build was given up');
    this.#watcher.started(step);
    const log = (chunk: LogChunk): void => this.#watcher.log(step, chunk);
    try {
      const { running } = this.#ports;
      let flight = running.get(key);
      const isFirst = flight === undefined || flight.isGivenUp;
      if (flight === undefined || flight.isGivenUp) {
        flight = new InFlight<R>((context) => this.#ports.execute(step, inputs, { ...context, ...this.#users(step) }));
        running.set(key, flight);
        const mine = flight;
        mine.result.catch(() => undefined).finally(() => {
          if (running.get(key) === mine) running.delete(key);
        });
      }
      const result = await flight.join(log, this.#abort.signal);
      const { cache } = this.#ports;
      // Together: they are one write to the disk.
      await Promise.all([isFirst ? cache.put({ key, result }, this.#ports.describe(step.op)) : undefined, definition === key ? undefined : cache.alias(definition, key)]);
      this.#watcher.completed(step, { cached: false, why: step.ignoresCache ? 'the cache was not to be used' : 'something that it reads is new, or it never ran' });
      this.#watcher.kept(step, { definition, key }, result);
      return { key, result };
    } catch (thrown) {
      this.#watcher.failed(step, thrown);
      throw thrown;
    }
  }

  #users(step: Step<Op>): Pick<Execution, 'readBy' | 'isUsed'> {
    return { readBy: this.#readers.get(step) ?? [], isUsed: this.#used.has(step) };
  }

  #execution(step: Step<Op>): Execution {
    return { ...this.#users(step), signal: this.#abort.signal, log: (chunk) => this.#watcher.log(step, chunk) };
  }
}
