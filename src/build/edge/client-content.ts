import { GantryError, isKind } from '#base/error.ts';
import { concatBytes } from '#base/bytes.ts';
import { CONTENT_INFO_RESPONSE, INFO_REQUEST, READ_CONTENT_REQUEST, READ_CONTENT_RESPONSE, WRITE_ACTION, WRITE_CONTENT_REQUEST, WRITE_CONTENT_RESPONSE } from '../wire/content.ts';
import type { GrpcClient, Metadata } from './grpc/client.ts';

const SERVICE = '/containerd.services.content.v1.Content';
const PIECE_BYTES = 1 << 20;

/** A directory of the client that is an OCI layout: blobs by digest. It checks what it takes, we check what we read. */
export class ClientContent {
  readonly #client: GrpcClient;
  readonly #metadata: Metadata;

  /** @param store as the client calls it: `local:DIRECTORY` */
  constructor(client: GrpcClient, store: string) {
    this.#client = client;
    this.#metadata = { 'buildkit-attachable-store-id': store };
  }

  async has(digest: string): Promise<boolean> {
    try {
      await this.#client.unary(`${SERVICE}/Info`, INFO_REQUEST, CONTENT_INFO_RESPONSE, { digest }, this.#metadata);
      return true;
    } catch (thrown) {
      if (isKind(thrown, 'not-found')) return false;
      throw thrown;
    }
  }

  /** The bytes as they come, which are not checked. Throws `not-found`. */
  async *read(digest: string): AsyncGenerator<Uint8Array> {
    const call = this.#client.call(`${SERVICE}/Read`, READ_CONTENT_REQUEST, READ_CONTENT_RESPONSE, this.#metadata);
    try {
      await call.send({ digest });
      call.end();
      for await (const { data } of call.messages) yield data;
    } finally {
      call.cancel();
    }
  }

  /** A small blob as a whole. `too-large` beyond the limit. */
  async readAll(digest: string, maxBytes: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of this.read(digest)) {
      size += piece.length;
      if (size > maxBytes) throw new GantryError('too-large', `${digest} has more than ${maxBytes} bytes`);
      pieces.push(piece);
    }
    return concatBytes(pieces);
  }

  /** Nothing is sent of what is there already. */
  async write(digest: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    if (await this.has(digest)) return;
    const call = this.#client.call(`${SERVICE}/Write`, WRITE_CONTENT_REQUEST, WRITE_CONTENT_RESPONSE, this.#metadata);
    const answers = call.messages[Symbol.asyncIterator]();
    const ask = async (request: { readonly action: number; readonly offset?: number; readonly data?: Uint8Array }): Promise<void> => {
      await call.send({ ref: digest, total: size, expected: digest, ...request });
      if ((await answers.next()).done === true) throw new GantryError('interrupted', `the client ended the transfer of ${digest}`);
    };
    try {
      await ask({ action: WRITE_ACTION.stat });
      let offset = 0;
      for await (const chunk of bytes) {
        for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
          const data = chunk.subarray(at, at + PIECE_BYTES);
          await ask({ action: WRITE_ACTION.write, offset, data });
          offset += data.length;
        }
      }
      await ask({ action: WRITE_ACTION.commit, offset });
      call.end();
    } finally {
      call.cancel();
    }
  }
}
