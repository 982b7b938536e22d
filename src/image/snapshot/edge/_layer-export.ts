import { closeSync, constants, openSync, readSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { GantryError } from '#base/error.ts';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import type { Segment } from '#image/oci/tar/entry.ts';
import { decodeFrame, readVarint } from '../recipe.ts';
import type { ByteSink, Steps } from './_byte-sink.ts';
import { nodePath } from './_layer-tree.ts';

/** A frame is a megabyte, and a little more. */
const MAX_FRAME_BYTES = 64 << 20;

/** Descriptors of what a layer has beside its files. */
export interface LayerRecipe {
  readonly recipe: number;
  readonly replaced: number;
}

/** Writes the tar of the layer that this process is in. */
export class LayerExport {
  readonly #sink: ByteSink;
  readonly #from: LayerRecipe;
  readonly #replaced: ReadonlyMap<number, Segment>;
  #contents = 0;

  constructor(sink: ByteSink, from: LayerRecipe) {
    this.#sink = sink;
    this.#from = from;
    this.#replaced = indexReplaced(from.replaced);
  }

  *steps(): Steps {
    const { recipe } = this.#from;
    for (let frame = readFrame(recipe); frame !== undefined; frame = readFrame(recipe)) {
      for (const record of decodeFrame(frame)) {
        if (record.kind === 'verbatim') this.#sink.put(record.bytes);
        else yield* this.#content(record.path, record.segments);
      }
    }
    this.#sink.flush();
  }

  *#content(path: ByteString, segments: readonly Segment[]): Steps {
    const kept = this.#replaced.get(this.#contents);
    this.#contents += 1;
    if (kept !== undefined) {
      yield* this.#copy(this.#from.replaced, kept);
      return;
    }
    const descriptor = openSync(nodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      for (const segment of segments) yield* this.#copy(descriptor, segment);
    } finally {
      closeSync(descriptor);
    }
  }

  *#copy(descriptor: number, { offset, length }: Segment): Steps {
    let at = offset;
    const missing = yield* this.#sink.copySteps((into) => {
      const size = readSync(descriptor, into, 0, into.length, at);
      at += size;
      return size;
    }, length);
    if (missing > 0) throw new GantryError('internal', 'a file of the layer is shorter than it was', { hint: 'Remove the image and pull it again.' });
  }
}

function readFrame(recipe: number): Uint8Array | undefined {
  const head = Buffer.alloc(4);
  const size = readFully(recipe, head, null);
  if (size === 0) return undefined;
  const length = head.readUInt32LE(0);
  if (size < 4 || length > MAX_FRAME_BYTES) throw damaged();
  const frame = Buffer.alloc(length);
  if (readFully(recipe, frame, null) < length) throw damaged();
  return zstdDecompressSync(frame);
}

/** Where each replaced content lies: number, length, bytes, one after the other. */
function indexReplaced(replaced: number): ReadonlyMap<number, Segment> {
  const index = new Map<number, Segment>();
  const head = Buffer.alloc(16);
  for (let at = 0; ;) {
    const size = readFully(replaced, head, at);
    if (size === 0) return index;
    const [number, afterNumber] = readVarint(head.subarray(0, size), 0);
    const [length, afterLength] = readVarint(head.subarray(0, size), afterNumber);
    index.set(number, { offset: at + afterLength, length });
    at += afterLength + length;
  }
}

function readFully(descriptor: number, into: Buffer, position: number | null): number {
  let at = 0;
  while (at < into.length) {
    const size = readSync(descriptor, into, at, into.length - at, position === null ? null : position + at);
    if (size === 0) break;
    at += size;
  }
  return at;
}

function damaged(): GantryError {
  return new GantryError('internal', 'the recipe of a layer is damaged', { hint: 'Remove the image and pull it again.' });
}
