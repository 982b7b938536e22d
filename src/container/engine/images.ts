import { GantryError, messageOf } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { Container } from '#container/model/container.ts';
import type { Image } from '#container/model/image.ts';
import { shortId, type ImageId } from '#container/model/ids.ts';
import { isLive } from '#container/model/container-state.ts';
import { planSave, type SavedImage } from '#image/oci/archive-save.ts';
import { chainIds, type ChainId } from '#image/oci/chain-id.ts';
import type { Digest } from '#image/oci/digest.ts';
import type { LoadedImage as PlannedImage } from '#image/oci/load-plan.ts';
import type { Platform } from '#image/oci/platform.ts';
import { familiarReference, parseReference } from '#image/oci/reference.ts';
import type { Credentials } from '#image/registry/credentials.ts';
import type { Login } from '#image/registry/login.ts';
import type { LayerInfo, LayerSource } from '#image/snapshot/port.ts';
import { emitImage } from './image-events.ts';
import type { ContainerTable } from './container-table.ts';
import type { EventLog } from './event-log.ts';
import { holdingStill } from './hold-still.ts';
import { newConfigJson } from './image-config.ts';
import { allNames, namesWithout } from './image-names.ts';
import { ImagePredicates, platformOf, savedOf } from './image-predicates.ts';
import { ImagePull } from './image-pull.ts';
import { ImagePush } from './image-push.ts';
import { inspectRemote } from './image-remote.ts';
import { LayerBlobs } from './layer-blobs.ts';
import { LayerPins } from './layer-pins.ts';
import type { RegistryContent } from '#image/registry/server/content.ts';
import { SharedImages } from './shared-images.ts';
import { unpackTogether } from './unpack-together.ts';
import { PullRecords } from './pull-records.ts';
import type { PulledImage, PullRequest, PushIndexRequest, PushRequest, RemoteImage, TransferProgress } from './transfer.ts';
import { ofPlatform, planArchive } from './image-load.ts';
import { fullName, type ImageTable } from './image-table.ts';
import { writeArchive } from './image-save.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { CommitRequest, BuiltImagesPort, ImportRequest, LoadedImage, NewImage, Progress, RemovedImage } from './port.ts';
import type { EnginePorts } from './ports.ts';
import { selectSaved, type SelectedImage } from './save-selection.ts';

/** Layers of an archive that are unpacked at the same time. */
const LOADS_AT_ONCE = 3;

interface StoredLayer { readonly diffId: Digest; readonly size: number; readonly tarSize: number }

export class Images implements BuiltImagesPort {
  readonly #ports: EnginePorts;
  readonly #table: ImageTable;
  readonly #containers: ContainerTable;
  readonly #events: EventLog;
  readonly #lock: KeyedLock;
  readonly #holders: (() => Iterable<string>)[] = [];
  readonly #pins = new LayerPins((chains) => void this.releaseLayers(chains).catch((thrown: unknown) => this.#ports.log(`layers: ${messageOf(thrown)}`)));
  readonly #blobs: LayerBlobs;
  readonly #records: PullRecords;
  readonly #pull: ImagePull;
  readonly #push: ImagePush;
  readonly #predicates: ImagePredicates;

  constructor(ports: EnginePorts, table: ImageTable, containers: ContainerTable, events: EventLog, lock: KeyedLock) {
    this.#blobs = new LayerBlobs(ports.store);
    this.#records = new PullRecords(ports.store);
    const parts = { ports, table, events, lock, pins: this.#pins, blobs: this.#blobs, records: this.#records, held: () => this.heldLayers() };
    this.#pull = new ImagePull(parts);
    this.#predicates = new ImagePredicates(parts);
    this.#push = new ImagePush(parts, this.#predicates);
    this.#ports = ports;
    this.#table = table;
    this.#containers = containers;
    this.#events = events;
    this.#lock = lock;
  }

  list(): readonly Image[] {
    return this.#table.list();
  }

  find(reference: string): Image {
    return this.#table.find(reference);
  }

  pull(request: PullRequest, progress: TransferProgress): Promise<PulledImage> {
    return this.#pull.pull(request, progress);
  }

  push(request: PushRequest, progress: TransferProgress): Promise<void> {
    return this.#push.push(request, progress);
  }

  pushIndex(request: PushIndexRequest, progress: TransferProgress): Promise<void> {
    return this.#push.pushIndex(request, progress);
  }

  /** What a registry has under a name, without fetching more than its documents. */
  inspectRemote(reference: string, credentials: Credentials): Promise<RemoteImage> {
    return inspectRemote(this.#ports.registries, reference, credentials);
  }

  login(server: string, credentials: Credentials): Promise<Login> {
    return this.#ports.registries.login(server, credentials);
  }

  /** This store as a registry, only for reading. */
  shared(): RegistryContent {
    return new SharedImages(this.#table, this.#ports);
  }

  /** Reads which pulls may go on: their layers are held. */
  async open(): Promise<void> {
    await this.#records.load(this.#ports.clock.nowNs());
    const content = new Set(this.#table.list().flatMap((image) => image.content ?? []));
    for await (const { digest } of this.#ports.documents.list()) if (!content.has(digest)) await this.#ports.documents.remove(digest);
    await this.#blobs.keep(new Set(this.#table.list().flatMap((image) => image.diffIds)));
    this.holdLayers(() => this.#records.chains());
  }

  async importTar(request: ImportRequest): Promise<ImageId> {
    const tag = request.reference === undefined ? undefined : fullName(request.reference);
    const layer = stored(await this.#ports.snapshots.unpack({ source: { kind: 'stream', bytes: request.body } }));
    const { architecture, os } = request.platform ?? { architecture: this.#ports.host.facts.architecture, os: 'linux' };
    const configJson = newConfigJson({
      changes: request.changes, diffIds: [layer.diffId], createdNs: request.createdNs ?? this.#ports.clock.nowNs(), architecture, os, createdBy: '', comment: request.message,
    });
    const id = await this.#add(configJson, [layer], { comment: request.message });
    if (tag !== undefined) await this.#name(id, tag);
    emitImage(this.#events, this.#table, 'import', id, tag === undefined ? id : familiarReference(parseReference(tag)));
    return id;
  }

  async load(body: AsyncIterable<Uint8Array>, progress: Progress, platform?: Platform): Promise<readonly LoadedImage[]> {
    const archive = await this.#ports.staging.stage(body);
    try {
      const loaded: LoadedImage[] = [];
      const all = await planArchive(archive, this.#ports.hasher, platform ?? { os: 'linux', architecture: this.#ports.host.facts.architecture });
      const images = platform === undefined ? all : ofPlatform(all, platform);
      for (const image of images) {
        // What was staged goes as soon as all is read of it, or it would be written to disk along with the layers.
        const whenRead = image === images.at(-1) ? () => archive.close() : () => Promise.resolve();
        const id = await this.#loadOne(image, (member) => archive.source(member), { progress, whenRead });
        for (const tag of image.tags) await this.#name(id, tag);
        emitImage(this.#events, this.#table, 'load', id, id);
        loaded.push({ id, tags: image.tags });
      }
      return loaded;
    } finally {
      await archive.close();
    }
  }

  save(references: readonly string[]): AsyncIterable<Uint8Array> {
    return this.#save(selectSaved(references, this.#table));
  }

  async *#save(images: readonly SelectedImage[]): AsyncGenerator<Uint8Array> {
    const release = this.#pins.hold(images.flatMap(({ image }) => image.chainIds));
    try {
      yield* this.#write(images);
    } finally {
      release();
    }
  }

  async *#write(images: readonly SelectedImage[]): AsyncGenerator<Uint8Array> {
    const saved: SavedImage[] = [];
    for (const { image, tags } of images) {
      const predicates = await this.#predicates.of(image);
      saved.push({
        ...savedOf(image), tags,
        ...(predicates.length === 0 ? {} : { attested: { platform: platformOf(image), predicates } }),
      });
    }
    const chainOf = new Map(images.flatMap(({ image }) => image.diffIds.map((diffId, index) => [diffId, image.chainIds[index] ?? ''] as const)));
    for (const { image } of images) emitImage(this.#events, this.#table, 'save', image.id, image.id);
    yield* writeArchive(planSave(saved, this.#ports.hasher), (diffId) => this.#ports.snapshots.exportLayer((chainOf.get(diffId) ?? '') as ChainId, 'lent'));
  }

  async tag(reference: string, target: string): Promise<void> {
    const image = this.#table.find(reference);
    const tag = fullName(target);
    if (tag.includes('@')) throw new GantryError('invalid', 'refusing to create a tag with a digest reference');
    await this.#table.moveTag(tag, image.id);
    emitImage(this.#events, this.#table, 'tag', image.id, familiarReference(parseReference(tag)));
  }

  async remove(reference: string, options: { force: boolean }): Promise<RemovedImage> {
    return await this.#lock.run('images', async () => {
      const image = this.#table.find(reference);
      const byName = isName(reference) ? allNames(image).filter((name) => name === fullName(reference)) : [];
      if (byName.length > 0 && allNames(namesWithout(image, byName)).length > 0) return await this.#untag(image, byName);
      if (byName.length === 0 && image.tags.length > 1 && !options.force) {
        throw new GantryError('conflict', `conflict: unable to delete ${shortId(image.id)} (must be forced) - image is referenced in multiple repositories`);
      }
      const users = this.#containers.list().filter(({ spec }) => spec.image.id === image.id || spec.mounts.some((mount) => mount.kind === 'image' && mount.image === image.id));
      this.#refuseUsed(image, users, { ...options, name: byName[0] });
      const names = allNames(image);
      const { untagged } = names.length > 0 ? await this.#untag(image, names) : { untagged: [] };
      // A container that rests still needs the layers: the image loses its names only.
      if (users.length > 0) return { untagged, deleted: [] };
      return { untagged, deleted: await this.#delete(image) };
    });
  }

  async commit(request: CommitRequest): Promise<ImageId> {
    const container = this.#containers.find(request.container);
    const base = this.#table.find(container.spec.image.id);
    const pauses = request.pause && container.state.phase === 'running';
    const commitLayer = async (): Promise<StoredLayer> => stored(await this.#ports.snapshots.commit(container.spec.id, base.chainIds.at(-1) as ChainId | undefined));
    const layer = await (pauses ? holdingStill(container, { host: this.#ports.host, containers: this.#containers, lock: this.#lock, events: this.#events }, commitLayer) : commitLayer());
    const baseConfig = JSON.parse(base.configJson) as JsonObject;
    const configJson = newConfigJson({
      base: baseConfig, changes: request.changes, diffIds: [...base.diffIds, layer.diffId], createdNs: this.#ports.clock.nowNs(),
      architecture: String(baseConfig['architecture'] ?? this.#ports.host.facts.architecture), os: String(baseConfig['os'] ?? 'linux'),
      author: request.author, createdBy: container.spec.process.args.join(' '), comment: request.comment,
    });
    const layers = base.diffIds.map((diffId, index) => ({ diffId: diffId as Digest, size: base.layerSizes[index] ?? 0, tarSize: base.layerTarSizes[index] ?? 0 }));
    const id = await this.#add(configJson, [...layers, layer], { comment: request.comment, parent: base.id });
    emitImage(this.#events, this.#table, 'create', id, id);
    const full = request.reference === undefined ? undefined : fullName(request.reference);
    const name = full === undefined ? '' : familiarReference(parseReference(full));
    if (full !== undefined) {
      await this.#name(id, full);
      emitImage(this.#events, this.#table, 'tag', id, name);
    }
    this.#events.emit('container', 'commit', container.spec.id, { ...container.spec.labels, image: container.spec.image.reference, name: container.spec.name, comment: request.comment, imageID: id, imageRef: name });
    return id;
  }

  async add({ configJson, layers, names, predicates }: NewImage): Promise<ImageId> {
    const tags = names.map(fullName);
    const id = await this.#lock.run('images', () => this.#add(configJson, layers.map(({ diffId, size, tarSize }) => ({ diffId: diffId as Digest, size, tarSize })), { comment: 'buildkit.dockerfile.v0', tags: [...tags].sort() }));
    for (const name of names) {
      // Where it was there before.
      await this.#name(id, fullName(name));
      emitImage(this.#events, this.#table, 'tag', id, familiarReference(parseReference(fullName(name))));
    }
    if (predicates !== undefined) await this.#predicates.set(id, predicates);
    return id;
  }

  holdLayers(holder: () => Iterable<string>): void {
    this.#holders.push(holder);
  }

  async releaseLayers(chains: readonly string[]): Promise<number> {
    const { snapshots } = this.#ports;
    return await this.#lock.run('images', async () => {
      const held = this.heldLayers();
      let freed = 0;
      let left = new Set(chains.filter((chain) => !held.has(chain) && !this.#pins.keeps(chain)));
      // From the top down: a layer goes when none stands on it any more.
      while (left.size > 0) {
        const there = await snapshots.list();
        const parents = new Set(there.map(({ parent }) => parent as string | undefined));
        const tops = there.filter(({ chain }) => left.has(chain) && !parents.has(chain));
        if (tops.length === 0) break;
        for (const { chain, contentBytes } of tops) if (await snapshots.remove(chain)) freed += contentBytes;
        const gone = new Set<string>(tops.map(({ chain }) => chain));
        left = new Set([...left].filter((chain) => !gone.has(chain)));
      }
      return freed;
    });
  }

  async dropUnfinished(which: 'old' | 'all'): Promise<number> {
    const isUnderWay = (chains: readonly string[]): boolean => chains.some((chain) => this.#pins.has(chain));
    const chains = await this.#records.drop(which === 'all' ? undefined : this.#ports.clock.nowNs(), isUnderWay);
    return chains.length === 0 ? 0 : await this.releaseLayers(chains);
  }

  /** Chain ids that must stay: of images, and of whoever else holds some. */
  heldLayers(): Set<string> {
    return new Set([...this.#table.list().flatMap((image) => image.chainIds), ...this.#holders.flatMap((holder) => [...holder()])]);
  }

  async #loadOne(image: PlannedImage, source: (member: string) => LayerSource, { progress, whenRead }: { readonly progress: Progress; readonly whenRead: () => Promise<void> }): Promise<ImageId> {
    const { snapshots, hasher } = this.#ports;
    const layers: StoredLayer[] = [];
    const chain = chainIds(hasher, image.layers.map(({ diffId }) => diffId));
    // After a removal that is under way, which would not see it.
    const release = await this.#lock.run('images', async () => this.#pins.hold(chain));
    try {
      const missing: number[] = [];
      for (const [index, { diffId }] of image.layers.entries()) {
        const known = await snapshots.layer(chain[index] as ChainId);
        if (known === undefined) missing.push(index);
        else layers[index] = stored(known);
        if (known !== undefined) progress({ id: diffId.slice(7, 19), status: 'Already exists' });
      }
      await unpackTogether(missing, LOADS_AT_ONCE, async (index, beforeSync) => {
        const { diffId, member } = image.layers[index] as PlannedImage['layers'][number];
        const id = diffId.slice(7, 19);
        const from = source(member);
        const total = from.kind === 'file' ? from.size ?? 0 : 0;
        const parent = chain[index - 1];
        progress({ id, status: 'Loading layer', current: 0, total });
        layers[index] = stored(await snapshots.unpack({ source: from, diffId, beforeSync, ...(parent === undefined ? {} : { parent }) }));
        progress({ id, status: 'Loading layer', current: total, total });
      }, whenRead);
      return await this.#add(new TextDecoder().decode(image.configBytes), layers, { comment: '' });
    } finally {
      release();
    }
  }

  async #add(configJson: string, layers: readonly StoredLayer[], more: { comment: string; parent?: ImageId; tags?: readonly string[] }): Promise<ImageId> {
    const id = `sha256:${this.#ports.hasher.sha256(new TextEncoder().encode(configJson))}` as ImageId;
    if (this.#table.get(id) !== undefined) return id;
    const diffIds = layers.map(({ diffId }) => diffId);
    await this.#table.putNamed({
      id, configJson, diffIds, chainIds: chainIds(this.#ports.hasher, diffIds), layerSizes: layers.map(({ size }) => size), layerTarSizes: layers.map(({ tarSize }) => tarSize),
      tags: [], digests: [], createdNs: String(this.#ports.clock.nowNs()), ...more,
    });
    return id;
  }

  async #name(id: ImageId, tag: string): Promise<void> {
    await this.#lock.run('images', () => this.#table.moveTag(tag, id));
  }

  async #untag(image: Image, names: readonly string[]): Promise<RemovedImage> {
    const left = namesWithout(image, names);
    await this.#table.put({ ...image, ...left });
    const untagged = allNames(image).filter((name) => !allNames(left).includes(name)).map((name) => familiarReference(parseReference(name)));
    for (const name of untagged) emitImage(this.#events, this.#table, 'untag', image.id, name);
    return { untagged, deleted: [] };
  }

  async #delete(image: Image): Promise<readonly string[]> {
    await this.#table.delete(image.id);
    this.#events.emit('image', 'delete', image.id, { name: image.id });
    const needed = this.heldLayers();
    const unneeded = image.chainIds.slice(image.chainIds.findLastIndex((chain) => needed.has(chain)) + 1).reverse();
    const kept = unneeded.map((chain) => this.#pins.keeps(chain));
    // What stands below a layer that stays has to stay, too.
    const deleted: string[] = [image.id, ...unneeded.slice(0, kept.includes(true) ? kept.indexOf(true) : unneeded.length)];
    await this.#ports.snapshots.removeAll(deleted.slice(1) as ChainId[]);
    // Nobody waits for what is only known of the image; what a crash leaves of it goes when the daemon opens.
    void this.#forgetContent(image).catch((thrown: unknown) => this.#ports.log(`image ${shortId(image.id)}: ${messageOf(thrown)}`));
    return deleted;
  }

  /** Documents that no other image has, and what was known of layers that are gone. */
  async #forgetContent(image: Image): Promise<void> {
    const others = this.#table.list();
    const content = new Set(others.flatMap((other) => other.content ?? []));
    for (const digest of image.content ?? []) if (!content.has(digest)) await this.#ports.documents.remove(digest as Digest);
    const diffIds = new Set(others.flatMap((other) => other.diffIds));
    await this.#blobs.forget(image.diffIds.filter((diffId) => !diffIds.has(diffId)));
  }

  /** @param options.name of a tag that would be the image's last */
  #refuseUsed(image: Image, users: readonly Container[], { force, name }: { readonly force: boolean; readonly name: string | undefined }): void {
    const live = users.find(({ state }) => isLive(state.phase));
    const user = live ?? users[0];
    if (user === undefined || (force && live === undefined)) return;
    if (name !== undefined && !force) {
      const familiar = familiarReference(parseReference(name));
      throw new GantryError('conflict', `conflict: unable to remove repository reference "${familiar}" (must force) - container ${shortId(user.spec.id)} is using its referenced image ${shortId(image.id)}`, { hint: 'remove the container first' });
    }
    const how = live === undefined ? 'must be forced' : 'cannot be forced';
    const what = live === undefined ? 'stopped container' : 'running container';
    throw new GantryError('conflict', `conflict: unable to delete ${shortId(image.id)} (${how}) - image is being used by ${what} ${shortId(user.spec.id)}`, { hint: 'remove the container first' });
  }
}

function stored(layer: LayerInfo): StoredLayer {
  return { diffId: layer.diffId, size: layer.contentBytes, tarSize: layer.tarBytes };
}

/** A name, and not an id or its beginning. */
function isName(reference: string): boolean {
  return !/^(sha256:)?[0-9a-f]{4,64}$/.test(reference);
}
