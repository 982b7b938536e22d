import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, constants, deflateRaw, deflateRawSync } from 'node:zlib';
import { ByteSink } from './_byte-sink.ts';
import { reportResult } from './_child-result.ts';
import { compressibleRuns } from './_compressible-runs.ts';

/**
 * Started as a process of its own: what comes on descriptor 0 goes out on 1 as gzip (RFC 1952), and its hash as the result.
 * Pieces are deflated by all threads at once and joined at byte boundaries (a sync flush), so that the result is one member
 * which every reader takes, and the same for the same input. What can't be compressed goes as it is.
 */
export interface GzipResult {
  readonly sha256: string;
  readonly size: number;
}

const PIECE_BYTES = 1 << 20;
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

void reportResult(async (): Promise<GzipResult> => {
  const hash = createHash('sha256');
  let size = 0;
  const sink = new ByteSink(1, (bytes) => {
    hash.update(bytes);
    size += bytes.length;
  });
  sink.put(HEADER);
  const [checksum, length] = await compress(sink);
  sink.put(END);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  sink.put(trailer);
  sink.flush();
  return { sha256: hash.digest('hex'), size };
});

/** Answers the checksum and the length of what came in. */
async function compress(sink: ByteSink): Promise<[checksum: number, length: number]> {
  let checksum = 0;
  let length = 0;
  let window: Uint8Array | undefined;
  let ahead = 0;
  const waiting: { readonly bytes: number; readonly write: () => void | Promise<void> }[] = [];
  const next = async (): Promise<void> => {
    const { bytes, write } = waiting.shift()!;
    await write();
    ahead -= bytes;
  };
  // As many as can be ahead, and the one that is read: fresh memory costs a fault for each of its pages.
  const buffers = Array.from({ length: AHEAD_BYTES / PIECE_BYTES + 2 }, () => Buffer.allocUnsafeSlow(PIECE_BYTES));
  for (let count = 0, piece = readPiece(buffers[0]!); piece.length > 0; count += 1, piece = readPiece(buffers[count % buffers.length]!)) {
    checksum = crc32(piece, checksum);
    length += piece.length;
    for (const { bytes, isCompressible } of compressibleRuns(piece)) {
      ahead += bytes.length;
      if (!isCompressible) waiting.push({ bytes: bytes.length, write: () => store(sink, bytes) });
      else {
        const options = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: Math.max(64, bytes.length), ...(window === undefined ? {} : { dictionary: window }) };
        const deflated = bytes.length <= SMALL_BYTES ? deflateRawSync(bytes, options) : deflate(bytes, options);
        waiting.push({ bytes: bytes.length, write: async () => sink.put(await deflated) });
      }
      window = isCompressible ? bytes.subarray(-WINDOW_BYTES) : undefined;
    }
    while (ahead > AHEAD_BYTES) await next();
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

/** Of equal length but for the last, however the bytes come, so that the same bytes give the same pieces. The threads go on while this one waits. */
function readPiece(piece: Buffer): Buffer {
  let filled = 0;
  while (filled < PIECE_BYTES) {
    const size = readSync(0, piece, filled, PIECE_BYTES - filled, null);
    if (size === 0) break;
    filled += size;
  }
  return piece.subarray(0, filled);
}
