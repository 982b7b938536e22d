import { GantryError } from '#base/error.ts';
import type { Arrival } from '../tree-work.ts';
import type { ArrivalAnswer } from './_arrivals.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** Digests that a child takes of arriving files while it reads them, for those who write these. */
export class ToldDigests {
  readonly #files: readonly { readonly arrival: Arrival; readonly index: number }[];
  readonly #open = new Map<number, PromiseWithResolvers<string>>();

  /** @param arrivals in the order in which the child counts their files */
  constructor(arrivals: readonly Arrival[]) {
    this.#files = arrivals.flatMap((arrival) => arrival.files.map((_, index) => ({ arrival, index })));
  }

  told({ index, sha256 }: ArrivalAnswer): void {
    const file = this.#files[index];
    if (file === undefined) return;
    const open = this.#open.get(index);
    if (sha256 === undefined && open === undefined) {
      const digest = Promise.withResolvers<string>();
      digest.promise.catch(() => undefined);
      this.#open.set(index, digest);
      file.arrival.digest(file.index, digest.promise);
    } else if (sha256 !== undefined && SHA256.test(sha256)) open?.resolve(sha256);
  }

  /** Nothing more will be told. */
  end(): void {
    for (const { reject } of this.#open.values()) reject(new GantryError('interrupted', 'the layer was given up'));
  }
}
