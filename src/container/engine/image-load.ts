import type { Hasher } from '#base/hasher.ts';
import type { StagedArchive } from '#image/archive/port.ts';
import { planLoad } from '#image/oci/archive-load.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { LoadedImage } from '#image/oci/load-plan.ts';

const DOCUMENT_BYTES = 8 << 20;

/** Reads the archive's documents as the plan asks for them, until it is complete. */
export async function planArchive(archive: StagedArchive, hasher: Hasher, platform: Platform): Promise<readonly LoadedImage[]> {
  const documents = new Map<string, Uint8Array>();
  for (;;) {
    const plan = planLoad({ members: archive.members, documents, hasher, platform });
    if (plan.kind === 'plan') return plan.images;
    for (const name of plan.documents) documents.set(name, await archive.read(name, DOCUMENT_BYTES));
  }
}
