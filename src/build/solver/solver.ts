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
  /** @param coming to be told by a source of what it will bring, where its content takes longer */
  readonly execute: (step: Step<Op>, inputs: readonly R[], context: Execution, coming: (result: R) => void) => Promise<R>;
  /** What a step needs is there, but for a source that is still coming: what can be done for it before it has a key may begin. */
  readonly prepare: (step: Step<Op>, inputs: readonly R[], users: Users) => void;
  /** Work in progress, of all solvers that share a cache. */
  readonly running: Map<string, InFlight<R>>;
  /** Digest of all that the selections read; undefined: of all that there is. */
  readonly contentKey: (result: R, reads: readonly TreeSelection[] | undefined, signal: AbortSignal) => Promise<string>;
}

export interface Users {
  /** What other steps of the build read of the result. */
  readonly readBy: readonly (readonly TreeSelection[])[];
  /** Whether another step of the build needs the result. */
  readonly isUsed: boolean;
}

export interface Execution extends Users {
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
 * What stands on no source that is still coming does not wait for it.
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
  readonly #looking = new Map<Step<Op>, Promise<void>>();
  readonly #definitions = new Map<Step<Op>, string>();
  readonly #found = new Map<Step<Op>, CacheRecord<R>>();
  readonly #told = new Set<Step<Op>>();
  readonly #used = new Set<Step<Op>>();
  /** Those that run anew, and all above them: their definitions say nothing of what they will read. */
  readonly #renewed = new Set<Step<Op>>();
  /** Of these the ones that read the whole of what is renewed, whose key stays as it was. Whoever reads a part goes by its content. */
  readonly #rerun = new Set<Step<Op>>();
  readonly #done = new Map<Step<Op>, Promise<Done<R>>>();
  #readers: ReadonlyMap<Step<Op>, readonly (readonly TreeSelection[])[]> = new Map();
  #steps: readonly Step<Op>[] = [];
  /** Sources that have not come. */
  readonly #coming = new Set<Step<Op>>();
  /** Of a step that ran meanwhile. */
  readonly #failure = Promise.withResolvers<never>();

  constructor(ports: SolverPorts<Op, R>, watcher: Watcher<Op, R>, signal: AbortSignal) {
    this.#ports = ports;
    this.#watcher = watcher;
    if (signal.aborted) this.#abort.abort();
    signal.addEventListener('abort', () => this.#abort.abort(), { once: true });
    this.#failure.promise.catch(() => undefined);
  }

  async run(targets: readonly Step<Op>[]): Promise<readonly R[]> {
    try {
      this.#steps = stepsBelow(targets);
      this.#readers = readersOf(this.#steps);
      for (const { inputs } of this.#steps) for (const { step } of inputs) this.#used.add(step);
      for (const step of this.#steps) if (this.#ports.isSource(step.op)) this.#coming.add(step);
      for (const step of this.#steps) this.#looking.set(step, this.#look(step));
      await Promise.race([Promise.all(this.#looking.values()), this.#failure.promise]);
      this.#tellFound(targets);
      return (await Promise.all(targets.map((step) => this.#finish(step)))).map(({ result }) => result);
    } finally {
      this.#abort.abort();
      for (const step of this.#coming) this.#watcher.failed(step, givenUp());
      this.#coming.clear();
      // What was started comes to its end before a failure is told: nothing of this build goes on behind its back.
      await Promise.allSettled(this.#done.values());
    }
  }

  async #look(step: Step<Op>): Promise<void> {
    if (this.#ports.isSource(step.op)) await this.#bring(step);
    else await this.#lookUp(step);
  }

  async #bring(step: Step<Op>): Promise<void> {
    this.#watcher.started(step);
    try {
      const coming = (result: R): void => this.#prepareReaders(step, result);
      const source = await this.#ports.execute(step, [], { ...this.#users(step), signal: this.#abort.signal, log: (chunk) => this.#watcher.log(step, chunk) }, coming);
      this.#sources.set(step, source);
      if (!this.#coming.delete(step) || this.#abort.signal.aborted) throw givenUp();
      this.#watcher.completed(step, { cached: false, why: 'a source is looked at by every build' });
    } catch (thrown) {
      // Unless the build was over before it.
      if (this.#coming.delete(step)) this.#watcher.failed(step, thrown);
      throw thrown;
    }
    this.#definitions.set(step, await this.#ports.contentKey(this.#sources.get(step) as R, undefined, this.#abort.signal));
  }

  async #lookUp(step: Step<Op>): Promise<void> {
    const inputs = await Promise.all(step.inputs.map((input) => this.#definitionOf(input)));
    const key = this.#keyOf(step, inputs);
    this.#definitions.set(step, key);
    if (step.ignoresCache || step.inputs.some((input) => this.#renewed.has(input.step))) this.#renewed.add(step);
    if (step.ignoresCache || step.inputs.some((input) => input.reads === undefined && this.#rerun.has(input.step))) this.#rerun.add(step);
    const record = this.#renewed.has(step) ? undefined : await this.#ports.cache.find(key);
    if (record !== undefined) this.#found.set(step, record);
    else if (this.#coming.size > 0) this.#begin(step);
  }

  /** While sources come, what stands on none of them runs: whatever is above it will need it, unless just that was kept without it. */
  #begin(step: Step<Op>): void {
    this.#tellFound([step]);
    // As with BuildKit, the build ends at once: nobody waits for the rest of a context to hear of it.
    this.#finish(step).catch(this.#failure.reject);
  }

  #prepareReaders(source: Step<Op>, result: R): void {
    for (const step of this.#steps) {
      if (step.inputs.some((input) => input.step === source)) this.#prepare(step, source, result).catch(() => undefined);
    }
  }

  async #prepare(step: Step<Op>, source: Step<Op>, result: R): Promise<void> {
    const inputs = await Promise.all(step.inputs.map(async (input) => (input.step === source ? result : await this.#resultOf(input.step))));
    if (!this.#sources.has(source) && !this.#abort.signal.aborted) this.#ports.prepare(step, inputs, this.#users(step));
  }

  async #resultOf(step: Step<Op>): Promise<R> {
    await this.#looking.get(step);
    return (await this.#finish(step)).result;
  }

  async #definitionOf({ step, reads }: Input<Op>): Promise<string> {
    await this.#looking.get(step);
    const source = this.#sources.get(step);
    if (source !== undefined && reads !== undefined) return await this.#ports.contentKey(source, reads, this.#abort.signal);
    return this.#definitions.get(step) as string;
  }

  #keyOf(step: Step<Op>, inputs: readonly string[]): string {
    return this.#ports.hash(JSON.stringify([this.#ports.identity(step.op), inputs]));
  }

  /** A step that was found needs nothing below it, but people want to see that those were found too. */
  #tellFound(targets: readonly Step<Op>[]): void {
    for (const step of stepsBelow(targets)) {
      if (!this.#told.has(step)) this.#tellIfFound(step);
      this.#told.add(step);
    }
  }

  #tellIfFound(step: Step<Op>): void {
    const found = this.#found.get(step);
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
    if (this.#abort.signal.aborted) throw givenUp();
    this.#watcher.started(step);
    const log = (chunk: LogChunk): void => this.#watcher.log(step, chunk);
    try {
      const { running } = this.#ports;
      let flight = running.get(key);
      const isFirst = flight === undefined || flight.isGivenUp;
      if (flight === undefined || flight.isGivenUp) {
        flight = new InFlight<R>((context) => this.#ports.execute(step, inputs, { ...context, ...this.#users(step) }, () => undefined));
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

  #users(step: Step<Op>): Users {
    return { readBy: this.#readers.get(step) ?? [], isUsed: this.#used.has(step) };
  }
}

function givenUp(): GantryError {
  return new GantryError('interrupted', 'the build was given up');
}
