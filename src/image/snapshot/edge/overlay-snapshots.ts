import { open, type FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { tellingOfFullDisk } from '#base/full-disk.ts';
import type { Hasher } from '#base/hasher.ts';
import { chainId, type ChainId } from '#image/oci/chain-id.ts';
import { digestHex, digestOfHex } from '#image/oci/digest.ts';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import { LAYER_LIMITS, type CompressedLayer, type LayerCompression, type LayerInfo, type LayerPacking, type LayerPieces, type OverlayMount, type PrepareOptions, type SealedLayer, type SealRequest, type Snapshots, type UnpackRequest, type UnpackResult } from '../port.ts';
import { feed, LayerChild, lentOutputOf, outputOf } from './_layer-child.ts';
import { packLayer, SharedPacking, type PackingParts } from './_layer-packing.ts';
import { LayerStore, type LayerMeta } from './_layer-store.ts';
import { hashedOutput, zstdOutput } from './_hashed-output.ts';
import { SharedSync, syncFileSystem } from './_shared-sync.ts';
import { CHILD_BUNDLE, ChildCode } from './child-code.ts';
import { markOpaque } from './_opaque-marks.ts';
import { SnapshotStore } from './_snapshot-store.ts';
import { OverlayTreeWork } from './_overlay-tree-work.ts';
import type { UnpackOrder, Unpacked } from './unpack-child.ts';
import type { DiffOrder } from './diff-child.ts';
import type { ExportOrder } from './export-child.ts';

/** Snapshots as plain directories for overlay, below one root. Needs to run as root. */
export class OverlaySnapshots implements Snapshots {
  readonly #hasher: Hasher;
  readonly #layers: LayerStore;
  readonly #snapshots: SnapshotStore;

  readonly #code: ChildCode;
  /** Work on trees of files, over the same layers and snapshots. */
  readonly trees: OverlayTreeWork;
  readonly #sync: SharedSync;
  readonly #packing: PackingParts;

  private constructor(root: string, code: ChildCode, hasher: Hasher, layers: LayerStore, snapshots: SnapshotStore, trees: OverlayTreeWork) {
    this.#code = code;
    this.#packing = { code, layers, directory: join(root, 'work'), processors: availableParallelism() };
    this.#hasher = hasher;
    this.#layers = layers;
    this.#snapshots = snapshots;
    this.trees = trees;
    this.#sync = new SharedSync(() => syncFileSystem(layers.directory));
  }

  /**
   * Creates the directories, and removes what a process that ended in the middle has left. One process at a time.
   * `codeCache` is where Node keeps compiled code of the programs that work on layers; only root may write there.
   */
  static async open(root: string, hasher: Hasher, codeCache = join(root, 'code-cache'), bundle = CHILD_BUNDLE): Promise<OverlaySnapshots> {
    const code = ChildCode.open(codeCache, bundle);
    const layers = await LayerStore.open(join(root, 'layers'));
    const snapshots = await SnapshotStore.open(join(root, 'containers'), layers);
    return new OverlaySnapshots(root, code, hasher, layers, snapshots, await OverlayTreeWork.open(join(root, 'work'), code, { hasher, layers, snapshots }));
  }

  unpack(request: UnpackRequest): Promise<UnpackResult> {
    return tellingOfFullDisk('store the layer', () => this.#unpack(request));
  }

  async #unpack(request: UnpackRequest): Promise<UnpackResult> {
    const path = await this.#layers.begin();
    try {
      // Of an archive that is loaded, the copy that is read would go to disk as well.
      const unpacked = request.source.kind === 'file' ? await this.#runUnpack(path, request) : await this.#sync.during(() => this.#runUnpack(path, request));
      const meta = this.#describe(request, unpacked);
      markOpaque(join(path, 'diff'), unpacked.opaque.filter((directory) => directory !== '') as ByteString[]);
      await this.#layers.describe(path, meta);
      await request.beforeSync?.();
      // Everything of the layer at once, and of the others that end meanwhile.
      await this.#sync.run();
      const created = await this.#layers.appear(path, meta.chain);
      return { ...info(meta), readBytes: unpacked.readBytes, created };
    } catch (error) {
      this.#layers.removeTree(path);
      throw error;
    }
  }

  async layer(chain: ChainId): Promise<LayerInfo | undefined> {
    const meta = await this.#layers.meta(chain);
    return meta === undefined ? undefined : info(meta);
  }

  async has(chain: ChainId): Promise<boolean> {
    return await this.#layers.meta(chain) !== undefined;
  }

  remove(chain: ChainId): Promise<boolean> {
    return this.#layers.remove(chain);
  }

  removeAll(chains: readonly ChainId[]): Promise<void> {
    return this.#layers.removeAll(chains);
  }

  async list(): Promise<readonly LayerInfo[]> {
    return (await this.#layers.list()).map(info);
  }

  prepare(id: string, chain: readonly ChainId[], options?: PrepareOptions): Promise<OverlayMount> {
    return tellingOfFullDisk('make the file system of a container', () => this.#snapshots.prepare(id, chain, options));
  }

  prepared(id: string): Promise<OverlayMount | undefined> {
    return this.#snapshots.find(id);
  }

  directoriesOf(chain: readonly ChainId[]): readonly string[] {
    return this.#snapshots.lowerOf(chain);
  }

  listPrepared(): Promise<readonly string[]> {
    return this.#snapshots.list();
  }

  discard(id: string): Promise<boolean> {
    return this.#snapshots.discard(id);
  }

  async *diff(id: string): AsyncGenerator<Uint8Array> {
    const { upper } = await this.#snapshots.get(id);
    const order: DiffOrder = { directory: upper };
    yield* outputOf(new LayerChild('diff-child', order, { code: this.#code, stdin: 'ignore', stdout: 'pipe' }));
  }

  commit(id: string, parent: ChainId | undefined): Promise<UnpackResult> {
    return this.unpack({ source: { kind: 'stream', bytes: this.diff(id) }, ...(parent === undefined ? {} : { parent }) });
  }

  async seal(request: SealRequest, signal: AbortSignal): Promise<SealedLayer> {
    const layer = await this.trees.seal(request, signal);
    // Its files are the layer's. What is left is nothing that anybody waits for, and is swept where the power goes first.
    await this.#snapshots.drop(request.id);
    return layer;
  }

  async *exportLayer(chain: ChainId, pieces: LayerPieces = 'kept'): AsyncGenerator<Uint8Array> {
    if (pieces === 'lent') yield* lentOutputOf(await this.#export(chain, 'lent'));
    else yield* outputOf(await this.#export(chain, 'pipe'));
  }

  compressLayer(chain: ChainId, compression: LayerCompression = 'gzip'): CompressedLayer {
    if (compression === 'none') return hashedOutput(this.exportLayer(chain));
    if (compression === 'zstd') return hashedOutput(zstdOutput(this.exportLayer(chain)));
    return packLayer(this.#packing, chain);
  }

  packLayers(chains: readonly ChainId[], compression: LayerCompression = 'gzip'): LayerPacking {
    if (compression === 'gzip') return new SharedPacking(this.#packing, chains);
    return { pack: (chain, work) => work(this.compressLayer(chain, compression)), close: async () => undefined };
  }

  async #export(chain: ChainId, stdout: 'pipe' | 'lent'): Promise<LayerChild<null>> {
    const meta = await this.#layers.meta(chain);
    if (meta === undefined) throw new GantryError('not-found', `no such layer: ${chain}`, { subject: `layer ${chain}` });
    const path = this.#layers.path(chain);
    const { diffId, isFromFiles = false } = meta;
    const order: ExportOrder = { directory: join(path, 'diff'), diffId, sha256: digestHex(diffId), isFromFiles };
    const options = { code: this.#code, stdin: 'ignore', stdout } as const;
    if (isFromFiles) return new LayerChild('export-child', order, options);
    const recipe = await open(join(path, 'recipe'), 'r');
    const replaced = await open(join(path, 'replaced'), 'r').catch(closeAnd(recipe));
    try {
      return new LayerChild('export-child', order, { ...options, recipe: recipe.fd, replaced: replaced.fd });
    } finally {
      await Promise.all([recipe.close(), replaced.close()]);
    }
  }

  async usage(id: string): Promise<{ bytes: number }> {
    return { bytes: await this.#snapshots.usage(id) };
  }

  /** Until everything that was removed is gone from the disk. */
  settled(): Promise<void> {
    return this.#layers.settled();
  }

  async #runUnpack(path: string, request: UnpackRequest): Promise<Unpacked> {
    const { source } = request;
    const part = source.kind === 'file' && source.size !== undefined ? { part: { offset: source.offset ?? 0, size: source.size } } : {};
    const order: UnpackOrder = { directory: join(path, 'diff'), limits: request.limits ?? LAYER_LIMITS, hashesInput: request.digest !== undefined, ...part };
    const files: FileHandle[] = [];
    try {
      const create = async (name: string): Promise<number> => {
        files.push(await open(join(path, name), 'wx', 0o600));
        return files.at(-1)!.fd;
      };
      const options = { code: this.#code, stdout: 'ignore', recipe: await create('recipe'), replaced: await create('replaced') } as const;
      // A file is read by the child itself: its bytes need not come through here.
      const input = source.kind === 'file' ? await open(source.path, 'r') : undefined;
      if (input !== undefined) files.push(input);
      const child = new LayerChild<Unpacked>('unpack-child', order, input === undefined ? options : { ...options, stdin: input.fd });
      try {
        if (source.kind === 'stream') await feed(source.bytes, child.stdin);
        return await child.result;
      } finally {
        await child.kill();
      }
    } finally {
      await Promise.all(files.map((file) => file.close()));
    }
  }

  #describe({ parent, digest, diffId: expected }: UnpackRequest, unpacked: Unpacked): LayerMeta {
    if (digest !== undefined && unpacked.inputSha256 !== digestHex(digest)) {
      throw new GantryError('invalid', `filesystem layer verification failed for digest ${digest}: it hashes to sha256:${unpacked.inputSha256}`, { subject: `layer ${digest}` });
    }
    const diffId = digestOfHex(unpacked.sha256);
    if (expected !== undefined && expected !== diffId) {
      throw new GantryError('invalid', `the layer does not match the image: its tar hashes to ${diffId}, expected ${expected}`, { subject: `layer ${expected}` });
    }
    return {
      version: 1,
      chain: chainId(this.#hasher, parent, diffId),
      diffId,
      ...(parent === undefined ? {} : { parent }),
      tarBytes: unpacked.tarBytes,
      crc32: unpacked.crc32,
      contentBytes: unpacked.contentBytes,
      entries: unpacked.entries,
      hasRoot: unpacked.hasRoot,
      opaqueRoot: unpacked.opaque.includes(''),
    };
  }
}

function closeAnd(file: FileHandle): (error: unknown) => Promise<never> {
  return async (error) => {
    await file.close();
    throw error;
  };
}

function info({ chain, diffId, parent, tarBytes, contentBytes, entries }: LayerMeta): LayerInfo {
  return { chain, diffId, ...(parent === undefined ? {} : { parent }), tarBytes, contentBytes, entries };
}
