import { randomUUID } from 'node:crypto';
import { GantryError, messageOf } from '#base/error.ts';
import type { Clock } from '#base/clock.ts';
import type { SourceLines, Operation } from '../solver/operation.ts';
import type { StepResult } from '../solver/result.ts';
import { chainOf } from '../solver/result.ts';
import { stepsBelow, type Step } from '../solver/graph.ts';
import type { SharedStep } from '../solver/cache-document.ts';
import { Solver, type Execution, type Watcher } from '../solver/solver.ts';
import { identityOf, isSource } from '../solver/operation.ts';
import { DetailedError } from '../wire/grpc.ts';
import { BuildProgress, type ProgressVertex, type SourceText } from './build-progress.ts';
import { StepExecutor, type ExecutorPorts } from './step-executor.ts';

export type BuildNode = Step<Operation>;

/** What a frontend answers for one platform, before anything has run. */
export interface FrontendResult {
  readonly id: string;
  /** Undefined: nothing at all, as `FROM scratch`. */
  readonly node: BuildNode | undefined;
  /** Config of the image, as JSON; empty where there is none. */
  readonly configJson: string;
  /** `linux/amd64`. */
  readonly platform: string;
  /** Where its steps come from, for the lines in messages. */
  readonly source: SourceText | undefined;
  /** What a bill of materials tells of beside it. */
  readonly scans?: readonly { readonly name: string; readonly node: BuildNode }[];
}

/** One build of a client, from its first call to the end of its export. */
export class ActiveBuild {
  readonly ref: string;
  readonly session: string;
  readonly startedNs: bigint;
  /** What the client allows its steps beyond the usual: `network.host`, `security.insecure`. */
  readonly entitlements: ReadonlySet<string>;
  readonly progress: BuildProgress;
  readonly results = new Map<string, FrontendResult>();
  /** What the client's frontend was asked for, by itself or through the bridge. */
  asked: { readonly frontend: string; readonly attributes: ReadonlyMap<string, string> } = { frontend: '', attributes: new Map() };
  /** Why each step ran or did not, for `--explain`. */
  readonly reasons: { readonly title: string; readonly isCached: boolean; readonly why: string }[] = [];
  readonly #solver: Solver<Operation, StepResult>;
  readonly #executor: StepExecutor;
  readonly #abort = new AbortController();
  readonly #solved = new Map<string, Promise<StepResult>>();
  readonly #chains = new Set<string>();
  readonly #lent: (() => void)[] = [];
  readonly #shared = new Map<string, SharedStep>();

  constructor({ ref, session, entitlements }: { readonly ref: string; readonly session: string; readonly entitlements: Iterable<string> }, ports: ExecutorPorts, clock: Clock) {
    this.ref = ref;
    this.session = session;
    this.startedNs = clock.nowNs();
    this.entitlements = new Set(entitlements);
    this.progress = new BuildProgress(ref, clock);
    this.#executor = new StepExecutor(ports);
    this.#solver = new Solver<Operation, StepResult>({
      cache: ports.cache,
      hash: ports.hash,
      identity: identityOf,
      describe: ({ title }) => title,
      isSource,
      execute: (step, inputs, execution, coming) => this.#execute(step, inputs, execution, coming),
      prepare: (step, inputs, users) => this.#executor.prepare(step, inputs, users),
      contentKey: (result, reads, signal) => this.#executor.contentKey(result, reads, signal),
      running: ports.running,
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Given back when the build is over. */
  lend(release: () => void): void {
    this.#lent.push(release);
  }

  /** Layers that must not go while this build needs them. */
  heldLayers(): Iterable<string> {
    return this.#chains;
  }

  hold(layers: Iterable<string>): void {
    for (const chain of layers) this.#chains.add(chain);
  }

  add(result: Omit<FrontendResult, 'id'>): FrontendResult {
    const named = { ...result, id: randomUUID() };
    this.results.set(named.id, named);
    for (const { op } of named.node === undefined ? [] : stepsBelow([named.node])) if (op.kind === 'image') this.hold(op.layers.map(({ chain }) => chain));
    return named;
  }

  find(id: string): FrontendResult {
    const result = this.results.get(id);
    if (result === undefined) throw new GantryError('not-found', `no such ref: ${id}`);
    return result;
  }

  /** The files of a result. All that is needed for them runs now, once. */
  evaluate(result: FrontendResult): Promise<StepResult> {
    const known = this.#solved.get(result.id);
    if (known !== undefined) return known;
    const solved = this.#solve(result);
    solved.catch(() => undefined);
    this.#solved.set(result.id, solved);
    return solved;
  }

  /** Steps whose results are kept, each after what it stands on. */
  sharedSteps(): readonly SharedStep[] {
    return [...this.#shared.values()];
  }

  keep(step: SharedStep): void {
    this.#shared.set(step.definition, step);
  }

  abort(): void {
    this.#abort.abort();
  }

  end(): void {
    this.#abort.abort();
    this.#executor.release();
    // Some of what was lent asks whether anybody needs a layer still.
    this.#chains.clear();
    for (const release of this.#lent.splice(0)) release();
    this.progress.end();
  }

  async #solve({ node, source }: FrontendResult): Promise<StepResult> {
    if (node === undefined) return { kind: 'layers', layers: [] };
    for (const { op } of stepsBelow([node])) this.#checkEntitlement(op, source);
    const watcher = new StepWatcher(this, [node], source);
    this.#watchers.add(watcher);
    try {
      const [result] = await this.#solver.solve([node], watcher, this.#abort.signal);
      if (result === undefined) throw new GantryError('internal', 'the solver answered nothing');
      this.hold(chainOf(result));
      return result;
    } catch (thrown) {
      throw watcher.explain(thrown);
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  #checkEntitlement(op: Operation, source: SourceText | undefined): void {
    if (op.kind !== 'run') return;
    const wanted = [...(op.network === 'host' ? ['network.host'] : []), ...(op.isInsecure ? ['security.insecure'] : [])].find((name) => !this.entitlements.has(name));
    if (wanted === undefined) return;
    throw new DetailedError('forbidden', `failed to load LLB: ${wanted} is not allowed`, source === undefined || op.lines === undefined ? [] : [sourceDetail(source, op.lines)]);
  }

  readonly #watchers = new Set<StepWatcher>();

  async #execute(step: Step<Operation>, inputs: readonly StepResult[], execution: Execution, coming: (result: StepResult) => void): Promise<StepResult> {
    const transferred = (bytes: number): void => {
      for (const watcher of this.#watchers) watcher.transferred(step, bytes);
    };
    const result = await this.#executor.execute(step, inputs, execution, { transferred, coming });
    this.hold(chainOf(result));
    return result;
  }
}

interface Watched {
  readonly vertex: ProgressVertex;
  bytes: number;
  startedNs: bigint;
  toldNs: bigint;
}

const TRANSFER_STEP_NS = 100_000_000n;

/** Steps of the graph as vertexes of the progress. */
class StepWatcher implements Watcher<Operation, StepResult> {
  readonly #build: ActiveBuild;
  readonly #source: SourceText | undefined;
  readonly #watched = new Map<Step<Operation>, Watched>();
  #failure: { readonly step: Step<Operation>; readonly thrown: unknown } | undefined;

  constructor(build: ActiveBuild, targets: readonly Step<Operation>[], source: SourceText | undefined) {
    this.#build = build;
    this.#source = source;
    for (const step of stepsBelow(targets)) {
      const inputs = step.inputs.flatMap((input) => this.#watched.get(input.step)?.vertex.digest ?? []);
      this.#watched.set(step, { vertex: build.progress.vertex(step.op.title, inputs), bytes: 0, startedNs: 0n, toldNs: 0n });
    }
  }

  started(step: Step<Operation>): void {
    const watched = this.#of(step);
    watched.startedNs = this.#build.progress.now();
    watched.vertex.start();
  }

  completed(step: Step<Operation>, how: { readonly cached: boolean; readonly why: string }): void {
    const watched = this.#of(step);
    if (step.op.kind === 'context') this.#tellTransfer(watched, true);
    watched.vertex.end({ cached: how.cached });
    this.#build.reasons.push({ title: step.op.title, isCached: how.cached, why: how.why });
  }

  kept(step: Step<Operation>, keys: { readonly definition: string; readonly key: string }, result: StepResult): void {
    if (result.kind === 'layers') this.#build.keep({ ...keys, description: step.op.title, layers: result.layers });
  }

  failed(step: Step<Operation>, thrown: unknown): void {
    const isStopped = thrown instanceof GantryError && thrown.kind === 'interrupted';
    if (!isStopped) this.#failure ??= { step, thrown };
    this.#of(step).vertex.end({ error: isStopped ? new GantryError('interrupted', 'context canceled') : thrown });
  }

  log(step: Step<Operation>, chunk: Parameters<ProgressVertex['log']>[0]): void {
    this.#of(step).vertex.log(chunk);
  }

  transferred(step: Step<Operation>, bytes: number): void {
    const watched = this.#watched.get(step);
    if (watched === undefined) return;
    watched.bytes += bytes;
    if (this.#build.progress.now() - watched.toldNs > TRANSFER_STEP_NS) this.#tellTransfer(watched, false);
  }

  /** The first failure, with the lines of the Dockerfile that it comes from. */
  explain(thrown: unknown): unknown {
    const failure = this.#failure ?? undefined;
    if (failure === undefined || !(failure.thrown instanceof GantryError)) return failure?.thrown ?? thrown;
    const { step } = failure;
    const details = [{ type: 'errdefs.Vertex', json: { digest: this.#of(step).vertex.digest } }, ...this.#sourceDetail(step.op.lines)];
    return new DetailedError(failure.thrown.kind, messageOf(failure.thrown), details, failure.thrown);
  }

  #sourceDetail(lines: SourceLines | undefined): { type: string; json: unknown }[] {
    return lines === undefined || this.#source === undefined ? [] : [sourceDetail(this.#source, lines)];
  }

  #tellTransfer(watched: Watched, isDone: boolean): void {
    watched.toldNs = this.#build.progress.now();
    watched.vertex.status('transferring context:', { current: watched.bytes, started: watched.startedNs, isDone });
  }

  #of(step: Step<Operation>): Watched {
    const watched = this.#watched.get(step);
    if (watched !== undefined) return watched;
    const made = { vertex: this.#build.progress.vertex(step.op.title), bytes: 0, startedNs: 0n, toldNs: 0n };
    this.#watched.set(step, made);
    return made;
  }
}

/** `errdefs.Source`, from which clients print the lines (BuildKit solver/errdefs/errdefs.proto). */
export function sourceDetail(source: SourceText, lines: SourceLines): { type: string; json: unknown } {
  return {
    type: 'errdefs.Source',
    json: {
      info: { filename: source.fileName, data: Buffer.from(source.text).toString('base64'), language: 'Dockerfile' },
      ranges: [{ start: { line: lines.start }, end: { line: lines.end } }],
    },
  };
}
