import type { KnownBlob } from '#image/registry/push-plan.ts';
import type { Store } from '#store/store.ts';

const PREFIX = 'layer-blob/';
/** Repositories that are remembered for a layer: a mount needs one. */
const KEPT = 16;

/** By diff id, what is known of layers in registries. Only a hint: what it says is checked before it is counted on. */
export class LayerBlobs {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async find(diffId: string): Promise<KnownBlob | undefined> {
    const entry = await this.#store.get(PREFIX + diffId);
    return entry === undefined ? undefined : JSON.parse(entry.value) as KnownBlob;
  }

  /** The repository has the layer in this form. */
  async note(diffId: string, blob: Omit<KnownBlob, 'repositories'>, repository: string): Promise<void> {
    const known = await this.find(diffId);
    const others = known?.digest === blob.digest ? known.repositories.filter((other) => other !== repository) : [];
    if (known?.digest === blob.digest && known.repositories[0] === repository) return;
    const { digest, size, mediaType } = blob;
    await this.#store.put(PREFIX + diffId, JSON.stringify({ digest, size, mediaType, repositories: [repository, ...others].slice(0, KEPT) }));
  }

  async forget(diffIds: readonly string[]): Promise<void> {
    for (const diffId of diffIds) if (await this.#store.get(PREFIX + diffId) !== undefined) await this.#store.delete(PREFIX + diffId);
  }

  /** Forgets all but these. */
  async keep(diffIds: ReadonlySet<string>): Promise<void> {
    const { entries } = await this.#store.list(PREFIX);
    await this.forget(entries.map(({ key }) => key.slice(PREFIX.length)).filter((diffId) => !diffIds.has(diffId)));
  }
}
