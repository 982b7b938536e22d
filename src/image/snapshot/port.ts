import type { Connection } from '#base/connection.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { Digest } from '#image/oci/digest.ts';
import type { TreeSelection } from './tree-work.ts';

/** Where a layer's tar comes from: plain, gzip or zstd, told apart by its first bytes. */
export type LayerSource =
  /** Pieces may be lent. */
  | { readonly kind: 'stream'; readonly bytes: AsyncIterable<Uint8Array> }
  /** A file of this host, or `size` bytes of it from `offset` on: a layer inside an archive. */
  | { readonly kind: 'file'; readonly path: string; readonly offset?: number; readonly size?: number };

/** Bounds for one layer. Beyond one of them the unpacking ends as `too-large`. */
export interface LayerLimits {
  readonly entries: number;
  /** Logical bytes of one file. */
  readonly fileBytes: number;
  /** Uncompressed bytes for each compressed one; counts only once `ratioFloorBytes` are exceeded. */
  readonly ratio: number;
  readonly ratioFloorBytes: number;
}

export const LAYER_LIMITS: LayerLimits = { entries: 2_000_000, fileBytes: 2 ** 40, ratio: 500, ratioFloorBytes: 2 ** 30 };

export interface UnpackRequest {
  readonly source: LayerSource;
  /** What the bytes must hash to as they come in, compressed; others are refused as `invalid`. */
  readonly digest?: Digest;
  /** The layer below. It need not be there yet: layers of one image can be unpacked at the same time. */
  readonly parent?: ChainId;
  /** What the config says that the uncompressed tar hashes to; another digest is refused as `invalid`. */
  readonly diffId?: Digest;
  readonly limits?: LayerLimits;
  /** Waited for when the files are there, before they are forced to disk and the layer appears. Where it rejects there is no layer. */
  readonly beforeSync?: () => Promise<void>;
}

/** One stored layer. */
export interface LayerInfo {
  readonly chain: ChainId;
  readonly diffId: Digest;
  readonly parent?: ChainId;
  /** Bytes of the uncompressed tar. */
  readonly tarBytes: number;
  /** Sum of the sizes of its files, which is what Docker calls the size of a layer. */
  readonly contentBytes: number;
  readonly entries: number;
}

export interface UnpackResult extends LayerInfo {
  /** Bytes that came in, compressed. */
  readonly readBytes: number;
  /** False: the layer was there already, and the new copy was dropped. */
  readonly created: boolean;
}

export interface SealRequest {
  readonly id: string;
  /** Lowest first: what the snapshot stands on. */
  readonly base: readonly ChainId[];
  /** Absolute paths at which something was mounted: what was made for that, and is empty, is no part of the layer. */
  readonly stubs: readonly string[];
  /**
   * Settles when the snapshot is mounted no more; what can be made ready before is made ready meanwhile, and nothing of it is read. Where it
   * rejects there is no layer.
   */
  readonly unmounted: Promise<void>;
  /** What others will read of the layer and all below it: see `SealedLayer.digests`. */
  readonly digests?: readonly (readonly TreeSelection[])[];
}

export interface SealedLayer extends UnpackResult {
  /** As `TreeWork.digest` has them, of what the request asked for, in its order; undefined where that could not be read. */
  readonly digests: readonly (string | undefined)[];
}

/**
 * `kept` pieces are the reader's. One that is `lent` is good until the next is asked for: all are in the same memory, which
 * spares the garbage collector as much work as all else takes.
 */
export type LayerPieces = 'kept' | 'lent';

export type LayerCompression = 'gzip' | 'zstd' | 'none';

/** A layer's tar on its way out, compressed. */
export interface CompressedLayer {
  /** Lent. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /**
   * Instead of `bytes`: sends the same to a connection without bringing them through this process, in the chunks of HTTP (RFC 9112, 7.1) but
   * for the last, which ends them. `progress` is told how many have gone; where it throws, that is what comes of it. Throws `unavailable`
   * where the connection breaks off. Not there where another process could not make them.
   */
  readonly sendChunks?: (connection: Connection, progress: (sent: number) => void, signal: AbortSignal) => Promise<void>;
  /** What they hash to and how many they are, once all have been read. */
  readonly result: Promise<{ readonly digest: Digest; readonly size: number }>;
}

/**
 * Layers of one image on their way out at the same time. As many processes compress them as the processors are worth, each one layer after the
 * other, and see the files of all of them.
 */
export interface LayerPacking {
  /** Does `work` with one of the layers once there is a process for it, which takes the next when this one has been compressed. Throws what `work` throws. */
  pack<T>(chain: ChainId, work: (layer: CompressedLayer) => Promise<T>): Promise<T>;
  /** Ends the processes, and what they are doing. */
  close(): Promise<void>;
}

/** What the host mounts. Paths are absolute. */
export interface OverlayMount {
  /** Top layer first; never empty. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  /** Empty directory to mount on. */
  readonly target: string;
  /** `diff` understands an upper directory that was written with these. */
  readonly options: readonly string[];
}

export interface PrepareOptions {
  /** With what Docker has in every container: an empty `/.dockerenv`, and `/etc/mtab` where the layers have none. No diff tells of them. */
  readonly asDocker?: boolean;
}

/**
 * Layered file systems. A layer becomes visible under its chain id only when it is complete and on disk. Nothing is mounted
 * here: `prepare` answers what to mount. Errors: `not-found` for layers and snapshots that are not there, `invalid` for bad
 * archives, `too-large` beyond a limit, `exhausted` for a full disk.
 */
export interface Snapshots {
  unpack(request: UnpackRequest): Promise<UnpackResult>;
  /** Undefined where there is no such layer. */
  layer(chain: ChainId): Promise<LayerInfo | undefined>;
  has(chain: ChainId): Promise<boolean>;
  /** True where it was there. The caller knows that no snapshot and no other layer stands on it. */
  remove(chain: ChainId): Promise<boolean>;
  /** The same for several at once, those of an image: with one sync. Their files go in the background. */
  removeAll(chains: readonly ChainId[]): Promise<void>;
  list(): Promise<readonly LayerInfo[]>;

  /** Where the layers of a chain, lowest first, have their files: top first. Throws `not-found` for one that is not there. */
  directoriesOf(chain: readonly ChainId[]): readonly string[];
  /** A writable file system over layers, lowest first. `conflict` where `id` is taken. */
  prepare(id: string, chain: readonly ChainId[], options?: PrepareOptions): Promise<OverlayMount>;
  /** What `prepare` answered; undefined where there is no such snapshot. */
  prepared(id: string): Promise<OverlayMount | undefined>;
  /** Ids of the snapshots that exist. */
  listPrepared(): Promise<readonly string[]>;
  /** True where it was there. It must not be mounted. */
  discard(id: string): Promise<boolean>;

  /** What was written above the layers, as a layer's tar, uncompressed. The same content gives the same bytes. */
  diff(id: string): AsyncIterable<Uint8Array>;
  /** The same, stored as a new layer above `parent`. */
  commit(id: string, parent: ChainId | undefined): Promise<UnpackResult>;
  /** What was written becomes a layer without being copied, and the snapshot is no more. */
  seal(request: SealRequest, signal: AbortSignal): Promise<SealedLayer>;
  /** The tar of a stored layer, byte for byte as it came in: it hashes to its diff id. */
  exportLayer(chain: ChainId, pieces?: LayerPieces): AsyncIterable<Uint8Array>;
  /** The same as gzip, unless something else is asked for. The same layer gives the same bytes, as long as the library stays the same. */
  compressLayer(chain: ChainId, compression?: LayerCompression): CompressedLayer;
  /** The same for layers of one image, several at once. */
  packLayers(chains: readonly ChainId[], compression?: LayerCompression): LayerPacking;

  /** Bytes of files: written above the layers by a snapshot. */
  usage(id: string): Promise<{ readonly bytes: number }>;
}
