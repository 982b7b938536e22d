import type { Digest } from '#image/oci/digest.ts';

/** Bytes of all documents together. */
const MAX_BYTES = 8 << 20;

/** Documents that were asked for lately. A digest stands for the same bytes for ever, so none of them gets old. */
export class RecentDocuments {
  readonly #documents = new Map<Digest, Uint8Array>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** As it is kept; else as it is read, and kept from then on. */
  async get(digest: Digest, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#documents.get(digest);
    const document = known ?? await read();
    this.#drop(digest);
    this.#documents.set(digest, document);
    this.#bytes += document.length;
    for (const oldest of this.#documents.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
    return document;
  }

  #drop(digest: Digest): void {
    this.#bytes -= this.#documents.get(digest)?.length ?? 0;
    this.#documents.delete(digest);
  }
}
