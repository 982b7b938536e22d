import { fstatSync, readSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { GantryError, messageOf } from '#base/error.ts';

/** Large pieces: each one costs a turn of the event loop. */
const CHUNK_BYTES = 256 << 10;
/** Pieces that are inflated while earlier ones are written. */
const READ_AHEAD = 4;
/** 128 MiB, what zstd calls its limit without --long. */
const WINDOW_LOG = 27;
const MAGIC_BYTES = 4;

interface Format {
  readonly name: string;
  readonly magic: readonly number[];
  readonly open: () => Transform;
}

/** Loaded with the first compressed bytes: most children see none. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}

/** What Node has code for; for the others see `decompressor.ts`. */
const FORMATS: readonly Format[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], open: () => zlib().createGunzip({ chunkSize: CHUNK_BYTES, readableHighWaterMark: READ_AHEAD * CHUNK_BYTES } as object) },
  {
    name: 'zstd',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    open: () => zlib().createZstdDecompress({
      chunkSize: CHUNK_BYTES, readableHighWaterMark: READ_AHEAD * CHUNK_BYTES, params: { [zlib().constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
    } as object),
  },
];

/** What comes on a descriptor. A file needs no thread to wait for it. */
export function input(descriptor: number, stream: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return fstatSync(descriptor).isFile() ? fileChunks(descriptor) : stream;
}

async function* fileChunks(descriptor: number): AsyncGenerator<Buffer> {
  for (let at = 0; ;) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(descriptor, buffer, 0, buffer.length, at);
    if (length === 0) return;
    at += length;
    yield buffer.subarray(0, length);
  }
}

/** The uncompressed tar of what comes in, by its first bytes. */
export async function inflate(bytes: AsyncIterable<Buffer>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | undefined> => {
    const { value, done } = await iterator.next();
    return done === true ? undefined : value;
  };
  let head: Buffer = Buffer.alloc(0);
  while (head.length < MAGIC_BYTES) {
    const more = await next();
    if (more === undefined) break;
    head = Buffer.concat([head, more]);
  }
  const format = FORMATS.find(({ magic }) => magic.every((byte, at) => head[at] === byte));
  return format === undefined ? plain(head, next) : decompress(format.name, format.open(), head, next);
}

async function* plain(head: Buffer, next: () => Promise<Buffer | undefined>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
}

async function* decompress(name: string, stream: Transform, head: Buffer, next: () => Promise<Buffer | undefined>): AsyncGenerator<Uint8Array> {
  const feed = async (): Promise<void> => {
    for (let chunk: Buffer | undefined = head; chunk !== undefined; chunk = await next()) {
      // What follows the end of the compressed data is of no interest; nobody reads it any more.
      if (stream.destroyed || stream.readableEnded) return;
      if (!stream.write(chunk)) await drained(stream);
    }
    stream.end();
  };
  void feed().catch((error: unknown) => { stream.destroy(error as Error); });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof GantryError) throw cause;
    throw new GantryError('invalid', `the ${name} data of the layer is damaged or ends too early: ${messageOf(cause)}`, { cause });
  }
}

function drained(stream: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'end']) stream.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'end']) stream.on(event, done);
  });
}
