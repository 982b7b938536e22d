import type { SavedMember } from '#image/oci/archive-save.ts';
import type { Digest } from '#image/oci/digest.ts';
import { endOfArchive, entryHeader, paddingAfter } from '#image/oci/tar/writer.ts';

/**
 * The bytes of an archive, its layers made again one after the other; the next one begins while one is read. Pieces are lent
 * where those of the layers are.
 */
export async function* writeArchive(members: readonly SavedMember[], layer: (diffId: Digest) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const layers = members.flatMap(({ content }) => (content.kind === 'layer' ? [content.diffId] : []));
  let next = begin(layers.shift(), layer);
  try {
    for (const { entry, content } of members) {
      yield entryHeader(entry);
      if (content.kind === 'bytes') yield content.bytes;
      if (content.kind === 'layer' && next !== undefined) {
        const current = next;
        next = begin(layers.shift(), layer);
        yield* resumed(current);
      }
      const padding = paddingAfter(entry.size);
      if (padding.length > 0) yield padding;
    }
    yield endOfArchive();
  } finally {
    await next?.pieces.return?.();
  }
}

interface Begun {
  readonly pieces: AsyncIterator<Uint8Array>;
  readonly first: Promise<IteratorResult<Uint8Array>>;
}

/** A layer whose first piece is on its way. */
function begin(diffId: Digest | undefined, layer: (diffId: Digest) => AsyncIterable<Uint8Array>): Begun | undefined {
  if (diffId === undefined) return undefined;
  const pieces = layer(diffId)[Symbol.asyncIterator]();
  const first = pieces.next();
  // Told when it is its turn.
  first.catch(() => undefined);
  return { pieces, first };
}

async function* resumed({ pieces, first }: Begun): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = await first; piece.done !== true; piece = await pieces.next()) yield piece.value;
  } finally {
    await pieces.return?.();
  }
}
