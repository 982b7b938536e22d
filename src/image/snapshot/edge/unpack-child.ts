import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { GantryError } from '#base/error.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import type { LayerLimits } from '../port.ts';
import { RecipeEncoder } from '../recipe.ts';
import { CHILD_FD, reportResult } from './_child-result.ts';
import { inflate, input, type FilePart } from './_inflate.ts';
import { LayerWriter } from './_layer-writer.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';

/**
 * Started as a process of its own, for one layer: the tar comes on descriptor 0, files go into the directory, the recipe
 * goes to descriptor 4, replaced contents to 5, and the result as one line to 3. The confinement comes first.
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

await reportResult(async () => {
  const order = JSON.parse(process.argv[2]!) as UnpackOrder;
  const bytes = input(0, process.stdin, order.part);
  enterSandbox({
    directory: order.directory,
    writable: true,
    capabilities: [CAPABILITY.chown, CAPABILITY.dacOverride, CAPABILITY.fowner, CAPABILITY.fsetid, CAPABILITY.mknod, CAPABILITY.setfcap],
  });
  return unpack(bytes, order);
});

async function unpack(bytes: AsyncIterable<Buffer>, { limits, hashesInput }: UnpackOrder): Promise<Unpacked> {
  const writer = new LayerWriter(new RecipeEncoder(writeFrame), CHILD_FD.replaced, limits);
  const reader = new TarReader(writer);
  const hash = createHash('sha256');
  const inputHash = hashesInput ? createHash('sha256') : undefined;
  const inflated = await inflate(bytes, inputHash === undefined ? undefined : (chunk) => void inputHash.update(chunk));
  let tarBytes = 0;
  for await (const chunk of inflated.chunks) {
    tarBytes += chunk.length;
    if (tarBytes > limits.ratioFloorBytes && tarBytes > limits.ratio * inflated.readBytes()) {
      throw new GantryError('too-large', `the layer grows to more than ${limits.ratio} times its compressed size`);
    }
    hash.update(chunk);
    reader.push(chunk);
  }
  reader.end();
  writer.finish();
  await inflated.drained();
  return {
    sha256: hash.digest('hex'),
    tarBytes,
    readBytes: inflated.readBytes(),
    ...(inputHash === undefined ? {} : { inputSha256: inputHash.digest('hex') }),
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
