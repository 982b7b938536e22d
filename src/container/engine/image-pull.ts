import { GantryError, isKind } from '#base/error.ts';
import type { Image } from '#container/model/image.ts';
import type { ImageId } from '#container/model/ids.ts';
import { chainIds, type ChainId } from '#image/oci/chain-id.ts';
import type { Descriptor } from '#image/oci/descriptor.ts';
import type { Digest } from '#image/oci/digest.ts';
import { isManifestType } from '#image/oci/media-type.ts';
import { formatPlatform, type Platform } from '#image/oci/platform.ts';
import { familiarName, familiarReference, formatReference, fullName, parseReference, withDefaultTag, withTag, type Reference } from '#image/oci/reference.ts';
import type { RepositoryClient } from '#image/registry/repository-client.ts';
import { isOfPlatform, locate, resolveImage, type ResolvedImage } from '#image/registry/resolve.ts';
import type { LayerInfo } from '#image/snapshot/port.ts';
import type { EventLog } from './event-log.ts';
import type { ImageTable } from './image-table.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { LayerBlobs } from './layer-blobs.ts';
import type { LayerPins } from './layer-pins.ts';
import type { EnginePorts } from './ports.ts';
import type { PullRecords } from './pull-records.ts';
import { runSome } from './run-some.ts';
import type { PulledImage, PullRequest, TransferProgress } from './transfer.ts';

/** Layers that come at the same time: at least as many as Docker's default, and no more than a registry should bear of one client. */
const FEWEST_AT_ONCE = 3;
const MOST_AT_ONCE = 8;
/** Progress of a layer is told this often. */
const TELL_EVERY_MS = 100;

export interface PullParts {
  readonly ports: EnginePorts;
  readonly table: ImageTable;
  readonly events: EventLog;
  readonly lock: KeyedLock;
  readonly pins: LayerPins;
  readonly blobs: LayerBlobs;
  readonly records: PullRecords;
  /** Layers that images, builds and pulls count on. */
  readonly held: () => ReadonlySet<string>;
}

interface LayerTask {
  readonly chain: ChainId;
  readonly parent: ChainId | undefined;
  readonly diffId: Digest;
  readonly descriptor: Descriptor;
}

/** Brings images from registries. */
export class ImagePull {
  readonly #parts: PullParts;
  /** A layer is fetched once, however many pulls want it. */
  readonly #layers = new KeyedLock();

  constructor(parts: PullParts) {
    this.#parts = parts;
  }

  /** Throws `not-found`, `unauthorized`, `forbidden`, `unavailable`, and `invalid` for what is not what it says it is. */
  async pull(request: PullRequest, progress: TransferProgress): Promise<PulledImage> {
    const named = parseReference(request.reference);
    const tags = request.allTags === true && named.tag === undefined && named.digest === undefined
      ? (await this.#parts.ports.registries.target(named, request.credentials).tags()).sort() : undefined;
    if (tags?.length === 0) throw new GantryError('not-found', `${familiarName(named)} has no tags`);
    const references = tags === undefined ? [withDefaultTag(named)] : tags.map((tag) => withTag(named, tag));
    const platform = request.platform ?? { os: 'linux', architecture: this.#parts.ports.host.facts.architecture };
    const pulled: PulledImage[] = [];
    for (const reference of references) {
      // One after the other for one name: the second finds what the first has brought.
      pulled.push(await this.#layers.run(`${formatReference(reference)} ${formatPlatform(platform)}`, () => this.#pull(reference, platform, request, progress)));
    }
    const last = pulled.at(-1) as PulledImage;
    const isNew = pulled.some((image) => image.isNew);
    progress({ kind: 'message', text: `Status: ${isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${familiarReference(tags === undefined ? references[0] as Reference : named)}` });
    return { ...last, isNew };
  }

  async #pull(reference: Reference, platform: Platform, request: PullRequest, progress: TransferProgress): Promise<PulledImage> {
    const { ports, events, table } = this.#parts;
    ports.trust.admit(reference);
    const located = await locate(ports.registries.sources(reference, request.credentials), reference);
    progress({ kind: 'message', text: `Pulling from ${reference.path}`, id: reference.digest === undefined ? reference.tag ?? '' : familiarReference(reference) });
    const { digest } = located.info;
    await ports.trust.check(reference, digest, located.client);
    // Of a manifest there is one platform, whichever is asked for.
    const isChosen = request.platform !== undefined && !isManifestType(located.info.mediaType);
    const known = this.#known(reference, digest, platform, isChosen);
    const id = known?.id ?? await this.#fetch(reference, await resolveImage(located, platform), located.client, progress);
    const isNew = known === undefined || (reference.digest === undefined && table.tagHolder(formatReference(reference))?.id !== id);
    await this.#name(id, reference, digest);
    progress({ kind: 'message', text: `Digest: ${digest}` });
    events.emit('image', 'pull', familiarReference(reference), { name: familiarName(reference) });
    return { id, digest, isNew };
  }

  /** The image that this digest stands for, if all of it is here. */
  #known(reference: Reference, digest: Digest, platform: Platform, isChosen: boolean): Image | undefined {
    const own = `${fullName(reference)}@${digest}`;
    const images = this.#parts.table.list().filter(({ content = [], digests }) => digests.includes(own) || content.includes(digest));
    // Without a platform any that was chosen before will do, as for Docker.
    return images.find((image) => !isChosen || isOfPlatform(JSON.parse(image.configJson) as { os: string; architecture: string }, platform));
  }

  async #fetch(reference: Reference, resolved: ResolvedImage, client: RepositoryClient, progress: TransferProgress): Promise<ImageId> {
    const { ports, pins, records, blobs, lock } = this.#parts;
    const { manifest, config } = resolved;
    const chain = chainIds(ports.hasher, config.diffIds);
    // After a removal that is under way, which would not see it.
    const release = await lock.run('images', async () => pins.hold(chain));
    const before = new Set((await ports.snapshots.list()).map((layer) => layer.chain as string));
    await records.begin(manifest.config.digest, chain, ports.clock.nowNs());
    try {
      const tasks = manifest.layers.map((descriptor, index): LayerTask => ({ descriptor, chain: chain[index] as ChainId, parent: chain[index - 1], diffId: config.diffIds[index] as Digest }));
      const layers = await this.#layersOf(tasks, client, progress);
      for (const document of resolved.documents) await ports.documents.put(once(document.bytes), { digest: document.digest });
      const id = await this.#add(resolved, layers);
      for (const { diffId, descriptor } of tasks) await blobs.note(diffId, descriptor, fullName(reference));
      await records.end(manifest.config.digest);
      return id;
    } catch (thrown) {
      // What is not what it says it is leaves nothing; what broke off goes on from where it was.
      if (isKind(thrown, 'invalid', 'too-large', 'forbidden')) {
        release();
        await records.end(manifest.config.digest);
        await this.#takeBack(chain, before);
      }
      throw thrown;
    } finally {
      release();
    }
  }

  async #layersOf(tasks: readonly LayerTask[], client: RepositoryClient, progress: TransferProgress): Promise<LayerInfo[]> {
    const { snapshots } = this.#parts.ports;
    for (const { descriptor, chain } of tasks) {
      const status = await snapshots.has(chain) ? 'Already exists' : 'Pulling fs layer';
      progress({ kind: 'layer', id: shortDigest(descriptor), status });
    }
    const missing: LayerTask[] = [];
    for (const task of tasks) if (!await snapshots.has(task.chain)) missing.push(task);
    const atOnce = layersAtOnce(this.#parts.ports.host.facts.cpus);
    for (const { descriptor } of missing.slice(atOnce)) progress({ kind: 'layer', id: shortDigest(descriptor), status: 'Waiting' });
    await runSome(missing, atOnce, (task, isCancelled) => this.#layers.run(`layer ${task.diffId}`, () => this.#layer(task, client, (step) => {
      if (isCancelled()) throw new GantryError('interrupted', 'another layer of the image failed');
      progress(step);
    })));
    return Promise.all(tasks.map(async ({ chain }) => {
      const layer = await snapshots.layer(chain);
      if (layer === undefined) throw new GantryError('internal', `the layer ${chain} was removed while it was pulled`);
      return layer;
    }));
  }

  async #layer({ chain, parent, diffId, descriptor }: LayerTask, client: RepositoryClient, progress: TransferProgress): Promise<void> {
    const { snapshots, clock } = this.#parts.ports;
    const id = shortDigest(descriptor);
    const above = parent === undefined ? {} : { parent };
    if (!await snapshots.has(chain)) {
      // The same layer above other ones: its bytes are here, only in another place.
      const twin = (await snapshots.list()).find((layer) => layer.diffId === diffId);
      if (twin !== undefined) {
        await snapshots.unpack({ source: { kind: 'stream', bytes: snapshots.exportLayer(twin.chain) }, diffId, ...above });
      } else {
        let toldMs = -Infinity;
        const tell = (current: number): void => {
          const isLast = current === descriptor.size;
          if (!isLast && clock.monotonicMs() - toldMs < TELL_EVERY_MS) return;
          toldMs = clock.monotonicMs();
          progress({ kind: 'layer', id, status: 'Downloading', current, total: descriptor.size });
          if (!isLast) return;
          progress({ kind: 'layer', id, status: 'Verifying Checksum' });
          progress({ kind: 'layer', id, status: 'Download complete' });
          progress({ kind: 'layer', id, status: 'Extracting', current, total: descriptor.size });
        };
        await snapshots.unpack({ source: { kind: 'stream', bytes: client.blob(descriptor, tell, 'lent') }, digest: descriptor.digest, diffId, ...above });
      }
    }
    progress({ kind: 'layer', id, status: 'Pull complete' });
  }

  async #add({ configBytes, manifest, manifestDigest, documents, attestations }: ResolvedImage, layers: readonly LayerInfo[]): Promise<ImageId> {
    const { table, ports, lock } = this.#parts;
    const id = manifest.config.digest as string as ImageId;
    await lock.run('images', async () => {
      const known = table.get(id);
      const content = [...new Set([...(known?.content ?? []), ...documents.map(({ digest }) => digest)])];
      await table.put({
        ...(known ?? {
          id, configJson: new TextDecoder().decode(configBytes), diffIds: layers.map(({ diffId }) => diffId), chainIds: layers.map(({ chain }) => chain),
          layerSizes: layers.map(({ contentBytes }) => contentBytes), layerTarSizes: layers.map(({ tarBytes }) => tarBytes), tags: [], digests: [],
          createdNs: String(ports.clock.nowNs()), comment: '',
        }),
        content, manifest: manifestDigest, ...(attestations.length === 0 ? {} : { attestations }),
      });
    });
    return id;
  }

  async #name(id: ImageId, reference: Reference, digest: Digest): Promise<void> {
    const { table, lock } = this.#parts;
    await lock.run('images', async () => {
      const own = `${fullName(reference)}@${digest}`;
      const image = table.get(id);
      if (image === undefined) throw new GantryError('conflict', `the image ${familiarReference(reference)} was removed while it was pulled`);
      if (!image.digests.includes(own)) await table.put({ ...image, digests: [...image.digests, own].sort() });
      if (reference.digest === undefined) await table.moveTag(formatReference(reference), id);
    });
  }

  /** Removes the layers of this pull that nothing else has. */
  async #takeBack(chain: readonly ChainId[], before: ReadonlySet<string>): Promise<void> {
    const { ports, held, pins } = this.#parts;
    const needed = held();
    for (const layer of [...chain].reverse()) {
      if (!before.has(layer) && !needed.has(layer) && !pins.keeps(layer)) await ports.snapshots.remove(layer);
    }
  }
}

/** Each takes one processor at most, and waits for its registry too: with two for each processor none idles while the last ones come. */
function layersAtOnce(cpus: number): number {
  return Math.min(MOST_AT_ONCE, Math.max(FEWEST_AT_ONCE, 2 * cpus));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function shortDigest({ digest }: Descriptor): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
