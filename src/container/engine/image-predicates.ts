import type { Json } from '#base/json.ts';
import type { ImageId } from '#container/model/ids.ts';
import type { Image } from '#container/model/image.ts';
import { readBlob } from '#image/blob/read-blob.ts';
import { savedManifest } from '#image/oci/archive-save.ts';
import { attest, type AttestedImage, type Predicate } from '#image/oci/attestation.ts';
import type { Digest } from '#image/oci/digest.ts';
import { parseImageConfig } from '#image/oci/image-config.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { ImageTable } from './image-table.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { EnginePorts } from './ports.ts';

const MAX_PREDICATE_BYTES = 256 << 20;

interface PredicateParts {
  readonly table: ImageTable;
  readonly lock: KeyedLock;
  readonly ports: Pick<EnginePorts, 'documents' | 'hasher'>;
}

/** What builds say about images, kept as documents: statements are made of it where the image goes, since they name its manifest. */
export class ImagePredicates {
  readonly #parts: PredicateParts;

  constructor(parts: PredicateParts) {
    this.#parts = parts;
  }

  /** In place of what was said before. */
  async set(id: ImageId, predicates: readonly Predicate[]): Promise<void> {
    const { table, lock, ports } = this.#parts;
    if (predicates.length === 0 && (table.get(id)?.predicates ?? []).length === 0) return;
    const stored: { readonly type: string; readonly digest: Digest }[] = [];
    for (const { type, value } of predicates) {
      const bytes = new TextEncoder().encode(JSON.stringify(value));
      stored.push({ type, digest: (await ports.documents.put((async function* () { yield bytes; })())).digest });
    }
    await lock.run('images', async () => {
      const image = table.get(id);
      if (image === undefined) return;
      const before = (image.predicates ?? []).map(({ digest }) => digest);
      const content = new Set((image.content ?? []).filter((digest) => !before.includes(digest)));
      for (const { digest } of stored) content.add(digest);
      const saved = savedManifest(savedOf(image), ports.hasher).manifest;
      const { manifest } = attest(attestedOf(image, { ...saved, size: saved.bytes.length }, predicates), ports.hasher);
      const { attestations: _before, ...rest } = image;
      await table.put({
        ...rest, predicates: stored, content: [...content],
        ...(predicates.length === 0 ? {} : { attestations: [{ digest: manifest.digest, predicateTypes: predicates.map(({ type }) => type) }] }),
      });
      const others = new Set(table.list().flatMap((other) => other.content ?? []));
      for (const digest of before) if (!others.has(digest)) await ports.documents.remove(digest as Digest);
    });
  }

  async of(image: Image): Promise<readonly Predicate[]> {
    const found: Predicate[] = [];
    for (const { type, digest } of image.predicates ?? []) {
      found.push({ type, value: JSON.parse(new TextDecoder().decode(await readBlob(this.#parts.ports.documents, digest as Digest, MAX_PREDICATE_BYTES))) as Json });
    }
    return found;
  }
}

/** What an archive has of an image. */
export function savedOf(image: Image): Parameters<typeof savedManifest>[0] {
  return { configBytes: new TextEncoder().encode(image.configJson), layers: image.diffIds.map((diffId, index) => ({ diffId: diffId as Digest, size: image.layerTarSizes[index] ?? 0 })) };
}

export function platformOf({ configJson }: Image): Platform {
  const { os, architecture, variant } = parseImageConfig(configJson);
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** @param names absent: those that the image has */
export function attestedOf(image: Image, manifest: AttestedImage['manifest'], predicates: readonly Predicate[], names: readonly string[] = image.tags): AttestedImage {
  const { digest, size, mediaType } = manifest;
  return { manifest: { digest, size, mediaType }, platform: platformOf(image), names, predicates };
}
