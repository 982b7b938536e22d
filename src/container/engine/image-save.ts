import type { SavedMember } from '#image/oci/archive-save.ts';
import type { Digest } from '#image/oci/digest.ts';
import { endOfArchive, entryHeader, paddingAfter } from '#image/oci/tar/writer.ts';

/** The bytes of an archive, its layers made again one after the other. */
export async function* writeArchive(members: readonly SavedMember[], layer: (diffId: Digest) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const { entry, content } of members) {
    yield entryHeader(entry);
    if (content.kind === 'bytes') yield content.bytes;
    if (content.kind === 'layer') yield* layer(content.diffId);
    const padding = paddingAfter(entry.size);
    if (padding.length > 0) yield padding;
  }
  yield endOfArchive();
}
