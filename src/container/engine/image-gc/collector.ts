import { messageOf } from '#base/error.ts';
import { isFull, planEviction, type Candidate, type DiskUse, type Watermarks } from '#image/blob/eviction.ts';
import { shortId } from '#container/model/ids.ts';
import type { ContainerTable } from '../container-table.ts';
import type { EventLog } from '../event-log.ts';
import type { ImageTable } from '../image-table.ts';
import type { ImagesPort } from '../port.ts';
import type { EnginePorts } from '../ports.ts';

/** A label of an image by which its user keeps it. */
const PIN_LABEL = 'io.gantry.pin';

/** The file system that holds the images. */
export interface ImageDisk {
  use(): Promise<DiskUse>;
}

export interface CollectorOptions {
  readonly disk: ImageDisk;
  readonly watermarks: Watermarks;
  readonly everyMs: number;
}

const PREFIX = 'image-use/';
/** A use is written down this often at most: it is for choosing between weeks and months. */
const NOTE_EVERY_NS = 3_600_000_000_000n;
const USES = new Set(['create', 'start', 'die', 'destroy']);

/** Keeps the disk from filling with images. */
export class ImageCollector {
  readonly #ports: EnginePorts;
  readonly #parts: { readonly table: ImageTable; readonly containers: ContainerTable; readonly images: ImagesPort; readonly events: EventLog };
  readonly #options: CollectorOptions;
  readonly #used = new Map<string, bigint>();
  readonly #noted = new Map<string, bigint>();
  #told = '';

  constructor(ports: EnginePorts, parts: { readonly table: ImageTable; readonly containers: ContainerTable; readonly images: ImagesPort; readonly events: EventLog }, options: CollectorOptions) {
    this.#ports = ports;
    this.#parts = parts;
    this.#options = options;
  }

  async open(): Promise<void> {
    for (const { key, value } of (await this.#ports.store.list(PREFIX)).entries) {
      const id = key.slice(PREFIX.length);
      if (this.#parts.table.get(id) === undefined) await this.#ports.store.delete(key);
      else this.#used.set(id, BigInt(value));
    }
    this.#parts.events.subscribe({}, ({ type, action, id }) => {
      if (type === 'container' && USES.has(action)) this.#note(this.#parts.containers.get(id)?.spec.image.id);
      if (type === 'image' && action === 'pull') void this.collect();
    });
    this.#schedule();
  }

  /** Looks at the disk, and removes what the plan says. */
  async collect(): Promise<void> {
    try {
      const { disk, watermarks } = this.#options;
      await this.#dropUnfinished(isFull(await disk.use(), watermarks));
      const plan = planEviction('the disk of the images', await disk.use(), watermarks, this.#candidates(), this.#ports.clock.nowNs());
      for (const { id, bytes, cause } of plan.steps) await this.#remove(id, bytes, cause);
      if (plan.shortfall !== undefined && plan.shortfall !== this.#told) this.#ports.log(`images: ${plan.shortfall}`);
      this.#told = plan.shortfall ?? '';
    } catch (thrown) {
      this.#ports.log(`images: collection: ${messageOf(thrown)}`);
    }
  }

  /** Before any image. */
  async #dropUnfinished(isDiskFull: boolean): Promise<void> {
    const bytes = await this.#parts.images.dropUnfinished(isDiskFull ? 'all' : 'old');
    if (bytes > 0) this.#ports.log(`images: ${bytes} bytes of pulls that broke off removed${isDiskFull ? ': the disk is full' : ''}`);
  }

  async #remove(id: string, bytes: number, cause: string): Promise<void> {
    const { images, events, table } = this.#parts;
    const name = table.get(id)?.tags[0] ?? id;
    try {
      await images.remove(id, { force: true });
    } catch (thrown) {
      // It came into use meanwhile.
      this.#ports.log(`images: ${shortId(id)} stays: ${messageOf(thrown)}`);
      return;
    }
    events.emit('image', 'gc', id, { name, reason: cause, bytes: String(bytes) });
    this.#ports.log(`images: ${name} (${shortId(id)}, ${bytes} bytes) removed: ${cause}`);
    await this.#ports.store.delete(PREFIX + id).catch(() => undefined);
  }

  #candidates(): Candidate[] {
    const inUse = new Set(this.#parts.containers.list().map(({ spec }) => spec.image.id as string));
    return this.#parts.table.list().map((image) => ({
      id: image.id, parts: image.chainIds.map((id, index) => ({ id, bytes: image.layerSizes[index] ?? 0 })), isKept: inUse.has(image.id) || isPinned(image.configJson),
      lastUsedNs: this.#used.get(image.id) ?? BigInt(image.createdNs),
    }));
  }

  #note(image: string | undefined): void {
    if (image === undefined) return;
    const nowNs = this.#ports.clock.nowNs();
    this.#used.set(image, nowNs);
    if (nowNs - (this.#noted.get(image) ?? 0n) < NOTE_EVERY_NS) return;
    this.#noted.set(image, nowNs);
    void this.#ports.store.put(PREFIX + image, String(nowNs)).catch(() => undefined);
  }

  #schedule(): void {
    this.#ports.timers.after(this.#options.everyMs, () => void this.collect().then(() => this.#schedule()));
  }
}

function isPinned(configJson: string): boolean {
  const config = JSON.parse(configJson) as { readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null } };
  const labels = config.config?.Labels ?? {};
  return Object.hasOwn(labels, PIN_LABEL) && !['', '0', 'false', 'no'].includes(labels[PIN_LABEL] ?? '');
}
