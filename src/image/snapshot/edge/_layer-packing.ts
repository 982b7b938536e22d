import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import { digestHex } from '#image/oci/digest.ts';
import type { CompressedLayer, LayerPacking } from '../port.ts';
import { processCount } from '../process-count.ts';
import { compressed, type GzipTarget } from './_compression.ts';
import type { GzipResult } from './_gzip-output.ts';
import type { LayerMeta, LayerStore } from './_layer-store.ts';
import { PackProcess } from './_pack-process.ts';
import type { ChildCode } from './child-code.ts';
import type { PackOrder } from './pack-child.ts';

export interface PackingParts {
  readonly code: ChildCode;
  readonly layers: LayerStore;
  /** One that the layers are not in: in a process's own mount namespace its root is mounted there. */
  readonly directory: string;
  readonly processors: number;
}

/** Layers that one process may see, all of one image. */
interface Visible {
  readonly metas: readonly LayerMeta[];
  readonly start: () => PackProcess;
}

/** One layer, by a process of its own that starts when it is asked for. */
export function packLayer(parts: PackingParts, chain: ChainId): CompressedLayer {
  return compressed(async () => {
    const visible = await look(parts, [chain]);
    const process = visible.start();
    return { pack: (target) => pack(parts, process, visible, chain, target), end: () => process.end(), free: () => void process.end() };
  });
}

/** Processes that pack layers of an image. The first failure of one is its end; another takes its place. */
export class SharedPacking implements LayerPacking {
  readonly #parts: PackingParts;
  readonly #chains: readonly ChainId[];
  #visible: Promise<Visible> | undefined;
  readonly #processes = new Set<PackProcess>();
  readonly #idle: PackProcess[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #isClosed = false;

  constructor(parts: PackingParts, chains: readonly ChainId[]) {
    this.#parts = parts;
    this.#chains = chains;
  }

  async pack<T>(chain: ChainId, work: (layer: CompressedLayer) => Promise<T>): Promise<T> {
    const visible = await (this.#visible ??= look(this.#parts, this.#chains));
    await this.#turn(processCount(visible.metas.map(({ tarBytes }) => tarBytes), this.#parts.processors));
    let process: PackProcess | undefined;
    let isTaken = true;
    const free = (): void => {
      if (isTaken) this.#free(process);
      isTaken = false;
    };
    try {
      // At once: while it starts, the registry is asked for a place.
      const started = process = this.#idleOne() ?? this.#begin(visible);
      return await work(compressed(async () => ({ pack: (target) => pack(this.#parts, started, visible, chain, target), end: () => started.end(), free })));
    } finally {
      free();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#processes].map((process) => process.end()));
  }

  async #turn(most: number): Promise<void> {
    if (this.#taken < most) this.#taken += 1;
    else await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
  }

  /** Something else may have ended it meanwhile. */
  #idleOne(): PackProcess | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) if (idle.isFree) return idle;
    return undefined;
  }

  #begin({ start }: Visible): PackProcess {
    if (this.#isClosed) throw new GantryError('interrupted', 'the layers of the image were given up');
    const process = start();
    this.#processes.add(process);
    return process;
  }

  #free(process: PackProcess | undefined): void {
    if (process?.isFree === true) this.#idle.push(process);
    else if (process !== undefined) {
      this.#processes.delete(process);
      void process.end();
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}

async function look({ code, layers, directory }: PackingParts, chains: readonly ChainId[]): Promise<Visible> {
  const metas = await Promise.all(chains.map(async (chain) => {
    const meta = await layers.meta(chain);
    if (meta === undefined) throw new GantryError('not-found', `no such layer: ${chain}`, { subject: `layer ${chain}` });
    return meta;
  }));
  const start = { directory, layers: chains.map((chain) => layers.diffPath(chain)), readsAttributes: metas.some(({ isFromFiles }) => isFromFiles === true) };
  return { metas, start: () => new PackProcess(code, start) };
}

async function pack({ layers }: PackingParts, process: PackProcess, { metas }: Visible, chain: ChainId, { descriptor, isChunked, progress }: GzipTarget): Promise<GzipResult> {
  const layer = metas.findIndex((meta) => meta.chain === chain);
  const meta = metas[layer];
  if (meta === undefined) throw new GantryError('internal', `the layer ${chain} is none of the image that is packed`);
  const { diffId, crc32 } = meta;
  const order: PackOrder = { layer, diffId, expected: crc32 === undefined ? { sha256: digestHex(diffId) } : { crc32 }, isChunked };
  if (meta.isFromFiles === true) return process.pack(order, [descriptor()], progress);
  const files: FileHandle[] = [];
  try {
    for (const name of ['recipe', 'replaced']) files.push(await open(join(layers.path(chain), name), 'r'));
    return await process.pack(order, [descriptor(), ...files.map(({ fd }) => fd)], progress);
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}
