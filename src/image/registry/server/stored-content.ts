import { KeyTurns } from '#base/key-turns.ts';
import type { BlobStore, ByteRange } from '#image/blob/port.ts';
import type { Uploads } from '#image/blob/uploads.ts';
import { readBlob } from '#image/blob/read-blob.ts';
import { isDigest, type Digest } from '#image/oci/digest.ts';
import { MAX_DOCUMENT_BYTES, parseImageDocument } from '#image/oci/image-document.ts';
import type { Store, WriteOp } from '#store/store.ts';
import { isPastGrace, unneededBlobs, type BlobLink } from './collection.ts';
import { referencesOf } from './references.ts';
import { RecentDocuments } from './_recent-documents.ts';
import type { ManifestLinks, Names, Page, Referrer, StoredManifest, WritableContent } from './content.ts';

/** Names cannot hold a colon, so it ends them. */
const KEY = {
  repository: (name = '') => `repository/${name}`,
  blob: (name: string, digest = '') => `blob/${name}:${digest}`,
  manifest: (name: string, digest = '') => `manifest/${name}:${digest}`,
  tag: (name: string, tag = '') => `tag/${name}:${tag}`,
  referrer: (name: string, subject: Digest, digest = '') => `referrer/${name}:${subject}/${digest}`,
  upload: (id: string) => `upload/${id}`,
} as const;

interface ManifestRow extends ManifestLinks { readonly mediaType: string; readonly size: number }

/** A registry over content-addressed blobs and a store of who has which of them. What is acknowledged is on disk. */
export class StoredContent implements WritableContent {
  readonly #blobs: BlobStore;
  readonly #uploads: Uploads;
  readonly #store: Store;
  readonly #documents = new RecentDocuments();
  /** By digest: a blob is used, or taken away where nobody used it, never both at a time. */
  readonly #turns = new KeyTurns();

  constructor(parts: { readonly blobs: BlobStore; readonly uploads: Uploads; readonly store: Store }) {
    this.#blobs = parts.blobs;
    this.#uploads = parts.uploads;
    this.#store = parts.store;
  }

  async manifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const digest = isDigest(reference) ? reference : (await this.#store.get(KEY.tag(repository, reference)))?.value as Digest | undefined;
    const row = digest === undefined ? undefined : await this.#store.get(KEY.manifest(repository, digest));
    if (digest === undefined || row === undefined) return undefined;
    const { mediaType } = JSON.parse(row.value) as ManifestRow;
    return { digest, mediaType, bytes: await this.#document(digest) };
  }

  /** Whoever asks may count on it from then on: that is a use. */
  blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    return this.#turn(digest, () => this.#use(repository, digest));
  }

  blob(_repository: string, digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array> {
    return this.#blobs.get(digest, range);
  }

  async hasRepository(repository: string): Promise<boolean> {
    return await this.#store.get(KEY.repository(repository)) !== undefined;
  }

  tags(repository: string, page: Page): Promise<Names> {
    return this.#names(KEY.tag(repository), page);
  }

  repositories(page: Page): Promise<Names> {
    return this.#names(KEY.repository(), page);
  }

  async referrers(repository: string, subject: Digest): Promise<readonly Referrer[]> {
    const { entries } = await this.#store.list(KEY.referrer(repository, subject));
    const found: Referrer[] = [];
    for (const { key } of entries) {
      const digest = key.slice(key.lastIndexOf('/') + 1) as Digest;
      const row = await this.#store.get(KEY.manifest(repository, digest));
      if (row === undefined) continue;
      const { mediaType, size, artifactType, annotations } = JSON.parse(row.value) as ManifestRow;
      found.push({ mediaType, digest, size, ...(artifactType === undefined ? {} : { artifactType }), ...(annotations === undefined ? {} : { annotations }) });
    }
    return found;
  }

  async putManifest(repository: string, { digest, mediaType, bytes }: StoredManifest, tag: string | undefined, links: ManifestLinks): Promise<void> {
    const row: ManifestRow = { mediaType, size: bytes.length, ...links };
    await this.#turn(digest, async () => {
      await this.#blobs.put((async function* () { yield bytes; })(), { digest, size: bytes.length });
      await this.#store.transact([
        { kind: 'put', key: KEY.repository(repository), value: '' },
        { kind: 'put', key: KEY.manifest(repository, digest), value: JSON.stringify(row) },
        ...(tag === undefined ? [] : [{ kind: 'put', key: KEY.tag(repository, tag), value: digest } as const]),
        ...(links.subject === undefined ? [] : [{ kind: 'put', key: KEY.referrer(repository, links.subject, digest), value: '' } as const]),
      ]);
    });
  }

  async removeTag(repository: string, tag: string): Promise<boolean> {
    return this.#delete(KEY.tag(repository, tag));
  }

  async removeManifest(repository: string, digest: Digest): Promise<boolean> {
    const row = await this.#store.get(KEY.manifest(repository, digest));
    if (row === undefined) return false;
    const { subject } = JSON.parse(row.value) as ManifestRow;
    const tags = (await this.#store.list(KEY.tag(repository))).entries.filter(({ value }) => value === digest);
    const keys = [...tags.map(({ key }) => key), ...(subject === undefined ? [] : [KEY.referrer(repository, subject, digest)]), KEY.manifest(repository, digest)];
    for (let at = 0; at < keys.length; at += 100) {
      await this.#store.transact(keys.slice(at, at + 100).map((key): WriteOp => ({ kind: 'delete', key })));
    }
    return true;
  }

  removeBlob(repository: string, digest: Digest): Promise<boolean> {
    // Of this repository; the bytes go with the next collection, if nobody else has them.
    return this.#delete(KEY.blob(repository, digest));
  }

  async mount(repository: string, digest: Digest, from: string | undefined): Promise<boolean> {
    if (from === undefined) return false;
    return this.#turn(digest, async () => {
      if (await this.#use(from, digest) === undefined) return false;
      await this.#link(repository, digest);
      return true;
    });
  }

  async beginUpload(repository: string): Promise<string> {
    const id = await this.#uploads.begin();
    await this.#store.put(KEY.upload(id), repository);
    return id;
  }

  async uploadSize(repository: string, id: string): Promise<number | undefined> {
    if (!/^[\w-]{1,64}$/.test(id) || (await this.#store.get(KEY.upload(id)))?.value !== repository) return undefined;
    return this.#uploads.size(id);
  }

  appendUpload(_repository: string, id: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    return this.#uploads.append(id, bytes);
  }

  async commitUpload(repository: string, id: string, digest: Digest): Promise<void> {
    await this.#turn(digest, async () => {
      await this.#uploads.commit(id, digest);
      await this.#blobs.touch(digest);
      await this.#link(repository, digest);
    });
    await this.#delete(KEY.upload(id));
  }

  async cancelUpload(_repository: string, id: string): Promise<boolean> {
    await this.#delete(KEY.upload(id));
    return this.#uploads.cancel(id);
  }

  /** What a manifest of the repository says the size of a blob is; undefined where none names it. */
  async sizeInManifests(repository: string, digest: Digest): Promise<number | undefined> {
    for (const { key } of (await this.#store.list(KEY.manifest(repository))).entries) {
      const bytes = await this.#document(key.slice(KEY.manifest(repository).length) as Digest);
      const document = parseImageDocument(new TextDecoder().decode(bytes));
      const named = document.kind === 'index' ? [] : [document.manifest.config, ...document.manifest.layers];
      const found = named.find((descriptor) => descriptor.digest === digest);
      if (found !== undefined) return found.size;
    }
    return undefined;
  }

  /**
   * Removes blobs that no manifest refers to and that nobody used for `graceMs`, and uploads that nobody went on with for so long.
   * Answers the bytes that came free.
   */
  async collect(nowMs: number, graceMs: number): Promise<number> {
    for (const id of await this.#uploads.idleSince(nowMs - graceMs)) await this.cancelUpload('', id);
    const { links, needed } = unneededBlobs(await this.#needed(), (await this.#store.list('blob/')).entries.map(({ key }) => linkOf(key)));
    const held = new Set(needed);
    for (const { repository, digest } of links) {
      if (!isDigest(digest) || !await this.#takeUnused(digest, nowMs, graceMs, () => this.#store.delete(KEY.blob(repository, digest)))) held.add(digest);
    }
    let freed = 0;
    for await (const { digest, size } of this.#blobs.list()) {
      if (!held.has(digest) && await this.#takeUnused(digest, nowMs, graceMs, () => this.#blobs.remove(digest))) freed += size;
    }
    return freed;
  }

  /** A use of it. False where the repository does not have it. */
  touchManifest(repository: string, digest: Digest): Promise<boolean> {
    return this.#turn(digest, async () => await this.#store.get(KEY.manifest(repository, digest)) !== undefined && await this.#blobs.touch(digest));
  }

  /** Removes it with every tag of it, unless it was used during the grace. True where it has gone. */
  removeUnusedManifest(repository: string, digest: Digest, nowMs: number, graceMs: number): Promise<boolean> {
    return this.#takeUnused(digest, nowMs, graceMs, () => this.removeManifest(repository, digest));
  }

  /** All manifests, each with the digests that it names. */
  async *manifests(): AsyncGenerator<{ readonly repository: string; readonly digest: Digest; readonly named: readonly string[] }> {
    for (const { key } of (await this.#store.list('manifest/')).entries) {
      const { repository, digest } = linkOf(key);
      const bytes = await readBlob(this.#blobs, digest as Digest, MAX_DOCUMENT_BYTES);
      yield { repository, digest: digest as Digest, named: referencesOf(bytes) };
    }
  }

  /** The repository has the blob from now on, if it is there. */
  linkIfThere(repository: string, digest: Digest): Promise<boolean> {
    return this.#turn(digest, async () => {
      if (!await this.#blobs.touch(digest)) return false;
      await this.#link(repository, digest);
      return true;
    });
  }

  /** Of each repository, the digests of its manifests and of all that these name. */
  async #needed(): Promise<Map<string, Set<string>>> {
    const needed = new Map<string, Set<string>>();
    for await (const { repository, digest, named } of this.manifests()) {
      const mine = needed.get(repository) ?? new Set<string>();
      needed.set(repository, mine);
      for (const each of [digest, ...named]) mine.add(each);
    }
    return needed;
  }

  /** In its turn. */
  async #use(repository: string, digest: Digest): Promise<number | undefined> {
    if (await this.#store.get(KEY.blob(repository, digest)) === undefined || !await this.#blobs.touch(digest)) return undefined;
    return (await this.#blobs.stat(digest))?.size;
  }

  /** In its turn, and where it is there. */
  async #link(repository: string, digest: Digest): Promise<void> {
    await this.#store.transact([{ kind: 'put', key: KEY.repository(repository), value: '' }, { kind: 'put', key: KEY.blob(repository, digest), value: '' }]);
  }

  /** Only who uses a blob in its turn is before or after this. True where it was taken. */
  #takeUnused(digest: Digest, nowMs: number, graceMs: number, take: () => Promise<unknown>): Promise<boolean> {
    return this.#turn(digest, async () => {
      if (!isPastGrace(await this.#blobs.usedMs(digest), nowMs, graceMs)) return false;
      await take();
      return true;
    });
  }

  #turn<T>(digest: Digest, work: () => Promise<T>): Promise<T> {
    return this.#turns.take([digest], work);
  }

  #document(digest: Digest): Promise<Uint8Array> {
    return this.#documents.get(digest, () => readBlob(this.#blobs, digest, MAX_DOCUMENT_BYTES));
  }

  async #names(prefix: string, { last, limit }: Page): Promise<Names> {
    if (limit === 0) return { names: [], more: false };
    const { entries, more } = await this.#store.list(prefix, { limit, ...(last === '' ? {} : { afterKey: prefix + last }) });
    return { names: entries.map(({ key }) => key.slice(prefix.length)), more };
  }

  async #delete(key: string): Promise<boolean> {
    if (await this.#store.get(key) === undefined) return false;
    await this.#store.delete(key);
    return true;
  }
}

/** `blob/NAME:DIGEST` or `manifest/NAME:DIGEST`. */
function linkOf(key: string): BlobLink {
  const [repository = '', digest = ''] = key.slice(key.indexOf('/') + 1).split(/:(.*)/s);
  return { repository, digest };
}
