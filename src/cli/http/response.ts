import { GantryError } from '#base/error.ts';
import type { ByteReader } from './byte-reader.ts';

export interface ResponseHead {
  readonly status: number;
  /** By lower-case name; a repeated header keeps its last value. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads status line and headers (RFC 9112, section 2). Interim answers (1xx but 101) are passed over. */
export async function readHead(reader: ByteReader): Promise<ResponseHead> {
  const statusLine = await reader.line();
  const status = Number(/^HTTP\/1\.[01] ([0-9]{3})/.exec(statusLine ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) {
    throw new GantryError('unavailable', statusLine === undefined ? 'the daemon closed the connection without an answer' : 'the daemon\'s answer is not HTTP', {
      hint: 'check that the address is that of a Docker Engine API',
    });
  }
  const headers: Record<string, string> = {};
  for (let line = await reader.line(); line !== undefined && line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  if (status >= 100 && status < 200 && status !== 101) return readHead(reader);
  return { status, headers };
}

/** The bytes of a body: chunked, of a known length, or up to the end of the connection. */
export async function* readBody(reader: ByteReader, head: ResponseHead): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.status === 204 || head.status === 304) return;
  if (head.headers['transfer-encoding']?.toLowerCase().includes('chunked') === true) {
    yield* readChunks(reader);
    return;
  }
  const length = head.headers['content-length'];
  let left = length === undefined ? Infinity : Number(length);
  while (left > 0) {
    const bytes = await reader.atMost(left);
    if (bytes === undefined && left === Infinity) return;
    if (bytes === undefined) throw cutShort();
    left -= bytes.length;
    yield bytes;
  }
}

async function* readChunks(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const size = Number.parseInt((await reader.line()) ?? '', 16);
    if (Number.isNaN(size)) throw cutShort();
    if (size === 0) return;
    let left = size;
    while (left > 0) {
      const bytes = await reader.atMost(left);
      if (bytes === undefined) throw cutShort();
      left -= bytes.length;
      yield bytes;
    }
    await reader.line();
  }
}

function cutShort(): GantryError {
  return new GantryError('unavailable', 'unexpected EOF: the daemon closed the connection in the middle of its answer');
}
