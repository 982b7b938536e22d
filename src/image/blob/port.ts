import type { Digest } from '#image/oci/digest.ts';

export interface BlobInfo {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface PutExpectation {
  readonly digest?: Digest;
  readonly size?: number;
  /** Upper bound where the size is not known. Default: none. */
  readonly maxSize?: number;
}

export interface ByteRange {
  readonly offset: number;
  /** Default: to the end. */
  readonly length?: number;
}

/**
 * Content-addressed bytes. What is there is whole and matches its digest when it was written. All of it is safe to call at
 * the same time, also for one digest.
 */
export interface BlobStore {
  /**
   * Stores the bytes when they have ended and are what was expected. Throws `invalid` for another digest or a size that is
   * too small or too large, and `too-large` beyond `maxSize`; nothing is kept then. Errors of the source pass through.
   */
  put(bytes: AsyncIterable<Uint8Array>, expected?: PutExpectation): Promise<BlobInfo>;
  /** Throws `not-found` when it is first read. */
  get(digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Undefined where it is not there. */
  stat(digest: Digest): Promise<BlobInfo | undefined>;
  /** When it was written or last touched, in milliseconds since the epoch; undefined where it is not there. */
  usedMs(digest: Digest): Promise<number | undefined>;
  /** From now on it counts as used just now. False where it is not there. */
  touch(digest: Digest): Promise<boolean>;
  /** True where it was there. */
  remove(digest: Digest): Promise<boolean>;
  /** In no order. */
  list(): AsyncIterable<BlobInfo>;
  /** The file of this host that has the bytes, for those who can pass a file on; undefined where there is none. */
  path(digest: Digest): string | undefined;
}
