import type { ByteRange } from '#image/blob/port.ts';
import type { Digest } from '#image/oci/digest.ts';

export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One entry of a referrers index. */
export interface Referrer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a registry holds, to be read. Names were checked before. */
export interface RegistryContent {
  /** Undefined where there is none; `reference` is a tag or a digest. */
  manifest(repository: string, reference: string): Promise<StoredManifest | undefined>;
  /** Bytes of a blob; undefined where this repository has none of the kind. */
  blobSize(repository: string, digest: Digest): Promise<number | undefined>;
  blob(repository: string, digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array>;
  hasRepository(repository: string): Promise<boolean>;
  /** Sorted, those behind `last`, at most `limit`; `more` where there are others behind them. */
  tags(repository: string, page: Page): Promise<Names>;
  repositories(page: Page): Promise<Names>;
  referrers(repository: string, subject: Digest): Promise<readonly Referrer[]>;
}

export interface Page {
  readonly last: string;
  readonly limit: number;
}

export interface Names {
  readonly names: readonly string[];
  readonly more: boolean;
}

export interface ManifestLinks {
  readonly subject?: Digest;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The same, and to be written. */
export interface WritableContent extends RegistryContent {
  putManifest(repository: string, manifest: StoredManifest, tag: string | undefined, links: ManifestLinks): Promise<void>;
  /** False where it was not there. */
  removeTag(repository: string, tag: string): Promise<boolean>;
  /** With every tag of it. */
  removeManifest(repository: string, digest: Digest): Promise<boolean>;
  removeBlob(repository: string, digest: Digest): Promise<boolean>;
  /** True where the other repository has the blob, and this one now too. */
  mount(repository: string, digest: Digest, from: string | undefined): Promise<boolean>;

  beginUpload(repository: string): Promise<string>;
  /** Bytes that are there; undefined where this repository has no such upload. */
  uploadSize(repository: string, id: string): Promise<number | undefined>;
  appendUpload(repository: string, id: string, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /** Throws `invalid` for another digest. */
  commitUpload(repository: string, id: string, digest: Digest): Promise<void>;
  cancelUpload(repository: string, id: string): Promise<boolean>;
}
