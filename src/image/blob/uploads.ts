import type { Digest } from '#image/oci/digest.ts';
import type { BlobInfo, PutExpectation } from './port.ts';

/** Blobs that come in parts, each by a request of its own. They outlive the process. */
export interface Uploads {
  /** Answers the id of a new, empty one. */
  begin(): Promise<string>;
  /** Bytes that are there; undefined where there is no such upload. */
  size(id: string): Promise<number | undefined>;
  /**
   * Adds bytes at the end and answers the size then. Their memory is given back: nobody else may look at it. What came before the source failed stays. Throws `not-found`, `conflict`
   * where another part of it is being written, `too-large` beyond `maxSize`.
   */
  append(id: string, bytes: AsyncIterable<Uint8Array>, expected?: Pick<PutExpectation, 'maxSize'>): Promise<number>;
  /** It becomes a blob. Throws `not-found`, and `invalid` where its bytes hash to something else; it stays then. */
  commit(id: string, digest: Digest): Promise<BlobInfo>;
  /** True where it was there. */
  cancel(id: string): Promise<boolean>;
  /** Ids of uploads that nothing was added to since. */
  idleSince(timeMs: number): Promise<readonly string[]>;
}
