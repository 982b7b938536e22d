import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { chainHex, chainId, type ChainId } from '#image/oci/chain-id.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import { endOfArchive } from '#image/oci/tar/writer.ts';
import { classifyName } from '#image/oci/whiteout.ts';
import { LAYER_LIMITS, type CompressedLayer, type LayerInfo, type LayerPacking, type LayerPieces, type OverlayMount, type SealedLayer, type SealRequest, type Snapshots, type UnpackRequest, type UnpackResult } from './port.ts';

/**
 * Snapshots in memory, for tests and the simulator: layers are checked and kept as they came, which must be plain tars, and
 * nothing is ever written above them.
 */
export class FakeSnapshots implements Snapshots {
  readonly #hasher: Hasher;
  readonly #layers = new Map<ChainId, { readonly info: LayerInfo; readonly tar: Uint8Array }>();
  readonly #prepared = new Map<string, OverlayMount>();

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  async unpack({ source, parent, diffId: expected, limits = LAYER_LIMITS, beforeSync }: UnpackRequest): Promise<UnpackResult> {
    if (source.kind === 'file') throw new GantryError('unimplemented', 'the fake snapshots have no files to read layers from');
    const chunks: number[] = [];
    for await (const chunk of source.bytes) for (const byte of chunk) chunks.push(byte);
    const tar = Uint8Array.from(chunks);
    const { entries, contentBytes } = measure(tar, limits.entries);
    const diffId = digestOfHex(this.#hasher.sha256(tar));
    if (expected !== undefined && expected !== diffId) {
      throw new GantryError('invalid', `the layer does not match the image: its tar hashes to ${diffId}, expected ${expected}`, { subject: `layer ${expected}` });
    }
    const chain = chainId(this.#hasher, parent, diffId);
    const info = { chain, diffId, ...(parent === undefined ? {} : { parent }), tarBytes: tar.length, contentBytes, entries };
    await beforeSync?.();
    const created = !this.#layers.has(chain);
    if (created) this.#layers.set(chain, { info, tar });
    return { ...info, readBytes: tar.length, created };
  }

  async layer(chain: ChainId): Promise<LayerInfo | undefined> {
    return this.#layers.get(chain)?.info;
  }

  async has(chain: ChainId): Promise<boolean> {
    return this.#layers.has(chain);
  }

  async remove(chain: ChainId): Promise<boolean> {
    return this.#layers.delete(chain);
  }

  async removeAll(chains: readonly ChainId[]): Promise<void> {
    for (const chain of chains) this.#layers.delete(chain);
  }

  async list(): Promise<readonly LayerInfo[]> {
    return [...this.#layers.values()].map(({ info }) => info);
  }

  async prepare(id: string, chain: readonly ChainId[]): Promise<OverlayMount> {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(id)) throw new GantryError('invalid', `${JSON.stringify(id)} cannot name a snapshot`);
    if (this.#prepared.has(id)) throw new GantryError('conflict', `there is a snapshot ${id} already`, { subject: `snapshot ${id}` });
    for (const layer of chain) this.#get(layer);
    const lower = chain.length === 0 ? ['/fake/empty'] : chain.map((layer) => `/fake/layers/${chainHex(layer)}/diff`).reverse();
    const path = `/fake/containers/${id}`;
    const mount = { lower, upper: `${path}/upper`, work: `${path}/work`, target: `${path}/merged`, options: [] };
    this.#prepared.set(id, mount);
    return mount;
  }

  async prepared(id: string): Promise<OverlayMount | undefined> {
    return this.#prepared.get(id);
  }

  directoriesOf(chain: readonly ChainId[]): readonly string[] {
    return chain.map((id) => `/layers/${id}`);
  }

  async listPrepared(): Promise<readonly string[]> {
    return [...this.#prepared.keys()];
  }

  async discard(id: string): Promise<boolean> {
    return this.#prepared.delete(id);
  }

  async *diff(id: string): AsyncGenerator<Uint8Array> {
    this.#requirePrepared(id);
    yield endOfArchive();
  }

  async commit(id: string, parent: ChainId | undefined): Promise<UnpackResult> {
    return this.unpack({ source: { kind: 'stream', bytes: this.diff(id) }, ...(parent === undefined ? {} : { parent }) });
  }

  async seal({ id, base, unmounted }: SealRequest): Promise<SealedLayer> {
    await unmounted;
    const layer = await this.commit(id, base.at(-1));
    this.#prepared.delete(id);
    return { ...layer, digests: [] };
  }

  async *exportLayer(chain: ChainId, pieces: LayerPieces = 'kept'): AsyncGenerator<Uint8Array> {
    const { tar } = this.#get(chain);
    yield* pieces === 'lent' ? lend(tar) : [tar.slice()];
  }

  /** Stored blocks only: what matters is that they are other bytes with a digest of their own. */
  compressLayer(chain: ChainId): CompressedLayer {
    const { tar } = this.#get(chain);
    const bytes = new Uint8Array(tar.length + 1);
    bytes.set(tar, 1);
    const result = { digest: digestOfHex(this.#hasher.sha256(bytes)), size: bytes.length };
    return { bytes: lend(bytes), result: Promise.resolve(result) };
  }

  packLayers(): LayerPacking {
    return { pack: (chain, work) => work(this.compressLayer(chain)), close: async () => undefined };
  }

  async usage(id: string): Promise<{ bytes: number }> {
    this.#requirePrepared(id);
    return { bytes: 0 };
  }

  #get(chain: ChainId): { readonly info: LayerInfo; readonly tar: Uint8Array } {
    const layer = this.#layers.get(chain);
    if (layer === undefined) throw new GantryError('not-found', `no such layer: ${chain}`, { subject: `layer ${chain}` });
    return layer;
  }

  #requirePrepared(id: string): void {
    if (!this.#prepared.has(id)) throw new GantryError('not-found', `no such snapshot: ${id}`, { subject: `snapshot ${id}` });
  }
}

/** In two pieces, the first of which is gone when the second comes. */
async function* lend(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const half = bytes.length >> 1;
  for (const piece of [bytes.slice(0, half), bytes.slice(half)]) {
    yield piece;
    piece.fill(0xee);
  }
}

function measure(tar: Uint8Array, maxEntries: number): { entries: number; contentBytes: number } {
  let entries = 0;
  let contentBytes = 0;
  const reader = new TarReader({
    raw: () => undefined,
    entry: (entry) => {
      classifyName(entry.name);
      entries += 1;
      if (entries > maxEntries) throw new GantryError('too-large', `the layer has more than ${maxEntries} entries`, { subject: 'the layer' });
      contentBytes += entry.size;
    },
    data: () => undefined,
    entryEnd: () => undefined,
  });
  reader.push(tar);
  reader.end();
  return { entries, contentBytes };
}
