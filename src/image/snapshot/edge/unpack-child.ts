import { writeSync } from 'node:fs';
import { crc32, zstdCompressSync } from 'node:zlib';
import { GantryError } from '#base/error.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import type { LayerLimits } from '../port.ts';
import { RecipeEncoder } from '../recipe.ts';
import { CHILD_FD, reportResult } from './_child-result.ts';
import { HEAD_BYTES, programFor, startProgram, type StartedProgram } from './decompressor.ts';
import { Gunzip, GZIP_MAGIC } from './_gunzip.ts';
import { inflate } from './_inflate.ts';
import { LayerWriter } from './_layer-writer.ts';
import { Received, type FilePart } from './_received.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';
import { Sha256 } from './_sha256.ts';

/**
 * Started as a process of its own, for one layer: the tar comes on descriptor 0, files go into the directory, the recipe
 * goes to descriptor 4, replaced contents to 5, and the result as one line to 3. The confinement comes first; before it nothing
 * but the first bytes is looked at, which say whether a program has to be started.
 */
export interface UnpackOrder {
  readonly directory: string;
  readonly limits: LayerLimits;
  /** Whether the bytes that come in are to be hashed too. */
  readonly hashesInput: boolean;
  /** Where in the file on descriptor 0 the tar is; all of it where it is absent. */
  readonly part?: FilePart;
}

export interface Unpacked {
  /** Hex of the SHA-256 of the uncompressed tar. */
  readonly sha256: string;
  /** Of the same. */
  readonly crc32: number;
  readonly tarBytes: number;
  readonly readBytes: number;
  /** Hex of the SHA-256 of what came in. */
  readonly inputSha256?: string;
  readonly contentBytes: number;
  readonly entries: number;
  readonly hasRoot: boolean;
  /** Real paths, one character a byte. Marking them takes CAP_SYS_ADMIN, which this process does not keep. */
  readonly opaque: readonly string[];
  readonly skippedXattrs: number;
}

/** Of what is decompressed elsewhere, or not at all. */
const CHUNK_BYTES = 256 << 10;

/** The tar in pieces, each good until the next is asked for, and the CRC-32 of all of them where it is known at the end. */
interface Uncompressed {
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly checksum?: () => number;
}

void reportResult(async () => {
  const order = JSON.parse(process.argv[2]!) as UnpackOrder;
  // This thread waits for the bytes: there is nothing else for it to do.
  const received = new Received(0, order.hashesInput, order.part);
  const head = received.head(HEAD_BYTES);
  const program = programFor(head);
  const started = program === undefined ? undefined : startProgram(program);
  enterSandbox({
    directory: order.directory,
    writable: true,
    capabilities: [CAPABILITY.chown, CAPABILITY.dacOverride, CAPABILITY.fowner, CAPABILITY.fsetid, CAPABILITY.mknod, CAPABILITY.setfcap],
  });
  return unpack(await uncompressed(head, received, started), received, order);
});

async function uncompressed(head: Buffer, received: Received, program: StartedProgram | undefined): Promise<Uncompressed> {
  if (GZIP_MAGIC.every((byte, at) => head[at] === byte)) {
    const gunzip = new Gunzip(head, (into) => received.read(into));
    return { pieces: gunzip.pieces(), checksum: () => gunzip.checksum };
  }
  const chunks = received.chunks(head, CHUNK_BYTES);
  return { pieces: await inflate(program === undefined ? chunks : program.through(chunks)) };
}

async function unpack({ pieces, checksum: known }: Uncompressed, received: Received, { limits }: UnpackOrder): Promise<Unpacked> {
  const writer = new LayerWriter(new RecipeEncoder(writeFrame), CHILD_FD.replaced, limits);
  const reader = new TarReader(writer);
  const hash = new Sha256();
  let tarBytes = 0;
  let checksum = 0;
  for await (const piece of pieces) {
    tarBytes += piece.length;
    if (tarBytes > limits.ratioFloorBytes && tarBytes > limits.ratio * received.bytes) {
      throw new GantryError('too-large', `the layer grows to more than ${limits.ratio} times its compressed size`);
    }
    hash.update(piece);
    if (known === undefined) checksum = crc32(piece, checksum);
    reader.push(piece);
  }
  reader.end();
  writer.finish();
  received.drain(Buffer.allocUnsafe(CHUNK_BYTES));
  const inputSha256 = received.sha256;
  return {
    sha256: hash.end(),
    crc32: known?.() ?? checksum,
    tarBytes,
    readBytes: received.bytes,
    ...(inputSha256 === undefined ? {} : { inputSha256 }),
    contentBytes: writer.contentBytes,
    entries: writer.entries,
    hasRoot: writer.hasRoot,
    opaque: [...writer.opaque],
    skippedXattrs: writer.skippedXattrs,
  };
}

/** Length of the frame in four bytes, then the frame. */
function writeFrame(frame: Uint8Array): void {
  const compressed = zstdCompressSync(frame);
  const whole = Buffer.concat([Buffer.alloc(4), compressed]);
  whole.writeUInt32LE(compressed.length, 0);
  for (let at = 0; at < whole.length;) at += writeSync(CHILD_FD.recipe, whole, at);
}
