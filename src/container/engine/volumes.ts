import { Cancellation } from '#base/cancellation.ts';
import { GantryError, messageOf } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import { newId, type ContainerId } from '#container/model/ids.ts';
import type { Volume, VolumeMount } from '#container/model/mount.ts';
import type { EventLog } from './event-log.ts';
import { KeyedLock } from './keyed-lock.ts';
import { volumePathOf } from './layout.ts';
import type { VolumesPort } from './port.ts';
import type { EnginePorts } from './ports.ts';
import { checkVolumeOptions, sourceOf } from './volume-options.ts';

const PREFIX = 'volume/';
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

type VolumeRequest = Pick<Volume, 'name' | 'labels' | 'options'>;

/** Named and anonymous volumes of the local driver. What changes one holds its lock. */
export class Volumes implements VolumesPort {
  readonly #ports: EnginePorts;
  readonly #events: EventLog;
  readonly #users: () => readonly Container[];
  readonly #rows = new Map<string, Volume>();
  readonly #lock = new KeyedLock();

  constructor(ports: EnginePorts, events: EventLog, users: () => readonly Container[]) {
    this.#ports = ports;
    this.#events = events;
    this.#users = users;
  }

  async load(): Promise<void> {
    for (const { value } of (await this.#ports.store.list(PREFIX)).entries) {
      const volume = JSON.parse(value) as Volume;
      this.#rows.set(volume.name, volume);
    }
  }

  /** After a daemon's death: a copy that was not finished goes, a move that was begun is finished. */
  async resume(): Promise<void> {
    for (const volume of this.list()) {
      const work = volume.isFilling === true ? this.#unmake(volume.name, 'its copy did not come to its end') : volume.movingTo !== undefined ? this.#finishMove(volume, volume.movingTo) : undefined;
      await work?.catch((thrown: unknown) => this.#ports.log(`volume ${volume.name}: ${messageOf(thrown)}`));
    }
  }

  list(): readonly Volume[] {
    return [...this.#rows.values()];
  }

  find(name: string): Volume {
    const volume = this.#rows.get(name);
    if (volume === undefined) throw new GantryError('not-found', `get ${name}: no such volume`);
    return volume;
  }

  async sizeOf(name: string): Promise<number | undefined> {
    const volume = this.find(name);
    return Object.keys(volume.options).length > 0 ? undefined : await this.#ports.host.treeSize(this.pathOf(name));
  }

  pathOf(name: string): string {
    return volumePathOf(this.#ports.layout, name);
  }

  async create(request: VolumeRequest): Promise<Volume> {
    const name = request.name === '' ? newId<ContainerId>(this.#ports.random) : request.name;
    return await this.#lock.run(name, async () => this.#rows.get(name) ?? await this.#make(this.#blank({ ...request, name }, request.name === '')));
  }

  async remove(name: string, options: { force: boolean }): Promise<void> {
    await this.#lock.run(name, async () => {
      if (!this.#rows.has(name)) {
        if (options.force) return;
        throw new GantryError('not-found', `get ${name}: no such volume`);
      }
      this.#refuseUsed(name, 'remove');
      await this.#unmake(name, `volume ${name} is removed`);
    });
  }

  async rename(name: string, to: string): Promise<Volume> {
    return await this.#lock.run(name, async () => {
      const volume = this.find(name);
      this.#refuseUsed(name, 'rename');
      return await this.#lock.run(to, async () => {
        this.#refuseTaken(to);
        const moving = { ...volume, movingTo: to };
        await this.#put(moving);
        const moved = await this.#finishMove(moving, to);
        this.#events.emit('volume', 'rename', to, { driver: 'local', oldName: name });
        return moved;
      });
    });
  }

  async clone(name: string, to: string): Promise<Volume> {
    const { labels, options } = this.find(name);
    return await this.#lock.run(to, async () => {
      this.#refuseTaken(to);
      const source = await this.#rootOf(name);
      const filling = await this.#make({ ...this.#blank({ name: to, labels, options: {} }, false), isFilling: true });
      try {
        await this.#ports.host['copy-tree']({ kind: 'copy-tree', source, destination: this.pathOf(to), cause: `copy of volume ${name}${Object.keys(options).length > 0 ? ', with the content alone' : ''}` });
      } catch (thrown) {
        await this.#unmake(to, 'its copy failed');
        throw thrown;
      }
      const { isFilling: _done, ...filled } = filling;
      return await this.#put(filled);
    });
  }

  async export(name: string): Promise<AsyncIterable<Uint8Array>> {
    const view = await this.#ports.host.openFiles({ kind: 'directory', path: await this.#rootOf(name) });
    return closing(this.#ports.files.export(view), () => view.close());
  }

  async import(name: string, tar: AsyncIterable<Uint8Array>): Promise<void> {
    await this.create({ name, labels: {}, options: {} });
    const view = await this.#ports.host.openFiles({ kind: 'directory', path: await this.#rootOf(name) });
    try {
      await this.#ports.files.write(view, '/', tar, { keepsKind: false }, new Cancellation());
    } finally {
      view.close();
    }
  }

  /** Volumes that a new container mounts are there before it is; an empty one takes over the image's files. */
  async provide(mounts: readonly VolumeMount[], layers: readonly string[]): Promise<void> {
    for (const mount of mounts) {
      await this.#lock.run(mount.volume, async () => {
        const { volume: name, labels = {}, options = {} } = mount;
        const volume = this.#rows.get(name) ?? await this.#make(this.#blank({ name, labels, options }, mount.anonymous));
        await this.#makeDirectory(name);
        if (mount.copyUp && mount.subpath === undefined) await this.#copyUp(volume, mount, layers);
      });
    }
  }

  async removeAnonymous(container: Container): Promise<void> {
    for (const mount of container.spec.mounts) {
      if (mount.kind !== 'volume' || !mount.anonymous) continue;
      await this.#lock.run(mount.volume, async () => {
        if (this.#usersOf(mount.volume).some(({ spec }) => spec.id !== container.spec.id) || !this.#rows.has(mount.volume)) return;
        await this.#unmake(mount.volume, 'removed with its container');
      });
    }
  }

  #usersOf(name: string): readonly Container[] {
    return this.#users().filter(({ spec }) => spec.mounts.some((mount) => mount.kind === 'volume' && mount.volume === name));
  }

  #refuseUsed(name: string, verb: 'remove' | 'rename'): void {
    const users = this.#usersOf(name);
    if (users.length === 0) return;
    throw new GantryError('conflict', `${verb} ${name}: volume is in use - [${users.map(({ spec }) => spec.id).join(', ')}]`, { hint: 'remove those containers first' });
  }

  #refuseTaken(name: string): void {
    if (this.#rows.has(name)) throw new GantryError('conflict', `there is a volume ${name} already`, { subject: `volume ${name}`, hint: 'choose another name, or remove it first' });
    checkName(name);
  }

  /** The image's files, unless something is mounted there that the engine did not make. */
  async #copyUp(volume: Volume, mount: VolumeMount, layers: readonly string[]): Promise<void> {
    const source = sourceOf(volume);
    const destination = source.kind === 'bind' ? source.path : this.pathOf(volume.name);
    if (source.kind === 'mount' || (source.kind === 'bind' && (source.readonly || await this.#ports.host.exists(destination) !== 'directory'))) return;
    await this.#ports.host['copy-up']({ kind: 'copy-up', layers, path: mount.target, destination, cause: `volume ${volume.name} at ${mount.target}` });
  }

  /** Where its files are now, mounted if its options say so. */
  async #rootOf(name: string): Promise<string> {
    const source = sourceOf(this.find(name));
    if (source.kind === 'bind') return source.path;
    const path = this.pathOf(name);
    if (source.kind === 'mount') await this.#ports.host['mount-volume']({ kind: 'mount-volume', path, type: source.type, device: source.device, options: source.options, cause: `volume ${name}` });
    return path;
  }

  #blank({ name, labels, options }: VolumeRequest, anonymous: boolean): Volume {
    return { name, options, anonymous, labels: anonymous ? { ...labels, 'com.docker.volume.anonymous': '' } : labels, createdNs: String(this.#ports.clock.nowNs()) };
  }

  async #makeDirectory(name: string): Promise<void> {
    await this.#ports.host['make-directory']({ kind: 'make-directory', path: this.pathOf(name), mode: 0o755, cause: `volume ${name}` });
  }

  /** The row last: as long as it is there, a removal that was cut short can be done again. */
  async #unmake(name: string, cause: string): Promise<void> {
    const volume = this.find(name);
    if (sourceOf(volume).kind === 'mount') await this.#ports.host['unmount-volume']({ kind: 'unmount-volume', path: this.pathOf(name), cause });
    await this.#ports.host['remove-tree']({ kind: 'remove-tree', path: this.#directoryOf(name), cause });
    await this.#ports.store.delete(PREFIX + name);
    this.#rows.delete(name);
    this.#events.emit('volume', 'destroy', name, { driver: 'local' });
  }

  /** Each part may be done already. */
  async #finishMove(volume: Volume, to: string): Promise<Volume> {
    const cause = `volume ${volume.name} becomes ${to}`;
    if (sourceOf(volume).kind === 'mount') await this.#ports.host['unmount-volume']({ kind: 'unmount-volume', path: this.pathOf(volume.name), cause });
    await this.#ports.host['move-tree']({ kind: 'move-tree', source: this.#directoryOf(volume.name), destination: this.#directoryOf(to), cause });
    const { movingTo: _moved, ...moved } = { ...volume, name: to };
    await this.#put(moved);
    await this.#ports.store.delete(PREFIX + volume.name);
    this.#rows.delete(volume.name);
    return moved;
  }

  #directoryOf(name: string): string {
    return this.pathOf(name).slice(0, -'/_data'.length);
  }

  async #make(volume: Volume): Promise<Volume> {
    checkName(volume.name);
    checkVolumeOptions(volume.name, volume.options);
    // The row first: a directory that nobody knows would stay for ever.
    await this.#put(volume);
    await this.#makeDirectory(volume.name);
    this.#events.emit('volume', 'create', volume.name, { driver: 'local' });
    return volume;
  }

  async #put(volume: Volume): Promise<Volume> {
    await this.#ports.store.put(PREFIX + volume.name, JSON.stringify(volume));
    this.#rows.set(volume.name, volume);
    return volume;
  }
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new GantryError('invalid', `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`);
}

async function* closing(tar: AsyncIterable<Uint8Array>, close: () => void): AsyncIterable<Uint8Array> {
  try {
    yield* tar;
  } finally {
    close();
  }
}
