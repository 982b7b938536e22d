import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, lstatSync, mkdirSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { tellingOfFullDisk } from '#base/full-disk.ts';
import type { Hasher } from '#base/hasher.ts';
import { chainId, type ChainId } from '#image/oci/chain-id.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import type { SealedLayer, SealRequest, UnpackResult } from '../port.ts';
import type { PathRule } from '../tree-selection.ts';
import type { Arrival, AssembleRequest, CollectedFile, NamedTree, RetimeRequest, TreeEntry, TreeSelection, TreeSource, TreeWork } from '../tree-work.ts';
import { arrivalLine, type ArrivalAnswer, type ComingFile } from './_arrivals.ts';
import type { ChildCode } from './child-code.ts';
import type { GivenFile } from './_given-files.ts';
import { LayerChild, outputOf } from './_layer-child.ts';
import type { LayerMeta, LayerStore } from './_layer-store.ts';
import { GO } from './_order-lines.ts';
import { restack } from './_restack.ts';
import type { SnapshotStore } from './_snapshot-store.ts';
import { SpareProcesses } from './_spare-processes.ts';
import { ToldDigests } from './_told-digests.ts';
import type { TreeMount } from './_tree-mounts.ts';
import type { ProgramName } from './decompressor.ts';
import type { NeededPrograms, SealedTree, TreeOrder, TreeTask } from './tree-child.ts';

const OVERLAY_OPTIONS = ['redirect_dir=off', 'metacopy=off', 'index=off'] as const;

/** Each archive of a format that Node has no code for takes a program. */
const MOST_PROGRAMS = 64;

const SECOND_NS = 1_000_000_000n;

interface Stores {
  readonly hasher: Hasher;
  readonly layers: LayerStore;
  readonly snapshots: SnapshotStore;
}

/** Each piece of work has a directory of its own, and a child whose only file systems are mounted in it. */
export class OverlayTreeWork implements TreeWork {
  readonly #directory: string;
  readonly #code: ChildCode;
  readonly #stores: Stores;
  readonly #spares: SpareProcesses<LayerChild<unknown>>;

  private constructor(directory: string, code: ChildCode, stores: Stores) {
    this.#directory = directory;
    this.#code = code;
    this.#stores = stores;
    this.#spares = new SpareProcesses({ start: () => this.#idle(), end: (child) => void child.kill(), hasEnded: (child) => child.hasEnded });
  }

  /** Removes what work that was cut short has left. */
  static async open(directory: string, code: ChildCode, stores: Stores): Promise<OverlayTreeWork> {
    stores.layers.removeTree(directory);
    await stores.layers.settled();
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new OverlayTreeWork(directory, code, stores);
  }

  assemble(request: AssembleRequest, signal: AbortSignal): Promise<SealedLayer> {
    return tellingOfFullDisk('store the layer', () => this.#within(async (place) => {
      const { snapshots } = this.#stores;
      const names = request.sources.map((_, index) => `src${index}`);
      for (const name of ['root', 'made', 'made/upper', 'made/given', 'work', 'root/dst', 'root/upper', 'root/made', ...names.map((name) => `root/${name}`)]) mkdirSync(join(place, name), { mode: 0o755 });
      const made = join(place, 'made');
      const upper = join(made, 'upper');
      snapshots.copyRoot(request.base, upper);
      const { epochSeconds, digests = [] } = request;
      // Not to a child that looks into foreign archives, nor where the whole is read before it is a layer.
      const given = digests.length > 0 || request.actions.some((action) => action.kind === 'copy' && action.unpacks) ? [] : give(request.sources, join(made, 'given'));
      const mounts: TreeMount[] = [
        { at: 'dst', kind: 'overlay', lower: snapshots.lowerOf(request.base), writable: { upper, work: join(place, 'work') }, options: OVERLAY_OPTIONS },
        { at: 'upper', kind: 'bind', path: upper, readonly: true },
        ...given.length === 0 ? [] : [{ at: 'made', kind: 'bind', path: made, readonly: false } as const],
        ...request.sources.map((source, index) => this.#mountOf(source, `src${index}`)),
      ];
      const work = { kind: 'assemble', sources: names.length, actions: request.actions, given, digests, ...(epochSeconds === undefined ? {} : { epochSeconds }) } as const;
      const sealed = await (request.wanted === undefined ? this.#run<SealedTree>(place, mounts, work, signal) : this.#whileArriving(place, mounts, work, request.sources, request.wanted, signal));
      return await this.#publish(upper, request.base.at(-1), sealed);
    }));
  }

  /** The child is told how far the files are, and to end when all is there and wanted. */
  async #whileArriving(place: string, mounts: readonly TreeMount[], work: TreeTask & { readonly kind: 'assemble' }, sources: readonly TreeSource[], wanted: Promise<void>, signal: AbortSignal): Promise<SealedTree> {
    const arrivals = sources.flatMap((source) => (source.kind === 'directory' && source.arriving !== undefined ? [{ path: source.path, arrival: source.arriving }] : []));
    const waits = arrivals.some(({ arrival }) => !arrival.isAllElseThere);
    const arriving = waits ? [] : arrivals.flatMap(({ path, arrival }) => comingFiles(path, arrival));
    const child = this.#spawn<SealedTree>(place, { mounts, work: { ...work, arriving, waits } }, signal, 'ignore');
    const missing = new Set(arriving.keys());
    let first = 0;
    const ends = waits ? [] : arrivals.map(({ arrival }) => {
      const offset = first;
      first += arrival.files.length;
      return arrival.follow((index, bytes, leaves) => {
        const at = offset + index;
        child.stdin.write(arrivalLine(at, bytes, leaves));
        if (bytes === arriving[at]?.size) missing.delete(at);
        child.stayBehind(missing.size > 0);
      });
    });
    const digests = new ToldDigests(arrivals.map(({ arrival }) => arrival));
    child.told = (message) => {
      if (typeof message === 'object') digests.told(message.answer as ArrivalAnswer);
    };
    try {
      await Promise.race([Promise.all([wanted, ...arrivals.map(({ arrival }) => arrival.whole)]), child.result]);
      child.stayBehind(false);
      child.stdin.end(GO);
      return await child.result;
    } finally {
      for (const end of ends) end();
      digests.end();
      await child.kill();
    }
  }

  /** See `Snapshots.seal`. */
  seal({ id, base, stubs, unmounted, digests = [] }: SealRequest, signal: AbortSignal): Promise<SealedLayer> {
    return tellingOfFullDisk('store the layer', () => this.#within(async (place) => {
      const { snapshots } = this.#stores;
      // Two overlays that have one directory, of which one writes to it, are not defined.
      if (digests.length > 0) await unmounted;
      for (const name of ['root', 'root/upper', 'root/lower', 'root/merged']) mkdirSync(join(place, name), { mode: 0o755 });
      const { upper } = await snapshots.get(id);
      const lower = snapshots.lowerOf(base);
      const mounts: TreeMount[] = [
        { at: 'upper', kind: 'bind', path: upper, readonly: false },
        { at: 'lower', kind: 'overlay', lower, options: OVERLAY_OPTIONS },
        // Nothing is looked up in it before all that is to go from the upper directory has gone.
        ...(digests.length === 0 ? [] : [{ at: 'merged', kind: 'overlay', lower: [upper, ...lower], options: OVERLAY_OPTIONS } as const]),
      ];
      const child = this.#spawn<SealedTree>(place, { mounts, work: { kind: 'seal', stubs, digests } }, signal, 'ignore');
      try {
        await unmounted;
        child.stdin.end(GO);
        return await this.#publish(upper, base.at(-1), await child.result);
      } finally {
        await child.kill();
      }
    }));
  }

  retime({ layer, base, epochSeconds }: RetimeRequest, signal: AbortSignal): Promise<UnpackResult> {
    return tellingOfFullDisk('store the layer', () => this.#within(async (place) => {
      const { layers } = this.#stores;
      for (const name of ['root', 'root/upper']) mkdirSync(join(place, name), { mode: 0o755 });
      const meta = await layers.meta(layer);
      if (meta === undefined) throw new GantryError('not-found', `no such layer: ${layer}`, { subject: `layer ${layer}` });
      if (meta.opaqueRoot) throw new GantryError('unimplemented', `the layer ${layer} hides all that is below it: its times can't be rewritten`);
      const upper = join(place, 'upper');
      await copyTree(join(layers.path(layer), 'diff'), upper);
      const sealed = await this.#run<SealedTree>(place, [{ at: 'upper', kind: 'bind', path: upper, readonly: false }], { kind: 'retime', epochSeconds }, signal);
      return await this.#publish(upper, base.at(-1), sealed);
    }));
  }

  /** A child's start is a good part of a small step. */
  warm(): () => void {
    return this.#spares.warm();
  }

  restack(layer: ChainId, base: readonly ChainId[]): Promise<UnpackResult> {
    return tellingOfFullDisk('store the layer', () => restack(this.#stores.layers, this.#stores.hasher, layer, base.at(-1)));
  }

  async realPath(source: TreeSource, path: string): Promise<string | undefined> {
    return await this.#read<string | null>(source, { kind: 'real-path', path }) ?? undefined;
  }

  copyOut(source: TreeSource, path: string, directory: string, signal: AbortSignal): Promise<void> {
    return this.#within(async (place) => {
      for (const name of ['root', 'root/src0', 'root/dst']) mkdirSync(join(place, name), { mode: 0o755 });
      const mounts: TreeMount[] = [this.#mountOf(source, 'src0'), { at: 'dst', kind: 'bind', path: directory, readonly: false }];
      await this.#run<null>(place, mounts, { kind: 'copy-out', path }, signal);
    });
  }

  unpack({ directory, name }: { readonly directory: string; readonly name: string }, into: string, signal: AbortSignal): Promise<void> {
    return this.#within(async (place) => {
      for (const at of ['root', 'root/src0', 'root/dst']) mkdirSync(join(place, at), { mode: 0o755 });
      const mounts: TreeMount[] = [{ at: 'src0', kind: 'bind', path: directory, readonly: true }, { at: 'dst', kind: 'bind', path: into, readonly: false }];
      await this.#run<null>(place, mounts, { kind: 'unpack', name }, signal);
    });
  }

  exclude(directory: string, rules: readonly PathRule[], signal: AbortSignal): Promise<void> {
    return this.#within(async (place) => {
      for (const at of ['root', 'root/dst']) mkdirSync(join(place, at), { mode: 0o755 });
      await this.#run<null>(place, [{ at: 'dst', kind: 'bind', path: directory, readonly: false }], { kind: 'exclude', rules }, signal);
    });
  }

  digest(source: TreeSource, selections: readonly TreeSelection[], signal: AbortSignal): Promise<string> {
    return this.#read<string>(source, { kind: 'digest', selections }, signal);
  }

  async *tar(source: TreeSource | readonly NamedTree[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const place = this.#begin();
    try {
      const trees = 'kind' in source ? [{ at: 'src0', source }] : source.map((tree) => ({ at: `src0/${tree.name}`, source: tree.source }));
      for (const { at } of trees) mkdirSync(join(place, 'root', at), { recursive: true, mode: 0o755 });
      yield* outputOf(this.#spawn(place, { mounts: trees.map((tree) => this.#mountOf(tree.source, tree.at)), work: { kind: 'tar' } }, signal, 'pipe'));
    } finally {
      this.#stores.layers.removeTree(place);
    }
  }

  async readFile(source: TreeSource, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const content = await this.#read<string | null>(source, { kind: 'read', path, maxBytes });
    return content === null ? undefined : Buffer.from(content, 'base64');
  }

  collect(source: TreeSource, patterns: readonly string[], maxBytes: number, signal: AbortSignal): Promise<readonly CollectedFile[]> {
    return this.#read<readonly CollectedFile[]>(source, { kind: 'collect', patterns, maxBytes }, signal);
  }

  async stat(source: TreeSource, path: string): Promise<TreeEntry | undefined> {
    return await this.#read<TreeEntry | null>(source, { kind: 'stat', path, children: false }) ?? undefined;
  }

  async readDirectory(source: TreeSource, path: string): Promise<readonly TreeEntry[]> {
    const entries = await this.#read<TreeEntry[] | null>(source, { kind: 'stat', path, children: true });
    if (entries === null) throw new GantryError('not-found', `${path} is no directory`);
    return entries;
  }

  #read<T extends object | string | null>(source: TreeSource, work: TreeTask, signal?: AbortSignal): Promise<T> {
    return this.#within((place) => {
      mkdirSync(join(place, 'root/src0'), { recursive: true, mode: 0o755 });
      return this.#run<T>(place, [this.#mountOf(source, 'src0')], work, signal);
    });
  }

  #mountOf(source: TreeSource, at: string): TreeMount {
    if (source.kind === 'directory') return { at, kind: 'bind', path: source.path, readonly: true };
    return { at, kind: 'overlay', lower: this.#stores.snapshots.lowerOf(source.chain), options: OVERLAY_OPTIONS };
  }

  #begin(): string {
    const place = join(this.#directory, randomUUID());
    mkdirSync(join(place, 'root/src0'), { recursive: true, mode: 0o755 });
    return place;
  }

  async #within<T>(work: (place: string) => Promise<T>): Promise<T> {
    const place = join(this.#directory, randomUUID());
    mkdirSync(place, { mode: 0o700 });
    try {
      return await work(place);
    } finally {
      this.#stores.layers.removeTree(place);
    }
  }

  async #run<T extends object | string | null>(place: string, mounts: readonly TreeMount[], work: TreeTask, signal?: AbortSignal): Promise<T> {
    const answer = await this.#once<T | NeededPrograms>(place, mounts, work, signal);
    if (!isNeed(answer)) return answer;
    if (answer.needs.length > MOST_PROGRAMS) throw new GantryError('too-large', `ADD of ${answer.needs.length} archives of xz or bzip2 at once`, { hint: `split it: at most ${MOST_PROGRAMS} are unpacked in one step` });
    return await this.#once<T>(place, mounts, work, signal, answer.needs);
  }

  async #once<T>(place: string, mounts: readonly TreeMount[], work: TreeTask, signal: AbortSignal | undefined, programs?: readonly ProgramName[]): Promise<T> {
    const child = this.#spawn<T>(place, { mounts, work, ...(programs === undefined ? {} : { programs }) }, signal, 'ignore');
    try {
      return await child.result;
    } finally {
      await child.kill();
    }
  }

  #spawn<T>(place: string, request: Omit<TreeOrder, 'root'>, signal: AbortSignal | undefined, stdout: 'pipe' | 'ignore'): LayerChild<T> {
    if (signal?.aborted === true) throw new GantryError('interrupted', 'the build was given up');
    const order: TreeOrder = { root: join(place, 'root'), ...request };
    const child = (stdout === 'ignore' ? this.#spare<T>() : undefined) ?? new LayerChild<T>('tree-child', {}, { code: this.#code, stdout });
    child.stdin.on('error', () => undefined);
    const line = `${JSON.stringify(order)}\n`;
    if (request.work.kind === 'seal' || (request.work.kind === 'assemble' && request.work.arriving !== undefined)) child.stdin.write(line);
    else child.stdin.end(line);
    const stop = (): void => void child.kill();
    signal?.addEventListener('abort', stop, { once: true });
    void child.result.catch(() => undefined).then(() => signal?.removeEventListener('abort', stop));
    return child;
  }

  #idle(): LayerChild<unknown> {
    const child = new LayerChild<unknown>('tree-child', {}, { code: this.#code, stdout: 'ignore' });
    child.stdin.on('error', () => undefined);
    child.hold(false);
    return child;
  }

  #spare<T>(): LayerChild<T> | undefined {
    const spare = this.#spares.take();
    spare?.hold(true);
    return spare as LayerChild<T> | undefined;
  }

  /** The files become a layer where they are. */
  async #publish(upper: string, parent: ChainId | undefined, sealed: SealedTree): Promise<SealedLayer> {
    const { layers, hasher } = this.#stores;
    const path = await layers.beginEmpty();
    try {
      await rename(upper, join(path, 'diff'));
      const diffId = digestOfHex(sealed.sha256);
      const chain = chainId(hasher, parent, diffId);
      const { tarBytes, contentBytes, entries } = sealed;
      const info = { chain, diffId, ...(parent === undefined ? {} : { parent }), tarBytes, contentBytes, entries };
      const meta: LayerMeta = { version: 1, ...info, ...(sealed.crc32 === undefined ? {} : { crc32: sealed.crc32 }), hasRoot: false, opaqueRoot: false, isFromFiles: true };
      const created = await layers.publish(path, meta);
      return { ...info, readBytes: 0, created, digests: sealed.digests.map((digest) => digest ?? undefined) };
    } catch (thrown) {
      layers.removeTree(path);
      throw thrown;
    }
  }
}

function isNeed<T>(answer: T | NeededPrograms): answer is NeededPrograms {
  return typeof answer === 'object' && answer !== null && 'needs' in answer;
}

function comingFiles(directory: string, { files }: Arrival): readonly ComingFile[] {
  return files.map(({ path, size, modifiedNs }) => {
    const seconds = modifiedNs / SECOND_NS - (modifiedNs % SECOND_NS < 0n ? 1n : 0n);
    return { inode: lstatSync(join(directory, path)).ino, size, modified: { seconds: Number(seconds), nanoseconds: Number(modifiedNs - seconds * SECOND_NS) } };
  });
}

/**
 * Further names of what the sources give away. One that a layer has already is not given again: as two files of one image they would be taken for one
 * (cp(1), mv(1)). What can't be linked is copied, as all else.
 */
function give(sources: readonly TreeSource[], directory: string): readonly GivenFile[] {
  const files: GivenFile[] = [];
  for (const source of sources) {
    if (source.kind !== 'directory') continue;
    for (const path of source.gives ?? []) {
      const name = String(files.length);
      try {
        if (lstatSync(join(source.path, path)).nlink !== 1) continue;
        linkSync(join(source.path, path), join(directory, name));
      } catch {
        continue;
      }
      files.push({ name, inode: lstatSync(join(directory, name)).ino });
    }
  }
  return files;
}

/** With owners, attributes and times; blocks are shared where the file system can. */
async function copyTree(from: string, to: string): Promise<void> {
  const child = spawn('cp', ['-a', '--reflink=auto', '--', from, to], { stdio: 'ignore' });
  const [code] = await once(child, 'exit') as [number | null];
  if (code !== 0) throw new GantryError('internal', `could not copy a layer: cp ended with ${code}`);
}
