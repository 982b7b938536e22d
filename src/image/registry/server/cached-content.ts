import { isKind } from '#base/error.ts';
import type { Clock } from '#base/clock.ts';
import type { BlobStore, ByteRange } from '#image/blob/port.ts';
import { isDigest, type Digest } from '#image/oci/digest.ts';
import { parseImageDocument } from '#image/oci/image-document.ts';
import { parseReference, type Reference } from '#image/oci/reference.ts';
import type { Credentials } from '../credentials.ts';
import type { Registries } from '../registries.ts';
import type { RepositoryClient } from '../repository-client.ts';
import type { Names, Page, Referrer, RegistryContent, StoredManifest } from './content.ts';
import { linksOf } from './pushed-manifest.ts';
import type { StoredContent } from './stored-content.ts';

/** For so long a tag is taken to stand for what it stood for. */
const FRESH_MS = 60_000;
const MAX_REMEMBERED = 10_000;

export interface CachedParts {
  readonly local: StoredContent;
  readonly blobs: BlobStore;
  readonly registries: Registries;
  /** Registry that is asked, as it stands in image names: `docker.io`. */
  readonly upstream: string;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Something came in. */
  readonly fetched?: () => void;
}

/**
 * Another registry, pulled through: what was asked for once is here from then on, and is served also while the other one is
 * down. Tags are looked up there again after a minute; digests never. Only for reading.
 */
export class CachedContent implements RegistryContent {
  readonly #parts: CachedParts;
  /** When a tag was last looked up, on the monotonic clock. */
  readonly #looked = new Map<string, number>();
  readonly #fetches = new Map<string, Promise<void>>();

  constructor(parts: CachedParts) {
    this.#parts = parts;
  }

  async manifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const { local, clock } = this.#parts;
    const known = await this.#known(repository, reference);
    const key = `${repository}:${reference}`;
    const isFresh = known !== undefined && (isDigest(reference) || clock.monotonicMs() - (this.#looked.get(key) ?? -Infinity) < FRESH_MS);
    if (isFresh) return known;
    try {
      const client = this.#client(repository);
      const info = await client.head(reference);
      if (info === undefined) return undefined;
      if (this.#looked.size > MAX_REMEMBERED) this.#looked.clear();
      this.#looked.set(key, clock.monotonicMs());
      if (known?.digest === info.digest) return known;
      const fetched = await client.manifest(info.digest, info);
      await local.putManifest(repository, fetched, isDigest(reference) ? undefined : reference, linksOf(parseImageDocument(new TextDecoder().decode(fetched.bytes), fetched.mediaType)));
      return fetched;
    } catch (thrown) {
      if (known !== undefined && isKind(thrown, 'unavailable')) return known;
      throw thrown;
    }
  }

  async blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    const { local, blobs } = this.#parts;
    const known = await local.blobSize(repository, digest);
    if (known !== undefined) return known;
    const size = await this.#sizeOf(repository, digest);
    if (size === undefined) return undefined;
    await this.#fetch(repository, digest, size);
    return (await blobs.stat(digest))?.size;
  }

  blob(repository: string, digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array> {
    return this.#parts.local.blob(repository, digest, range);
  }

  async hasRepository(repository: string): Promise<boolean> {
    return await this.#parts.local.hasRepository(repository) || (await this.tags(repository, { last: '', limit: 1 })).names.length > 0;
  }

  /** The other registry's; while it is down, those that were pulled. */
  async tags(repository: string, { last, limit }: Page): Promise<Names> {
    try {
      const names = (await this.#client(repository).tags()).sort().filter((tag) => tag > last);
      return { names: names.slice(0, limit), more: names.length > limit };
    } catch (thrown) {
      if (isKind(thrown, 'not-found')) return { names: [], more: false };
      return this.#parts.local.tags(repository, { last, limit });
    }
  }

  repositories(page: Page): Promise<Names> {
    return this.#parts.local.repositories(page);
  }

  async referrers(repository: string, subject: Digest): Promise<readonly Referrer[]> {
    const text = await this.#client(repository).referrers(subject).catch(() => undefined);
    if (text === undefined) return this.#parts.local.referrers(repository, subject);
    const document = parseImageDocument(text);
    return document.kind === 'index' ? document.index.manifests : [];
  }

  /** It counts as used from now on. */
  async #known(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const { local } = this.#parts;
    const found = await local.manifest(repository, reference);
    return found !== undefined && await local.touchManifest(repository, found.digest) ? found : undefined;
  }

  /** A blob's size is only known from a manifest that names it, which a client has read before it asks for the blob. */
  async #sizeOf(repository: string, digest: Digest): Promise<number | undefined> {
    return this.#parts.local.sizeInManifests(repository, digest);
  }

  /** Once, however many ask for it. */
  #fetch(repository: string, digest: Digest, size: number): Promise<void> {
    const { local, blobs } = this.#parts;
    const running = this.#fetches.get(digest);
    if (running !== undefined) return running;
    const fetched = (async () => {
      if (await local.linkIfThere(repository, digest)) return;
      await blobs.put(this.#client(repository).blob({ digest, size }), { digest, size });
      await local.linkIfThere(repository, digest);
      this.#parts.fetched?.();
    })().finally(() => this.#fetches.delete(digest));
    this.#fetches.set(digest, fetched);
    return fetched;
  }

  #client(repository: string): RepositoryClient {
    const { registries, upstream, credentials } = this.#parts;
    const reference: Reference = parseReference(`${upstream}/${repository}`);
    return registries.target(reference, credentials);
  }
}
