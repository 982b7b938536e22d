import { GantryError, isKind } from '#base/error.ts';
import type { Descriptor } from '#image/oci/descriptor.ts';
import { faultOf } from './error-body.ts';
import { readText } from './read-text.ts';
import type { RegistrySession, SessionRequest } from './session.ts';
import type { HttpResponse } from './transport.ts';

/** Called for each piece with the bytes that are there so far. */
export type BlobProgress = (current: number) => void;

const MAX_FAULT_BYTES = 16 << 10;

/**
 * Bytes of a blob, as many as its descriptor says: a body that is longer is refused as soon as it is (`invalid`). Where the
 * connection breaks, the rest is asked for by Range; who gives other bytes then is found out by the digest.
 */
export async function* readBlobBytes(
  session: RegistrySession,
  request: Pick<SessionRequest, 'target' | 'scopes' | 'lendsBody'>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  progress: BlobProgress,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let hasBegun = false;
  for (let attempt = 1; ; attempt += 1) {
    const before = at;
    try {
      const response = await session.send({ method: 'GET', ...request, headers: at === 0 ? {} : { Range: `bytes=${at}-` } });
      let skip = await startOf(response, at, session.endpoint.host);
      hasBegun = true;
      for await (const chunk of response.body) {
        const piece = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - piece.length;
        if (piece.length === 0) continue;
        at += piece.length;
        if (at > size) throw new GantryError('invalid', `the blob ${digest} is longer than the ${size} bytes that its manifest says`);
        progress(at);
        yield piece;
      }
      if (at === size) return;
      throw new GantryError('unavailable', `the blob ${digest} ended after ${at} bytes, expected ${size}`, { subject: session.endpoint.host });
    } catch (thrown) {
      // What refuses to begin was asked for again by the session.
      if (!hasBegun || !isKind(thrown, 'unavailable')) throw thrown;
      if (at > before) attempt = 1;
      if (!await session.pause(attempt)) throw thrown;
    }
  }
}

/** How many bytes of this answer are there already. */
async function startOf(response: HttpResponse, at: number, host: string): Promise<number> {
  if (response.status === 200) return at;
  if (response.status === 206) {
    const start = /^bytes (\d{1,15})-/.exec(response.header('content-range') ?? '')?.[1];
    if (start !== undefined && Number(start) <= at) return at - Number(start);
    response.discard();
    throw new GantryError('invalid', `the registry ${host} answers with another part of the blob than was asked for`);
  }
  throw faultOf(response.status, await readText(response, MAX_FAULT_BYTES).catch(() => ''), host);
}
