import { GantryError } from '#base/error.ts';
import type { Digest } from '#image/oci/digest.ts';
import type { BlobStore } from './port.ts';

/** The whole of a small blob: a manifest, a config. Throws `not-found`, and `too-large` beyond `maxBytes`. */
export async function readBlob(store: BlobStore, digest: Digest, maxBytes: number): Promise<Uint8Array> {
  const info = await store.stat(digest);
  if (info === undefined) throw new GantryError('not-found', `no such blob: ${digest}`, { subject: `blob ${digest}` });
  if (info.size > maxBytes) {
    throw new GantryError('too-large', `the blob ${digest} has ${info.size} bytes, more than ${maxBytes}`, { subject: `blob ${digest}` });
  }
  const whole = new Uint8Array(info.size);
  let at = 0;
  for await (const chunk of store.get(digest)) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
