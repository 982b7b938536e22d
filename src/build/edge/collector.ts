import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '#base/clock.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { BuildCache } from '../solver/build-cache.ts';
import { planCollection, type CollectPolicy, type KeptThing } from '../solver/collect.ts';
import type { CacheMounts } from './cache/cache-mounts.ts';
import type { ContextStore } from './context/context-store.ts';

export interface CollectorPorts {
  readonly engine: BuildEngine;
  readonly cache: BuildCache;
  readonly contexts: ContextStore;
  readonly mounts: CacheMounts;
  readonly clock: Clock;
  /** Layers that running builds need. */
  readonly busyLayers: () => ReadonlySet<string>;
}

const NS_PER_MS = 1_000_000;
/** As BuildKit's default: beyond a tenth of what a disk of this machine may hold, and never below this. */
const DEFAULT_KEEP_BYTES = 20 * 2 ** 30;
const DEFAULT_EVERY_MS = 600_000;
/** Contexts and cache mounts that nobody used for so long go when there is too much. */
const DEFAULT_KEEP_NS = 48n * 3_600_000_000_000n;

/** All that building keeps on disk: what there is, and what goes. */
export class Collector {
  readonly #ports: CollectorPorts;
  #running: Promise<unknown> = Promise.resolve();
  #lastMs = -Infinity;

  constructor(ports: CollectorPorts) {
    this.#ports = ports;
  }

  async list(): Promise<readonly KeptThing[]> {
    const { cache, engine, mounts, contexts, busyLayers } = this.#ports;
    const images = new Set(engine.images.list().flatMap(({ chainIds }) => chainIds));
    const busy = busyLayers();
    const records = await cache.records();
    const byTop = new Map(records.map((record) => [record.layers.at(-1)?.chain, record.key]));
    const results = records.map((record): KeptThing => {
      const top = record.layers.at(-1);
      const parent = record.layers.at(-2)?.chain;
      return {
        id: record.key.slice(0, 25), kind: 'regular', description: record.description, size: top?.size ?? 0, createdNs: BigInt(record.createdNs), usedNs: BigInt(record.usedNs), uses: record.uses,
        isInUse: top !== undefined && busy.has(top.chain), isShared: top === undefined || images.has(top.chain), parents: [byTop.get(parent)?.slice(0, 25) ?? []].flat(),
      };
    });
    const directories = async (kind: KeptThing['kind'], path: string, id: string, description: string, usedMs: number, isInUse: boolean): Promise<KeptThing> => ({
      id, kind, description, size: await sizeOf(path), createdNs: BigInt(Math.round(usedMs * NS_PER_MS)), usedNs: BigInt(Math.round(usedMs * NS_PER_MS)), uses: 1, isInUse, isShared: false, parents: [],
    });
    const cached = await Promise.all((await mounts.list()).map((mount) => directories('exec.cachemount', mount.path, mount.name, `cached mount ${mount.id}`, mount.usedMs, mount.isInUse)));
    const local = await Promise.all((await contexts.list()).map((tree) => directories('source.local', tree.path, tree.name, 'local source for context', tree.usedMs, tree.isInUse)));
    return [...results, ...cached, ...local];
  }

  /** Removes what the policy says; answers with it, as it was. */
  async collect(policy: CollectPolicy): Promise<readonly KeptThing[]> {
    const before = this.#running;
    const mine = before.catch(() => undefined).then(() => this.#collect(policy));
    this.#running = mine;
    return await mine;
  }

  /** What is beyond the bounds goes by itself after builds. */
  async collectByDefault(): Promise<void> {
    // To look at all sizes takes longer than many a build.
    const now = this.#ports.clock.monotonicMs();
    if (now - this.#lastMs < DEFAULT_EVERY_MS) return;
    this.#lastMs = now;
    await this.collect({ all: true, keepNs: DEFAULT_KEEP_NS, keepBytes: DEFAULT_KEEP_BYTES, matches: () => true });
  }

  async #collect(policy: CollectPolicy): Promise<readonly KeptThing[]> {
    const { cache, mounts, contexts, clock, engine } = this.#ports;
    const gone: KeptThing[] = [];
    const released: string[] = [];
    const records = new Map((await cache.records()).map((record) => [record.key.slice(0, 25), record]));
    for (const thing of planCollection(await this.list(), policy, clock.nowNs())) {
      const record = records.get(thing.id);
      if (thing.kind === 'regular' && record !== undefined) {
        await cache.forget(record);
        released.push(...record.layers.map(({ chain }) => chain));
      }
      const isGone = thing.kind === 'regular' ? record !== undefined : thing.kind === 'exec.cachemount' ? await mounts.remove(thing.id) : await contexts.remove(thing.id);
      if (isGone) gone.push(thing);
    }
    if (gone.length > 0) await cache.sweepNames();
    await engine.images.releaseLayers([...new Set(released)]);
    return gone;
  }
}

/** Bytes of a tree on disk. */
async function sizeOf(path: string): Promise<number> {
  const child = spawn('du', ['-sx', '--block-size=1', '--', path], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => { text += piece; });
  await once(child, 'close');
  return Number(/^\d+/.exec(text)?.[0] ?? 0);
}
