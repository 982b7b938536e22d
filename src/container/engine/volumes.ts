import { GantryError } from '#base/error.ts';
import type { HostStep } from '#container/host/step.ts';
import type { Container } from '#container/model/container.ts';
import { newId, type ContainerId } from '#container/model/ids.ts';
import type { Volume, VolumeMount } from '#container/model/mount.ts';
import type { EventLog } from './event-log.ts';
import { volumePathOf } from './layout.ts';
import type { VolumesPort } from './port.ts';
import type { EnginePorts } from './ports.ts';

const PREFIX = 'volume/';
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Named and anonymous volumes of the local driver. */
export class Volumes implements VolumesPort {
  readonly #ports: EnginePorts;
  readonly #events: EventLog;
  readonly #users: () => readonly Container[];
  readonly #rows = new Map<string, Volume>();

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

  list(): readonly Volume[] {
    return [...this.#rows.values()];
  }

  find(name: string): Volume {
    const volume = this.#rows.get(name);
    if (volume === undefined) throw new GantryError('not-found', `get ${name}: no such volume`);
    return volume;
  }

  pathOf(name: string): string {
    return volumePathOf(this.#ports.layout, name);
  }

  async create(request: { name: string; labels: Readonly<Record<string, string>>; options: Readonly<Record<string, string>> }): Promise<Volume> {
    const anonymous = request.name === '';
    const name = anonymous ? newId<ContainerId>(this.#ports.random) : request.name;
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const labels = anonymous ? { ...request.labels, 'com.docker.volume.anonymous': '' } : request.labels;
    return await this.#make({ name, labels, options: request.options, anonymous, createdNs: String(this.#ports.clock.nowNs()) });
  }

  async remove(name: string, options: { force: boolean }): Promise<void> {
    const volume = this.#rows.get(name);
    if (volume === undefined) {
      if (options.force) return;
      throw new GantryError('not-found', `get ${name}: no such volume`);
    }
    const users = this.#users().filter(({ spec }) => spec.mounts.some((mount) => mount.kind === 'volume' && mount.volume === name));
    if (users.length > 0) {
      throw new GantryError('conflict', `remove ${name}: volume is in use - [${users.map(({ spec }) => spec.id).join(', ')}]`, { hint: 'remove those containers first' });
    }
    await this.#unmake(name, `volume ${name} is removed`);
  }

  /** Volumes that a new container mounts are there before it is; an empty one takes over the image's files. */
  async provide(mounts: readonly VolumeMount[], layers: readonly string[]): Promise<void> {
    for (const mount of mounts) {
      const known = this.#rows.get(mount.volume);
      const labels = mount.anonymous ? { 'com.docker.volume.anonymous': '' } : {};
      if (known === undefined) await this.#make({ name: mount.volume, labels, options: {}, anonymous: mount.anonymous, createdNs: String(this.#ports.clock.nowNs()) });
      else await this.#makeDirectory(mount.volume);
      if (!mount.copyUp || mount.subpath !== undefined) continue;
      const step: HostStep = { kind: 'copy-up', layers, path: mount.target, destination: this.pathOf(mount.volume), cause: `volume ${mount.volume} at ${mount.target}` };
      await this.#ports.host['copy-up'](step);
    }
  }

  async removeAnonymous(container: Container): Promise<void> {
    for (const mount of container.spec.mounts) {
      if (mount.kind !== 'volume' || !mount.anonymous) continue;
      const shared = this.#users().some(({ spec }) => spec.id !== container.spec.id && spec.mounts.some((other) => other.kind === 'volume' && other.volume === mount.volume));
      if (shared || !this.#rows.has(mount.volume)) continue;
      await this.#unmake(mount.volume, 'removed with its container');
    }
  }

  async #makeDirectory(name: string): Promise<void> {
    await this.#ports.host['make-directory']({ kind: 'make-directory', path: this.pathOf(name), mode: 0o755, cause: `volume ${name}` });
  }

  /** The row last: as long as it is there, a removal that was cut short can be done again. */
  async #unmake(name: string, cause: string): Promise<void> {
    await this.#ports.host['remove-tree']({ kind: 'remove-tree', path: `${this.#ports.layout.root}/volumes/${name}`, cause });
    await this.#ports.store.delete(PREFIX + name);
    this.#rows.delete(name);
    this.#events.emit('volume', 'destroy', name, { driver: 'local' });
  }

  async #make(volume: Volume): Promise<Volume> {
    if (!NAME.test(volume.name)) {
      throw new GantryError('invalid', `create ${volume.name}: "${volume.name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`);
    }
    // The row first: a directory that nobody knows would stay for ever.
    await this.#ports.store.put(PREFIX + volume.name, JSON.stringify(volume));
    this.#rows.set(volume.name, volume);
    await this.#makeDirectory(volume.name);
    this.#events.emit('volume', 'create', volume.name, { driver: 'local' });
    return volume;
  }
}
