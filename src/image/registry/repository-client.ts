import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import type { Descriptor } from '#image/oci/descriptor.ts';
import { digestOfHex, isDigest, type Digest } from '#image/oci/digest.ts';
import { MAX_DOCUMENT_BYTES } from '#image/oci/image-document.ts';
import { bareMediaType, MEDIA_TYPE } from '#image/oci/media-type.ts';
import { readBlobBytes, type BlobProgress } from './blob-stream.ts';
import { faultOf } from './error-body.ts';
import { readBytes, readText } from './read-text.ts';
import type { RegistrySession } from './session.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';

/** A manifest or index as it came, and verified. */
export interface FetchedDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
}

export interface ManifestInfo {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
}

const ACCEPTED = [MEDIA_TYPE.ociManifest, MEDIA_TYPE.ociIndex, MEDIA_TYPE.dockerManifest, MEDIA_TYPE.dockerIndex].join(', ');
const MAX_FAULT_BYTES = 16 << 10;
const MAX_TAG_PAGES = 1000;

/** One repository of one registry, as the OCI distribution spec 1.1 lets it be used. */
export class RepositoryClient {
  readonly session: RegistrySession;
  readonly #hasher: Hasher;

  constructor(session: RegistrySession, hasher: Hasher) {
    this.session = session;
    this.#hasher = hasher;
  }

  /** What a tag or digest stands for now; undefined where the registry has no such thing. One HEAD request. */
  async head(reference: string): Promise<ManifestInfo | undefined> {
    const response = await this.session.send({ method: 'HEAD', target: this.#path('manifests', reference), headers: { Accept: ACCEPTED }, scopes: this.#scopes('pull') });
    response.discard();
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw await this.#fault(response);
    const [digest = '', size = ''] = [response.header('docker-content-digest'), response.header('content-length')];
    // Old registries tell no digest: then only the document itself can.
    if (!isDigest(digest) || !/^\d{1,10}$/.test(size)) {
      const { bytes, ...document } = await this.manifest(reference);
      return { digest: document.digest, mediaType: document.mediaType, size: bytes.length };
    }
    return { digest, mediaType: bareMediaType(response.header('content-type') ?? ''), size: Number(size) };
  }

  /** Throws `not-found`; `invalid` where the document is not the one that was asked for. */
  async manifest(reference: string, expected?: Pick<Descriptor, 'digest' | 'size'>): Promise<FetchedDocument> {
    const response = await this.session.send({ method: 'GET', target: this.#path('manifests', reference), headers: { Accept: ACCEPTED }, scopes: this.#scopes('pull') });
    if (response.status !== 200) throw await this.#fault(response);
    const bytes = await readBytes(response, MAX_DOCUMENT_BYTES);
    const digest = digestOfHex(this.#hasher.sha256(bytes));
    const wanted = expected?.digest ?? (isDigest(reference) ? reference : undefined);
    if (wanted !== undefined && digest !== wanted) {
      throw new GantryError('invalid', `manifest verification failed for digest ${wanted}: the registry sent one that hashes to ${digest}`);
    }
    if (expected !== undefined && expected.size !== bytes.length) {
      throw new GantryError('invalid', `the manifest ${digest} has ${bytes.length} bytes, expected ${expected.size}`);
    }
    return { bytes, digest, mediaType: bareMediaType(response.header('content-type') ?? '') };
  }

  /**
   * The bytes of a blob; a connection that breaks is taken up again where it broke. Neither digest nor end is checked but for the size.
   * A piece that is lent is good until the next is asked for.
   */
  blob(descriptor: Pick<Descriptor, 'digest' | 'size'>, progress: BlobProgress = () => {}, pieces: 'kept' | 'lent' = 'kept'): AsyncIterable<Uint8Array> {
    const request = { target: this.#path('blobs', descriptor.digest), scopes: this.#scopes('pull'), lendsBody: pieces === 'lent' };
    return readBlobBytes(this.session, request, descriptor, progress);
  }

  /** A small blob, verified. */
  async smallBlob(descriptor: Pick<Descriptor, 'digest' | 'size'>, maxBytes: number): Promise<Uint8Array> {
    if (descriptor.size > maxBytes) throw new GantryError('too-large', `the blob ${descriptor.digest} has ${descriptor.size} bytes, more than ${maxBytes}`);
    const bytes = await readBytes({ body: this.blob(descriptor) }, maxBytes);
    const digest = digestOfHex(this.#hasher.sha256(bytes));
    if (digest !== descriptor.digest) throw new GantryError('invalid', `the blob ${descriptor.digest} does not match its digest: it hashes to ${digest}`);
    return bytes;
  }

  async hasBlob(digest: Digest): Promise<boolean> {
    const response = await this.session.send({ method: 'HEAD', target: this.#path('blobs', digest), scopes: this.#scopes('push') });
    response.discard();
    if (response.status === 404) return false;
    if (response.status !== 200) throw await this.#fault(response);
    return true;
  }

  /** Undefined where the blob was mounted from the other repository; else the place to upload it to. */
  async startUpload(mount?: { readonly digest: Digest; readonly from: string }): Promise<string | undefined> {
    const query = mount === undefined ? '' : `?mount=${encodeURIComponent(mount.digest)}&from=${encodeURIComponent(mount.from)}`;
    const scopes = [...this.#scopes('push'), ...(mount === undefined ? [] : [`repository:${mount.from}:pull`])];
    const response = await this.session.send({ method: 'POST', target: `/v2/${this.session.endpoint.repository}/blobs/uploads/${query}`, headers: { 'Content-Length': '0' }, scopes });
    response.discard();
    if (response.status === 201 && mount !== undefined) return undefined;
    if (response.status !== 202) throw await this.#fault(response);
    return locationOf(response);
  }

  /** Sends all of a stream whose size nobody knows, and then says what it hashed to. A stream can't be sent twice: on a failure a new upload starts. */
  async upload(location: string, content: Pick<HttpRequest, 'sendChunks'> & { readonly body: AsyncIterable<Uint8Array> }, digest: () => Digest | Promise<Digest>): Promise<void> {
    const headers = { 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' };
    const sent = await this.session.send({ method: 'PATCH', target: location, headers, ...content, scopes: this.#scopes('push') });
    sent.discard();
    if (sent.status !== 202) throw await this.#fault(sent);
    await this.#complete(locationOf(sent), await digest());
  }

  async uploadBytes(bytes: Uint8Array, digest: Digest): Promise<void> {
    const location = await this.startUpload();
    if (location !== undefined) await this.#complete(location, digest, bytes);
  }

  /** Answers the digest under which the registry has it. */
  async putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<Digest> {
    const response = await this.session.send({
      method: 'PUT', target: this.#path('manifests', reference), headers: { 'Content-Type': mediaType }, body: bytes, scopes: this.#scopes('push'),
    });
    if (response.status !== 201) throw await this.#fault(response);
    response.discard();
    return digestOfHex(this.#hasher.sha256(bytes));
  }

  /** All tags, page by page. */
  async tags(): Promise<string[]> {
    const tags: string[] = [];
    let target: string | undefined = `/v2/${this.session.endpoint.repository}/tags/list`;
    for (let page = 0; target !== undefined && page < MAX_TAG_PAGES; page += 1) {
      const response: HttpResponse = await this.session.send({ method: 'GET', target, scopes: this.#scopes('pull') });
      if (response.status !== 200) throw await this.#fault(response);
      const value = JSON.parse(await readText(response, MAX_DOCUMENT_BYTES)) as { readonly tags?: unknown };
      if (Array.isArray(value.tags)) tags.push(...value.tags.filter((tag): tag is string => typeof tag === 'string'));
      target = /^<(\/v2\/[^>]*)>;\s*rel="?next"?/.exec(response.header('link') ?? '')?.[1];
    }
    return tags;
  }

  /** The index of what refers to a manifest, as text; undefined where the registry keeps none. */
  async referrers(digest: Digest, artifactType?: string): Promise<string | undefined> {
    const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
    const response = await this.session.send({ method: 'GET', target: `${this.#path('referrers', digest)}${query}`, headers: { Accept: MEDIA_TYPE.ociIndex }, scopes: this.#scopes('pull') });
    if (response.status !== 200) {
      response.discard();
      return undefined;
    }
    return readText(response, MAX_DOCUMENT_BYTES);
  }

  async #complete(location: string, digest: Digest, bytes: Uint8Array = new Uint8Array(0)): Promise<void> {
    const target = `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(bytes.length) };
    const response = await this.session.send({ method: 'PUT', target, headers, body: bytes, scopes: this.#scopes('push') });
    if (response.status !== 201 && response.status !== 204) throw await this.#fault(response);
    response.discard();
  }

  /** `repository:NAME:pull`, as every registry writes it. */
  #scopes(right: 'pull' | 'push'): string[] {
    return [`repository:${this.session.endpoint.repository}:${right === 'push' ? 'pull,push' : 'pull'}`];
  }

  #path(kind: 'manifests' | 'blobs' | 'referrers', reference: string): string {
    return `/v2/${this.session.endpoint.repository}/${kind}/${reference}`;
  }

  async #fault(response: HttpResponse): Promise<GantryError> {
    return faultOf(response.status, await readText(response, MAX_FAULT_BYTES).catch(() => ''), this.session.endpoint.host);
  }
}

function locationOf(response: HttpResponse): string {
  const location = response.header('location');
  if (location === undefined) throw new GantryError('invalid', 'the registry takes an upload and does not say where');
  return location;
}
