import type { Connection } from '#base/connection.ts';
import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { Image } from '#container/model/image.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import { attest, imageIndex, imageLine, type AttestationDocuments, type IndexLine } from '#image/oci/attestation.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { parseImageConfig } from '#image/oci/image-config.ts';
import { familiarReference, formatReference, fullName, parseReference, withTag, type Reference } from '#image/oci/reference.ts';
import type { RepositoryClient } from '#image/registry/repository-client.ts';
import { readBlob } from '#image/blob/read-blob.ts';
import { imageManifest, ociImageManifest, sameLayers, type PushedLayer } from '#image/registry/push-manifest.ts';
import type { CompressedLayer, LayerCompression, LayerPacking } from '#image/snapshot/port.ts';
import { planLayer } from '#image/registry/push-plan.ts';
import { attestedOf, type ImagePredicates } from './image-predicates.ts';
import type { PullParts } from './image-pull.ts';
import { runSome } from './run-some.ts';
import type { PushedCompression, PushedPlatform, PushIndexRequest, PushRequest, TransferProgress } from './transfer.ts';

/** Layers that go at the same time, or wait for a process to compress them: as many as Docker sends. */
const AT_ONCE = 5;
const TELL_EVERY_MS = 100;
const MAX_MANIFEST_BYTES = 4 << 20;
const ATTEMPTS = 3;

interface Target {
  readonly client: RepositoryClient;
  readonly reference: Reference;
  readonly compression?: PushedCompression;
}

/** Of layers, the first as we call them. */
const MEDIA_TYPES: Readonly<Record<LayerCompression, readonly [string, ...string[]]>> = {
  gzip: [MEDIA_TYPE.dockerLayerGzip, MEDIA_TYPE.ociLayerGzip], zstd: [MEDIA_TYPE.ociLayerZstd], none: [MEDIA_TYPE.dockerLayer, MEDIA_TYPE.ociLayer],
};

/** What is to be known of an image to push it. */
type Pushable = Pick<Image, 'id' | 'configJson' | 'chainIds' | 'diffIds' | 'layerSizes'>;

/** What a platform was pushed as: its own manifest, and the lines for it in an index. */
interface PlatformParts {
  readonly id: Image['id'];
  readonly lines: readonly IndexLine[];
  readonly manifest: { readonly bytes: Uint8Array; readonly mediaType: string };
}

/** Brings images to registries. */
export class ImagePush {
  readonly #parts: PullParts;
  readonly #predicates: ImagePredicates;

  constructor(parts: PullParts, predicates: ImagePredicates) {
    this.#parts = parts;
    this.#predicates = predicates;
  }

  /** Throws `not-found`, `unauthorized`, `forbidden`, `unavailable`; whatever was sent before stays with the registry. */
  async push(request: PushRequest, progress: TransferProgress): Promise<void> {
    const { registries } = this.#parts.ports;
    const repository = parseReference(request.repository);
    const wanted = request.tag === undefined ? undefined : withTag(repository, request.tag);
    progress({ kind: 'message', text: `The push refers to repository [${repository.domain}/${repository.path}]` });
    const references = this.#references(repository, wanted);
    const client = registries.target(repository, request.credentials);
    for (const { reference, image } of references) await this.#pushOne({ client, reference }, image, progress);
  }

  /** Each platform by its digest, then what has them all by the tag. */
  async pushIndex({ reference: name, platforms, annotations, credentials, compression }: PushIndexRequest, progress: TransferProgress): Promise<void> {
    const { ports, pins } = this.#parts;
    const reference = parseReference(name);
    const target: Target = { client: ports.registries.target(reference, credentials), reference };
    const release = pins.hold(platforms.flatMap(({ layers }) => layers.map(({ chain }) => chain)));
    try {
      const parts: PlatformParts[] = [];
      for (const platform of platforms) parts.push(await this.#pushPlatform({ ...target, ...(compression === undefined ? {} : { compression }) }, platform, progress));
      const lines = parts.flatMap((part) => part.lines);
      const only = lines.length === 1 ? parts[0]?.manifest : undefined;
      const { bytes, mediaType } = only ?? imageIndex(lines, annotations, ports.hasher);
      const tag = reference.tag ?? '';
      const digest = await target.client.putManifest(tag, bytes, mediaType);
      // The engine keeps one platform of it under the name, if any: what it is called there goes for all of them.
      const own = this.#parts.table.list().find(({ id, tags }) => tags.includes(formatReference(reference)) && parts.some((part) => part.id === id));
      if (own !== undefined) await this.#note(own, reference, digest, bytes);
      progress({ kind: 'message', text: `${tag}: digest: ${digest} size: ${bytes.length}` });
      progress({ kind: 'pushed', tag, digest, size: bytes.length });
    } finally {
      release();
    }
  }

  async #pushPlatform(target: Target, { configJson, layers: own, predicates, annotations }: PushedPlatform, progress: TransferProgress): Promise<PlatformParts> {
    const { hasher } = this.#parts.ports;
    const { client, reference } = target;
    const configBytes = new TextEncoder().encode(configJson);
    const configDigest = digestOfHex(hasher.sha256(configBytes));
    const layers = await this.#pushContent(target, {
      id: configDigest as string as Image['id'], configJson, chainIds: own.map(({ chain }) => chain), diffIds: own.map(({ diffId }) => diffId), layerSizes: own.map(({ size }) => size),
    }, configBytes, progress);
    const bytes = ociImageManifest({ digest: configDigest, size: configBytes.length }, layers, annotations.manifest);
    const manifest = { digest: digestOfHex(hasher.sha256(bytes)), size: bytes.length, mediaType: MEDIA_TYPE.ociManifest };
    await client.putManifest(manifest.digest, bytes, manifest.mediaType);
    const { os, architecture, variant } = parseImageConfig(configJson);
    const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
    const line = imageLine(manifest, platform, annotations.manifestDescriptor);
    const parts = { id: configDigest as string as Image['id'], manifest: { bytes, mediaType: manifest.mediaType } };
    if (predicates.length === 0) return { ...parts, lines: [line] };
    const said = attest({ manifest, platform, names: [formatReference(reference)], predicates }, hasher);
    await putStatements(client, said);
    return { ...parts, lines: [line, ...said.lines.slice(1)] };
  }

  #references(repository: Reference, wanted: Reference | undefined): { readonly reference: Reference; readonly image: Image }[] {
    const name = fullName(repository);
    const all = this.#parts.table.list().flatMap((image) => image.tags.map((tag) => ({ reference: parseReference(tag), image })))
      .filter(({ reference }) => fullName(reference) === name)
      .sort((a, b) => (formatReference(a.reference) < formatReference(b.reference) ? -1 : 1));
    if (all.length === 0) throw new GantryError('not-found', `An image does not exist locally with the tag: ${familiarReference(repository)}`);
    if (wanted === undefined) return all;
    const found = all.filter(({ reference }) => reference.tag === wanted.tag);
    if (found.length === 0) throw new GantryError('not-found', `tag does not exist: ${familiarReference(wanted)}`);
    return found;
  }

  async #pushOne(target: Target, image: Image, progress: TransferProgress): Promise<void> {
    const { pins, events } = this.#parts;
    const release = pins.hold(image.chainIds);
    try {
      const configBytes = new TextEncoder().encode(image.configJson);
      const layers = await this.#pushContent(target, image, configBytes, progress);
      const tag = target.reference.tag ?? '';
      const { bytes, mediaType } = await this.#attested(target, image, layers, configBytes.length) ?? await this.#manifest(image, layers, configBytes.length);
      const digest = await target.client.putManifest(tag, bytes, mediaType);
      await this.#note(image, target.reference, digest, bytes);
      progress({ kind: 'message', text: `${tag}: digest: ${digest} size: ${bytes.length}` });
      progress({ kind: 'pushed', tag, digest, size: bytes.length });
      events.emit('image', 'push', familiarReference(target.reference), { name: familiarReference({ domain: target.reference.domain, path: target.reference.path }) });
    } finally {
      release();
    }
  }

  /** Everything that a manifest refers to. Answers the layers, lowest first. */
  async #pushContent(target: Target, image: Pushable, configBytes: Uint8Array, progress: TransferProgress): Promise<PushedLayer[]> {
    const { client } = target;
    const configDigest = image.id as string as Digest;
    const config = async (): Promise<void> => {
      if (!await client.hasBlob(configDigest)) await client.uploadBytes(configBytes, configDigest);
    };
    // After the layers it would be one more wait for the registry's disk. Nothing is under way any more when one of them has failed.
    const [layers, sent] = await Promise.allSettled([this.#pushLayers(target, image, progress), config()]);
    if (layers.status === 'rejected') throw layers.reason;
    if (sent.status === 'rejected') throw sent.reason;
    return layers.value;
  }

  /** Lowest first. */
  async #pushLayers(target: Target, image: Pushable, progress: TransferProgress): Promise<PushedLayer[]> {
    const pushed = new Map<number, PushedLayer>();
    const positions = image.diffIds.map((_, index) => index).reverse();
    for (const index of positions) progress({ kind: 'layer', id: shortId(image, index), status: 'Preparing' });
    // Else a large one that begins last goes on alone.
    const bySize = positions.toSorted((a, b) => (image.layerSizes[b] ?? 0) - (image.layerSizes[a] ?? 0));
    for (const index of bySize.slice(AT_ONCE)) progress({ kind: 'layer', id: shortId(image, index), status: 'Waiting' });
    const packing = this.#parts.ports.snapshots.packLayers(image.chainIds as readonly ChainId[], target.compression?.kind);
    try {
      await runSome(bySize, AT_ONCE, async (index, isCancelled) => {
        pushed.set(index, await this.#pushLayer(target, image, packing, index, (step) => {
          if (isCancelled()) throw new GantryError('interrupted', 'another layer of the image failed');
          progress(step);
        }));
      });
    } finally {
      await packing.close();
    }
    return image.diffIds.map((_, index) => pushed.get(index) as PushedLayer);
  }

  async #pushLayer(target: Target, image: Pushable, packing: LayerPacking, index: number, progress: TransferProgress): Promise<PushedLayer> {
    const { blobs } = this.#parts;
    const { client, reference } = target;
    const id = shortId(image, index);
    const diffId = image.diffIds[index] ?? '';
    const repository = fullName(reference);
    const found = await blobs.find(diffId);
    const isOther = target.compression?.isForced === true && found !== undefined && !MEDIA_TYPES[target.compression.kind].includes(found.mediaType);
    const plan = planLayer(isOther ? undefined : found, reference);
    if (plan.kind !== 'upload' && await client.hasBlob(plan.blob.digest)) {
      progress({ kind: 'layer', id, status: 'Layer already exists' });
      await blobs.note(diffId, plan.blob, repository);
      return plan.blob;
    }
    let location: string | undefined;
    if (plan.kind === 'mount') {
      location = await client.startUpload({ digest: plan.blob.digest, from: plan.from });
      if (location === undefined) {
        progress({ kind: 'layer', id, status: `Mounted from ${plan.from}` });
        await blobs.note(diffId, plan.blob, repository);
        return plan.blob;
      }
    }
    const layer = await this.#upload(target, location, image, packing, index, progress);
    await blobs.note(diffId, layer, repository);
    progress({ kind: 'layer', id, status: 'Pushed' });
    return layer;
  }

  /** Compresses while it sends. A stream that broke off starts again from its beginning, as does the compression. */
  async #upload({ client, compression }: Target, begun: string | undefined, image: Pushable, packing: LayerPacking, index: number, progress: TransferProgress): Promise<PushedLayer> {
    const { clock } = this.#parts.ports;
    const total = image.layerSizes[index] ?? 0;
    let location = begun;
    for (let attempt = 1; ; attempt += 1) {
      let toldMs = -Infinity;
      let current = 0;
      const tell = (sent: number): void => {
        current = sent;
        if (clock.monotonicMs() - toldMs < TELL_EVERY_MS) return;
        toldMs = clock.monotonicMs();
        progress({ kind: 'layer', id: shortId(image, index), status: 'Pushing', current, total: Math.max(total, current) });
      };
      try {
        return await packing.pack((image.chainIds[index] ?? '') as ChainId, async (layer) => {
          location ??= await client.startUpload();
          await client.upload(location ?? '', contentOf(layer, tell), async () => (await layer.result).digest);
          progress({ kind: 'layer', id: shortId(image, index), status: 'Pushing', current, total: Math.max(total, current) });
          return { ...await layer.result, mediaType: MEDIA_TYPES[compression?.kind ?? 'gzip'][0] };
        });
      } catch (thrown) {
        if (!isKind(thrown, 'unavailable', 'unauthorized') || attempt === ATTEMPTS || !await client.session.pause(attempt)) throw thrown;
        this.#parts.ports.log(`push of ${image.id.slice(7, 19)}: layer ${index + 1}: ${messageOf(thrown)}; once more`);
        location = undefined;
      }
    }
  }

  /** The manifest as it was, where all of it is the same again: then the digest is the same too. */
  async #manifest(image: Image, layers: readonly PushedLayer[], configSize: number): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string }> {
    const { documents } = this.#parts.ports;
    if (image.manifest !== undefined && await documents.stat(image.manifest as Digest) !== undefined) {
      const bytes = await readBlob(documents, image.manifest as Digest, MAX_MANIFEST_BYTES);
      const mediaType = sameLayers(bytes, layers);
      if (mediaType !== undefined) return { bytes, mediaType };
    }
    return { bytes: imageManifest({ digest: image.id as string as Digest, size: configSize }, layers), mediaType: MEDIA_TYPE.dockerManifest };
  }

  /** An index of the image and of what its build says about it, both of which are there; undefined where nothing is said. */
  async #attested({ client, reference }: Target, image: Image, layers: readonly PushedLayer[], configSize: number): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string } | undefined> {
    const { ports, table, lock } = this.#parts;
    const said = await this.#predicates.of(image);
    if (said.length === 0) return undefined;
    const bytes = ociImageManifest({ digest: image.id as string as Digest, size: configSize }, layers);
    const manifest = { digest: digestOfHex(ports.hasher.sha256(bytes)), size: bytes.length, mediaType: MEDIA_TYPE.ociManifest };
    const documents = attest(attestedOf(image, manifest, said, [formatReference(reference)]), ports.hasher);
    const { manifest: statements, index } = documents;
    await client.putManifest(manifest.digest, bytes, manifest.mediaType);
    await putStatements(client, documents);
    await lock.run('images', async () => {
      const now = table.get(image.id);
      if (now !== undefined) await table.put({ ...now, attestations: [{ digest: statements.digest, predicateTypes: said.map(({ type }) => type) }] });
    });
    return index;
  }

  /** The registry has it as this manifest or index. */
  async #note(image: Image, reference: Reference, digest: Digest, bytes: Uint8Array): Promise<void> {
    const { table, lock, ports } = this.#parts;
    await ports.documents.put((async function* () { yield bytes; })(), { digest });
    await lock.run('images', async () => {
      const now = table.get(image.id);
      if (now === undefined) return;
      const own = `${fullName(reference)}@${digest}`;
      const content = now.content ?? [];
      if (now.digests.includes(own) && content.includes(digest)) return;
      await table.put({
        ...now, manifest: digest, content: [...new Set([...content, digest])], digests: [...new Set([...now.digests, own])].sort(),
      });
    });
  }
}

async function putStatements(client: RepositoryClient, { blobs, manifest }: AttestationDocuments): Promise<void> {
  for (const blob of blobs) if (!await client.hasBlob(blob.digest)) await client.uploadBytes(blob.bytes, blob.digest);
  await client.putManifest(manifest.digest, manifest.bytes, manifest.mediaType);
}

/** @param tell is told how many bytes have gone */
function contentOf({ bytes, sendChunks }: CompressedLayer, tell: (sent: number) => void): Parameters<RepositoryClient['upload']>[1] {
  const body = async function* (): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const chunk of bytes) {
      tell(sent += chunk.length);
      yield chunk;
    }
  };
  return { body: body(), ...(sendChunks === undefined ? {} : { sendChunks: (connection: Connection, signal: AbortSignal) => sendChunks(connection, tell, signal) }) };
}

function shortId(image: Pushable, index: number): string {
  return (image.diffIds[index] ?? '').slice(7, 19);
}
