import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import type { StagedArchive } from '#image/archive/port.ts';
import { planLoad } from '#image/oci/archive-load.ts';
import { formatPlatform, platformMatch, type Platform } from '#image/oci/platform.ts';
import type { LoadedImage } from '#image/oci/load-plan.ts';
import { familiarReference, parseReference } from '#image/oci/reference.ts';

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

/** Those of a platform that was asked for. Throws `not-found` where there is none: Docker loads nothing then, and says nothing. */
export function ofPlatform(images: readonly LoadedImage[], platform: Platform): readonly LoadedImage[] {
  const found = images.filter(({ config }) => platformMatch(platform, config) > 0);
  const [other] = images;
  if (found.length > 0 || other === undefined) return found;
  const what = other.tags[0] === undefined ? other.id : familiarReference(parseReference(other.tags[0]));
  throw new GantryError('not-found', `image with reference ${what} was found but its platform (${formatPlatform(other.config)}) does not match the specified platform (${formatPlatform(platform)})`);
}
