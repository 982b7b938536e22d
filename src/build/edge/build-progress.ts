import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { LogChunk } from '../solver/in-flight.ts';
import type { SourceLines } from '../solver/operation.ts';
import type { StepCounts } from '../solver/build-history.ts';
import { STATUS_RESPONSE, type VERTEX } from '../wire/control.ts';
import { encode, type Init } from '../wire/protobuf.ts';

type StatusUpdate = Init<typeof STATUS_RESPONSE>;

export interface SourceText {
  readonly fileName: string;
  readonly text: string;
}

export interface ProgressWarning {
  readonly message: string;
  readonly detail: string;
  readonly url: string;
  readonly source: SourceText;
  readonly lines: SourceLines;
}

/** What a client that joins late is told of the output so far. */
const HISTORY_UPDATES = 20_000;
const TRANSCRIPT_BYTES = 512 << 10;

/** Something that happens in a build, with a beginning and an end. */
export class ProgressVertex {
  readonly digest: string;
  readonly name: string;
  readonly #progress: BuildProgress;
  readonly #inputs: readonly string[];
  #started: bigint | undefined;
  #isDone = false;

  constructor(progress: BuildProgress, digest: string, name: string, inputs: readonly string[]) {
    this.#progress = progress;
    this.digest = digest;
    this.name = name;
    this.#inputs = inputs;
  }

  start(): void {
    this.#started ??= this.#progress.now();
    this.#tell({});
  }

  end(how: { readonly cached?: boolean; readonly error?: unknown } = {}): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#started ??= this.#progress.now();
    this.#tell({ completed: timestamp(this.#progress.now()), cached: how.cached ?? false, ...(how.error === undefined ? {} : { error: messageOf(how.error) }) });
  }

  log({ stream, bytes }: LogChunk): void {
    this.#progress.tell({ logs: [{ vertex: this.digest, timestamp: timestamp(this.#progress.now()), stream, msg: bytes }] });
  }

  /** A part of it, as bytes of a transfer. */
  status(name: string, state: { readonly current?: number; readonly total?: number; readonly started: bigint; readonly isDone?: boolean }): void {
    const now = this.#progress.now();
    this.#progress.tell({ statuses: [{
      id: name, vertex: this.digest, name, current: state.current ?? 0, total: state.total ?? 0, timestamp: timestamp(now), started: timestamp(state.started),
      ...(state.isDone === true ? { completed: timestamp(now) } : {}),
    }] });
  }

  /** Runs work as a part of it. */
  async part<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = this.#progress.now();
    this.status(name, { started });
    const result = await work();
    this.status(name, { started, isDone: true });
    return result;
  }

  warn(warning: ProgressWarning): void {
    const { message, detail, url, source, lines } = warning;
    const utf8 = new TextEncoder();
    this.#progress.tell({ warnings: [{
      vertex: this.digest, level: 1, short: utf8.encode(message), detail: detail === '' ? [] : [utf8.encode(detail)], url,
      info: { filename: source.fileName, data: utf8.encode(source.text), language: 'Dockerfile' },
      ranges: [{ start: { line: lines.start, character: 0 }, end: { line: lines.end, character: 0 } }],
    }] });
  }

  #tell(more: Init<typeof VERTEX>): void {
    this.#progress.tell({ vertexes: [{ digest: this.digest, name: this.name, inputs: this.#inputs, started: timestamp(this.#started as bigint), ...more }] });
  }
}

/** All that a build tells, kept until it ends, so that nobody who asks for it late misses anything. */
export class BuildProgress {
  readonly #clock: Clock;
  readonly #ref: string;
  readonly #updates: StatusUpdate[] = [];
  #dropped = 0;
  #count = 0;
  #isEnded = false;
  #more = Promise.withResolvers<void>();

  constructor(ref: string, clock: Clock) {
    this.#ref = ref;
    this.#clock = clock;
  }

  now(): bigint {
    return this.#clock.nowNs();
  }

  vertex(name: string, inputs: readonly string[] = []): ProgressVertex {
    this.#count += 1;
    const digest = `sha256:${createHash('sha256').update(`${this.#ref} ${this.#count}`).digest('hex')}`;
    return new ProgressVertex(this, digest, name, inputs);
  }

  /** Runs work as a vertex that begins and ends with it. */
  async around<T>(name: string, work: (vertex: ProgressVertex) => Promise<T>): Promise<T> {
    const vertex = this.vertex(name);
    vertex.start();
    try {
      const result = await work(vertex);
      vertex.end();
      return result;
    } catch (error) {
      vertex.end({ error });
      throw error;
    }
  }

  tell(update: StatusUpdate): void {
    this.#updates.push(update);
    if (this.#updates.length > HISTORY_UPDATES) {
      this.#updates.shift();
      this.#dropped += 1;
    }
    const waiting = this.#more;
    this.#more = Promise.withResolvers<void>();
    waiting.resolve();
  }

  /** How its steps stand. */
  counts(): StepCounts {
    const steps = new Map<string, { readonly isDone: boolean; readonly isCached: boolean }>();
    let warnings = 0;
    for (const update of this.#updates) {
      for (const { digest = '', completed, cached = false } of update.vertexes ?? []) steps.set(digest, { isDone: completed !== undefined, isCached: cached });
      warnings += [...update.warnings ?? []].length;
    }
    const all = [...steps.values()];
    return { total: all.length, completed: all.filter(({ isDone }) => isDone).length, cached: all.filter(({ isCached }) => isCached).length, warnings };
  }

  /** All of it as one message, for those who ask when it is over: of what steps printed the last part. */
  transcript(): Uint8Array {
    let left = TRANSCRIPT_BYTES;
    const kept = this.#updates.toReversed().map((update) => ({ ...update, logs: [...update.logs ?? []].toReversed().filter(({ msg }) => (left -= msg?.length ?? 0) >= 0).toReversed() }));
    return encode(STATUS_RESPONSE, merged(kept.toReversed()));
  }

  end(): void {
    this.#isEnded = true;
    this.#more.resolve();
  }

  /** Everything from the beginning, to the end. */
  async *follow(signal: AbortSignal): AsyncGenerator<StatusUpdate> {
    for (let at = 0; ;) {
      at = Math.max(at, this.#dropped);
      const batch = this.#updates.slice(at - this.#dropped);
      at += batch.length;
      if (batch.length > 0) yield merged(batch);
      else if (this.#isEnded || signal.aborted) return;
      else await Promise.race([this.#more.promise, new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))]);
    }
  }
}

function merged(batch: readonly StatusUpdate[]): StatusUpdate {
  return {
    vertexes: batch.flatMap(({ vertexes = [] }) => [...vertexes]), statuses: batch.flatMap(({ statuses = [] }) => [...statuses]),
    logs: batch.flatMap(({ logs = [] }) => [...logs]), warnings: batch.flatMap(({ warnings = [] }) => [...warnings]),
  };
}

export function timestamp(ns: bigint): { seconds: number; nanos: number } {
  return { seconds: Number(ns / 1_000_000_000n), nanos: Number(ns % 1_000_000_000n) };
}
