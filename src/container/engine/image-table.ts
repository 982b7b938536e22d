import { GantryError } from '#base/error.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { Image } from '#container/model/image.ts';
import type { ImageId } from '#container/model/ids.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import { familiarReference, formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { Store } from '#store/store.ts';

const PREFIX = 'image/';

/** All images: read from memory, written through to the store. */
export class ImageTable {
  readonly #store: Store;
  readonly #rows = new Map<string, Image>();

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<void> {
    for (const { value } of (await this.#store.list(PREFIX)).entries) {
      const image = JSON.parse(value) as Image;
      this.#rows.set(image.id, image);
    }
  }

  list(): readonly Image[] {
    return [...this.#rows.values()];
  }

  get(id: string): Image | undefined {
    return this.#rows.get(id);
  }

  /** Base layer first. */
  chainOf(id: ImageId): readonly ChainId[] {
    const image = this.#rows.get(id);
    if (image === undefined) throw new GantryError('not-found', `No such image: ${id}`, { hint: 'the image of this container was removed; load it again' });
    return image.chainIds as readonly ChainId[];
  }

  /** By full or short id, digest, or name (a missing tag is `latest`). @throws GantryError not-found; invalid for what can be none of them */
  find(text: string): Image {
    const hex = text.startsWith('sha256:') ? text.slice(7) : text;
    const exact = this.#rows.get(`sha256:${hex}`);
    if (exact !== undefined) return exact;
    const named = this.#byName(text);
    if (named !== undefined) return named;
    const matches = /^[0-9a-f]{2,64}$/.test(hex) ? [...this.#rows.values()].filter((image) => image.id.slice(7).startsWith(hex)) : [];
    if (matches.length > 1) throw new GantryError('invalid', `image ID prefix ${text} is ambiguous`, { hint: 'give more characters of the id' });
    const only = matches[0];
    if (only !== undefined) return only;
    const shown = /^[0-9a-f]{64}$/.test(hex) ? text : familiarReference(withDefaultTag(parseReference(text)));
    throw new GantryError('not-found', `No such image: ${shown}`);
  }

  tagHolder(tag: string): Image | undefined {
    return this.list().find((image) => image.tags.includes(tag));
  }

  async put(image: Image): Promise<void> {
    await this.#store.put(PREFIX + image.id, JSON.stringify(image));
    this.#rows.set(image.id, image);
  }

  async delete(id: ImageId): Promise<void> {
    await this.#store.delete(PREFIX + id);
    this.#rows.delete(id);
  }

  /** Gives the name to one image and takes it from the one that had it. */
  async moveTag(tag: string, id: ImageId): Promise<void> {
    if (this.tagHolder(tag)?.id === id) return;
    const image = this.#rows.get(id);
    if (image !== undefined) await this.putNamed({ ...image, tags: [...image.tags, tag].sort() });
  }

  /** Others lose the names that it has. Together, for that is one write to the disk. */
  async putNamed(image: Image): Promise<void> {
    const others = this.list().filter(({ id, tags }) => id !== image.id && tags.some((tag) => image.tags.includes(tag)));
    await Promise.all([...others.map((other) => this.put({ ...other, tags: other.tags.filter((tag) => !image.tags.includes(tag)) })), this.put(image)]);
  }

  #byName(text: string): Image | undefined {
    let full: string;
    try {
      full = fullName(text);
    } catch {
      return undefined;
    }
    return this.list().find((image) => image.tags.includes(full) || image.digests.includes(full));
  }
}

/** What a container's file system stands on, lowest first. */
export function layersOf(spec: Pick<ContainerSpec, 'image' | 'layers'>, images: ImageTable): readonly ChainId[] {
  return spec.layers === undefined ? images.chainOf(spec.image.id) : spec.layers as readonly ChainId[];
}

/** `nginx` -> `docker.io/library/nginx:latest`. @throws GantryError invalid: invalid reference format */
export function fullName(text: string): string {
  return formatReference(withDefaultTag(parseReference(text)));
}
