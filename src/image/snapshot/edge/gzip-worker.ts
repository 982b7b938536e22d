import { createHash } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { promisify } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { crc32, constants, deflateRaw, deflateRawSync } from 'node:zlib';
import { messageOf } from '#base/error.ts';
import { ByteSink } from './_byte-sink.ts';
import { compressibleRuns } from './_compressible-runs.ts';
import { PIECE_BYTES, PieceRing } from './_piece-ring.ts';

/**
 * A thread of the process that exports a layer: the pieces of a ring go out on descriptor 1 as gzip (RFC 1952). They are
 * deflated by all threads of the pool at once and joined at byte boundaries (a sync flush), so that the result is one member
 * which every reader takes, and the same for the same input. What can't be compressed goes as it is.
 */
export interface GzipOrder {
  readonly memory: SharedArrayBuffer;
}

export interface GzipResult {
  /** Hex. */
  readonly sha256: string;
  readonly size: number;
}

/** What the thread says: that it has all it needs of the host's files, then how it ended. */
export type GzipMessage = 'ready' | { readonly done: GzipResult } | { readonly failed: string };

/** Distance that deflate looks back: the end of the piece before serves as dictionary, or each piece would start from nothing. */
const WINDOW_BYTES = 32 << 10;
/** Bytes of pieces that are not written yet. */
const AHEAD_BYTES = 4 * PIECE_BYTES;
/** Of programs: 2.4 times as fast as level 6 for a fifteenth more bytes. */
const LEVEL = 2;
/** No name, no time, unknown system: nothing that could differ. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block with fixed codes. */
const END = Buffer.from([0x03, 0x00]);
/** To hand it to another thread and back takes longer than to deflate so little. */
const SMALL_BYTES = 64 << 10;
const LONGEST_STORED = 0xffff;

const deflate = promisify(deflateRaw) as (bytes: Uint8Array, options: object) => Promise<Buffer>;

async function work(ring: PieceRing): Promise<GzipResult> {
  const hash = createHash('sha256');
  let size = 0;
  const sink = new ByteSink(1, (bytes) => {
    hash.update(bytes);
    size += bytes.length;
  });
  sink.put(HEADER);
  const [checksum, length] = await compress(ring, sink);
  sink.put(END);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  sink.put(trailer);
  sink.flush();
  return { sha256: hash.digest('hex'), size };
}

/** Answers the checksum and the length of what came in. */
async function compress(ring: PieceRing, sink: ByteSink): Promise<[checksum: number, length: number]> {
  let checksum = 0;
  let length = 0;
  let written = 0;
  let window: Uint8Array | undefined;
  const waiting: { readonly bytes: number; readonly write: () => void | Promise<void> }[] = [];
  const next = async (): Promise<void> => {
    const { bytes, write } = waiting.shift()!;
    await write();
    written += bytes;
    ring.free(Math.floor(written / PIECE_BYTES));
  };
  for (;;) {
    // Waiting for a piece stops this thread, and with it what others have ready for it.
    while (waiting.length > 0 && (!ring.hasNext || length - written > AHEAD_BYTES)) await next();
    const piece = ring.take();
    if (piece === undefined) break;
    checksum = crc32(piece, checksum);
    length += piece.length;
    const runs = compressibleRuns(piece);
    for (const { bytes, isCompressible } of runs) {
      if (!isCompressible) waiting.push({ bytes: bytes.length, write: () => store(sink, bytes) });
      else {
        const options = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: Math.max(64, bytes.length >> 1), ...(window === undefined ? {} : { dictionary: window }) };
        const deflated = bytes.length <= SMALL_BYTES ? deflateRawSync(bytes, options) : deflate(bytes, options);
        waiting.push({ bytes: bytes.length, write: async () => sink.put(await deflated) });
      }
      window = undefined;
    }
    const last = runs.at(-1);
    // A copy: the piece may be gone when the next one wants it.
    if (last?.isCompressible === true) window = Buffer.from(last.bytes.subarray(-WINDOW_BYTES));
  }
  while (waiting.length > 0) await next();
  return [checksum, length];
}

/** Stored blocks (RFC 1951, 3.2.4); what precedes ends at a byte boundary. */
function store(sink: ByteSink, bytes: Uint8Array): void {
  const head = Buffer.alloc(5);
  for (let at = 0; at < bytes.length; at += LONGEST_STORED) {
    const part = bytes.subarray(at, at + LONGEST_STORED);
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(part.length ^ 0xffff, 3);
    sink.put(head);
    sink.put(part);
  }
}

async function serve(ring: PieceRing): Promise<void> {
  // Else Node would write it when the thread ends, where there is no such file any more.
  flushCompileCache();
  const say = (message: GzipMessage): void => parentPort?.postMessage(message);
  say('ready');
  try {
    say({ done: await work(ring) });
  } catch (thrown) {
    // First, since the other thread may be waiting for room.
    ring.fail();
    say({ failed: messageOf(thrown) });
  }
}

void serve(new PieceRing((workerData as GzipOrder).memory));
