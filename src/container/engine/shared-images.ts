import type { Image } from '#container/model/image.ts';
import type { ByteRange } from '#image/blob/port.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import { digestOfHex, isDigest, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { parseReference } from '#image/oci/reference.ts';
import type { Names, Page, Referrer, RegistryContent, StoredManifest } from '#image/registry/server/content.ts';
import type { ImageTable } from './image-table.ts';
import type { EnginePorts } from './ports.ts';

const utf8 = new TextEncoder();

/**
 * The engine's images as a registry for its neighbours, who pull without anybody having pushed. Layers go out as they are
 * unpacked here, uncompressed: their digest is the diff id, and nothing is computed twice. `docker.io/library/nginx` is the
 * repository `library/nginx`; what comes from another registry keeps its host in front: `ghcr.io/org/app`.
 */
export class SharedImages implements RegistryContent {
  readonly #table: ImageTable;
  readonly #ports: Pick<EnginePorts, 'snapshots' | 'hasher'>;

  constructor(table: ImageTable, ports: Pick<EnginePorts, 'snapshots' | 'hasher'>) {
    this.#table = table;
    this.#ports = ports;
  }

  async manifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    for (const { image, tag } of this.#named(repository)) {
      if (!isDigest(reference) && tag !== reference) continue;
      const manifest = this.#manifestOf(image);
      if (tag === reference || manifest.digest === reference) return manifest;
    }
    return undefined;
  }

  async blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    const found = this.#find(repository, digest);
    return found === undefined ? undefined : found.kind === 'config' ? found.bytes.length : found.size;
  }

  async *blob(repository: string, digest: Digest, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const found = this.#find(repository, digest);
    if (found === undefined) return;
    const source = found.kind === 'config' ? [found.bytes] : this.#ports.snapshots.exportLayer(found.chain);
    let skip = range?.offset ?? 0;
    let left = range?.length ?? Infinity;
    for await (const chunk of source) {
      const piece = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - piece.length;
      if (piece.length > 0) yield piece.subarray(0, Math.min(left, piece.length));
      left -= piece.length;
      if (left <= 0) return;
    }
  }

  async hasRepository(repository: string): Promise<boolean> {
    return this.#named(repository).length > 0;
  }

  async tags(repository: string, page: Page): Promise<Names> {
    return pageOf(this.#named(repository).map(({ tag }) => tag), page);
  }

  async repositories(page: Page): Promise<Names> {
    return pageOf(this.#table.list().flatMap(({ tags }) => tags.map(repositoryOf)), page);
  }

  async referrers(): Promise<readonly Referrer[]> {
    return [];
  }

  #named(repository: string): { readonly image: Image; readonly tag: string }[] {
    return this.#table.list().flatMap((image) => image.tags.filter((tag) => repositoryOf(tag) === repository).map((tag) => ({ image, tag: parseReference(tag).tag ?? '' })));
  }

  #find(repository: string, digest: Digest): { readonly kind: 'config'; readonly bytes: Uint8Array } | { readonly kind: 'layer'; readonly chain: ChainId; readonly size: number } | undefined {
    for (const { image } of this.#named(repository)) {
      if (image.id as string === digest) return { kind: 'config', bytes: utf8.encode(image.configJson) };
      const index = image.diffIds.indexOf(digest);
      if (index >= 0) return { kind: 'layer', chain: image.chainIds[index] as ChainId, size: image.layerTarSizes[index] ?? 0 };
    }
    return undefined;
  }

  #manifestOf(image: Image): StoredManifest {
    const config = { mediaType: MEDIA_TYPE.ociConfig, digest: image.id, size: utf8.encode(image.configJson).length };
    const layers = image.diffIds.map((digest, index) => ({ mediaType: MEDIA_TYPE.ociLayer, digest, size: image.layerTarSizes[index] ?? 0 }));
    const bytes = utf8.encode(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers }));
    return { bytes, digest: digestOfHex(this.#ports.hasher.sha256(bytes)), mediaType: MEDIA_TYPE.ociManifest };
  }
}

/** A port's colon can't stand in the name of a repository. */
function repositoryOf(tag: string): string {
  const { domain, path } = parseReference(tag);
  return domain === 'docker.io' ? path : `${domain.replace(':', '-').toLowerCase()}/${path}`;
}

function pageOf(all: readonly string[], { last, limit }: Page): Names {
  const names = [...new Set(all)].sort().filter((name) => name > last);
  return { names: names.slice(0, limit), more: names.length > limit && limit > 0 };
}
