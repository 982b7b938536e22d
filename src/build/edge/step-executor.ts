import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { Transport } from '#image/registry/transport.ts';
import type { SealedLayer, UnpackResult } from '#image/snapshot/port.ts';
import type { Arrival, AssembleRequest, TreeSelection, TreeSource, TreeWork } from '#image/snapshot/tree-work.ts';
import type { BuildCache } from '../solver/build-cache.ts';
import type { Step } from '../solver/graph.ts';
import { identityOf, type LayerRef, type Operation, type OperationOf } from '../solver/operation.ts';
import type { InFlight } from '../solver/in-flight.ts';
import type { StepResult } from '../solver/result.ts';
import type { Execution, Users } from '../solver/solver.ts';
import type { CacheMounts } from './cache/cache-mounts.ts';
import type { ContextStore, HeldTree } from './context/context-store.ts';
import { listPaths } from './context/receive.ts';
import { fetchGit } from './fetch-git.ts';
import { fetchUrl } from './fetch-url.ts';
import { isWorthPreparing, PreparedLayer } from './prepared-layer.ts';
import { runStep } from './run-step.ts';
import type { BuildSessions } from './session.ts';

export interface ExecutorPorts {
  readonly engine: BuildEngine;
  readonly trees: TreeWork;
  readonly cache: BuildCache;
  readonly contexts: ContextStore;
  readonly mounts: CacheMounts;
  readonly sessions: BuildSessions;
  readonly clock: Clock;
  /** For files of servers. */
  readonly transport: Transport;
  /** Hex of the digest of a text. */
  readonly hash: (text: string) => string;
  readonly running: Map<string, InFlight<StepResult>>;
  /** A directory in memory, for what commands get for their run. */
  readonly secretsRoot: string;
}

/** What is told of a source while it is looked at. */
export interface SourceWatcher {
  /** Bytes of contents. */
  readonly transferred: (bytes: number) => void;
  /** What it will be, where its content takes longer. */
  readonly coming: (result: StepResult) => void;
}

const EVERYTHING: readonly TreeSelection[] = [{ parts: [], rules: [], follow: true }];

/** Does what operations say. Directories of sources are held until the build that asked for them is over. */
export class StepExecutor {
  readonly #ports: ExecutorPorts;
  readonly #held = new Map<string, HeldTree | { readonly path: string; readonly release: () => void }>();
  /** Paths of all that there is where a directory is from, by its key: of it only what steps read was sent. */
  readonly #paths = new Map<string, () => Promise<readonly string[]>>();
  /** Children that wait for steps which may come: each ends the wait for one. */
  readonly #coolers: (() => void)[] = [];
  readonly #prepared = new Map<Step<Operation>, PreparedLayer>();
  #count = 0;

  constructor(ports: ExecutorPorts) {
    this.#ports = ports;
  }

  async execute(step: Step<Operation>, inputs: readonly StepResult[], execution: Execution, watcher: SourceWatcher): Promise<StepResult> {
    const { op } = step;
    switch (op.kind) {
      case 'image': return { kind: 'layers', layers: op.layers };
      case 'context': return await this.#context(op, execution.signal, watcher);
      case 'directory': return this.#hold({ path: op.path, release: () => {} });
      case 'url': return this.#hold(await fetchUrl(op, this.#ports, execution));
      case 'git': return this.#hold(await fetchGit(op, this.#ports, execution));
      case 'files': return await this.#files(op, inputs, execution, this.#prepared.get(step));
      case 'stack': return await this.#stack(inputs);
      case 'run': return await this.#run(op, inputs, execution);
    }
  }

  /** Begins a copy of what is still coming. */
  prepare(step: Step<Operation>, inputs: readonly StepResult[], { readBy }: Users): void {
    const { op } = step;
    if (op.kind !== 'files') return;
    const request = assemblyOf(op, inputs, readBy);
    if (!isWorthPreparing(request)) return;
    const cool = this.#coolers.shift();
    this.#prepared.set(step, new PreparedLayer(this.#ports.trees, request));
    cool?.();
  }

  async contentKey(result: StepResult, reads: readonly TreeSelection[] | undefined, signal: AbortSignal): Promise<string> {
    const { trees, cache } = this.#ports;
    if (result.kind === 'directory') {
      const held = this.#held.get(result.key);
      if (held !== undefined && isContext(held)) return held.index.digest(reads ?? EVERYTHING);
      return await trees.digest({ kind: 'directory', path: result.path }, reads ?? EVERYTHING, signal);
    }
    const top = result.layers.at(-1)?.chain ?? '';
    if (reads === undefined) return top;
    return await cache.digest(digestName(top, reads), () => trees.digest(sourceOf(result), reads, signal));
  }

  release(): void {
    for (const prepared of this.#prepared.values()) prepared.giveUp();
    for (const cool of this.#coolers.splice(0)) cool();
    for (const held of this.#held.values()) held.release();
    this.#held.clear();
  }

  async #context(op: OperationOf<'context'>, signal: AbortSignal, watcher: SourceWatcher): Promise<StepResult> {
    const { contexts, sessions } = this.#ports;
    const session = await sessions.find(op.session);
    const { name, include, exclude, follow } = op;
    // Different filters of one directory are different trees.
    const key = JSON.stringify([session.offer.sharedKey === '' ? session.offer.id : session.offer.sharedKey, name, include, exclude, follow]);
    let isNew = false;
    // What is sent is new, so that a step will read it. One that is prepared has its child.
    const transferred = (bytes: number): void => {
      if (!isNew && this.#prepared.size === 0 && !signal.aborted) this.#warm();
      isNew = true;
      watcher.transferred(bytes);
    };
    const coming = (path: string, arriving: Arrival): void => {
      watcher.coming({ kind: 'directory', key: '', path, gives: arriving.isAllElseThere ? arriving.files.map((file) => file.path) : [], arriving });
    };
    const call = session.directory({ name, include, exclude, follow });
    const stop = (): void => call.cancel();
    signal.addEventListener('abort', stop, { once: true });
    const tree = await contexts.sync(key, call, { transferred, coming }).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) {
      tree.release();
      throw new GantryError('interrupted', 'the build was given up');
    }
    const held = this.#hold(tree);
    if (held.kind === 'directory') this.#paths.set(held.key, () => listPaths(session.directory({ name, include, exclude })));
    return held;
  }

  #warm(): void {
    this.#coolers.push(this.#ports.trees.warm());
  }

  /** A step takes the child that an earlier one had started for it, or has one started. Answers what ends its wait. */
  #claim(): () => void {
    return this.#coolers.shift() ?? this.#ports.trees.warm();
  }

  #hold(tree: HeldTree | { readonly path: string; readonly release: () => void }): StepResult {
    this.#count += 1;
    const key = String(this.#count);
    this.#held.set(key, tree);
    return { kind: 'directory', key, path: tree.path, ...(isContext(tree) ? { gives: tree.index.largeFiles() } : {}) };
  }

  async #files(op: OperationOf<'files'>, inputs: readonly StepResult[], { signal, readBy, isUsed }: Execution, prepared: PreparedLayer | undefined): Promise<StepResult> {
    const cool = prepared === undefined ? this.#coolers.shift() : undefined;
    try {
      const made = prepared === undefined ? this.#assemble(op, inputs, readBy, signal) : prepared.finish(signal);
      // It has its child; whoever goes on with what it makes will need one too.
      cool?.();
      if (isUsed) this.#warm();
      const layer = await made ?? await this.#assemble(op, inputs, readBy, signal);
      await this.#keepDigests(layer, readBy);
      return { kind: 'layers', layers: [...baseOf(op, inputs), refOf(layer, this.#ports.clock.nowNs())] };
    } catch (thrown) {
      throw await this.#explain(op, inputs, thrown);
    }
  }

  #assemble(op: OperationOf<'files'>, inputs: readonly StepResult[], readBy: Users['readBy'], signal: AbortSignal): Promise<SealedLayer> {
    return this.#ports.trees.assemble(assemblyOf(op, inputs, readBy), signal);
  }

  /** A path that a copy or a mount did not find, as BuildKit says it, with what it may have meant. */
  async #explain(op: OperationOf<'files' | 'run'>, inputs: readonly StepResult[], thrown: unknown): Promise<unknown> {
    if (!(thrown instanceof GantryError) || thrown.kind !== 'not-found') return thrown;
    const from = inputs.slice(op.hasBase ? 1 : 0).find(({ kind }) => kind === 'directory');
    const wanted = /^"(.*)": not found$/.exec(thrown.message)?.[1];
    if (wanted === undefined) return thrown;
    const paths = from?.kind === 'directory' ? await this.#paths.get(from.key)?.().catch(() => undefined) : undefined;
    const near = paths === undefined ? undefined : nearest(wanted.replace(/^\/+/, ''), paths);
    const hint = near === undefined ? '' : ` (the context has ${JSON.stringify(`/${near}`)})`;
    return new GantryError('invalid', `failed to compute cache key: failed to calculate checksum of ref ${hashed(identityOf(op))}::${hashed(op.title)}: ${thrown.message}${hint}`, { cause: thrown });
  }

  /** The layers of the second above those of the first. Their files are the same; as layers they have other names. */
  async #stack([base, top]: readonly StepResult[]): Promise<StepResult> {
    const below = layersOf(base);
    const layers = [...below];
    for (const layer of layersOf(top)) {
      layers.push(refOf(await this.#ports.trees.restack(layer.chain as ChainId, layers.map(({ chain }) => chain as ChainId)), this.#ports.clock.nowNs()));
    }
    return { kind: 'layers', layers };
  }

  async #run(op: OperationOf<'run'>, inputs: readonly StepResult[], execution: Execution): Promise<StepResult> {
    const base = baseOf(op, inputs);
    // While the command is begun, the child that will make a layer of its files starts.
    const cool = this.#claim();
    try {
      const layer = await runStep(op, { base: base.map(({ chain }) => chain), inputs: inputs.map(sourceOf) }, this.#ports, execution);
      await this.#keepDigests(layer, execution.readBy);
      return { kind: 'layers', layers: [...base, refOf(layer, this.#ports.clock.nowNs())] };
    } catch (thrown) {
      throw await this.#explain(op, inputs, thrown);
    } finally {
      cool();
    }
  }

  /** Those who read a part of the layers find them. */
  async #keepDigests({ chain, digests }: SealedLayer, readBy: Execution['readBy']): Promise<void> {
    await Promise.all(readBy.map(async (reads, index) => {
      const digest = digests[index];
      if (digest !== undefined) await this.#ports.cache.digest(digestName(chain, reads), async () => digest);
    }));
  }
}

function digestName(top: string, reads: readonly TreeSelection[]): string {
  return createHash('sha256').update(JSON.stringify([top, reads])).digest('hex');
}

function isContext(held: HeldTree | { readonly path: string }): held is HeldTree {
  return 'index' in held;
}

function layersOf(result: StepResult | undefined): readonly LayerRef[] {
  if (result?.kind !== 'layers') throw new GantryError('internal', 'a step stands on something that is no layers');
  return result.layers;
}

function baseOf(op: OperationOf<'files' | 'run'>, inputs: readonly StepResult[]): readonly LayerRef[] {
  return op.hasBase ? layersOf(inputs[0]) : [];
}

function assemblyOf(op: OperationOf<'files'>, inputs: readonly StepResult[], readBy: Users['readBy']): AssembleRequest {
  const { epochSeconds, actions } = op;
  return {
    base: baseOf(op, inputs).map(({ chain }) => chain as ChainId), sources: inputs.slice(op.hasBase ? 1 : 0).map(sourceOf), actions, digests: readBy,
    ...(epochSeconds === undefined ? {} : { epochSeconds }),
  };
}

export function sourceOf(result: StepResult): TreeSource {
  if (result.kind === 'layers') return { kind: 'layers', chain: result.layers.map(({ chain }) => chain as ChainId) };
  const { key: _key, ...directory } = result;
  return directory;
}

export function refOf({ diffId, chain, contentBytes, tarBytes }: UnpackResult, createdNs: bigint): LayerRef {
  return { diffId, chain, size: contentBytes, tarSize: tarBytes, createdNs: String(createdNs) };
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** The path that differs least, where it is near enough to be meant. */
function nearest(wanted: string, paths: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly path: string; readonly distance: number } | undefined;
  for (const path of paths) {
    if (Math.abs(path.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, path);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { path, distance };
  }
  return best?.path;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1) {
      next.push(Math.min((row[to] as number) + 1, (next[to - 1] as number) + 1, (row[to - 1] as number) + (left[at - 1] === right[to - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[right.length] as number;
}

