import type { SealedLayer } from '#image/snapshot/port.ts';
import { mayLeadTo } from '#image/snapshot/tree-selection.ts';
import type { Arrival, AssembleRequest, TreeSource, TreeWork } from '#image/snapshot/tree-work.ts';

/** A layer that is begun while what it is made of still comes. It comes to be only when it is asked for. */
export class PreparedLayer {
  readonly #abort = new AbortController();
  readonly #wanted = Promise.withResolvers<void>();
  readonly #layer: Promise<SealedLayer>;
  readonly #isWhole: Promise<boolean>;

  constructor(trees: Pick<TreeWork, 'assemble'>, request: Omit<AssembleRequest, 'wanted'>) {
    this.#layer = trees.assemble({ ...request, wanted: this.#wanted.promise }, this.#abort.signal);
    this.#layer.catch(() => undefined);
    this.#isWhole = Promise.all(request.sources.map((source) => arrivalOf(source)?.whole)).then(() => true, () => false);
  }

  /** Undefined where it was begun with something else than what has come: then it is to be made anew. */
  async finish(signal: AbortSignal): Promise<SealedLayer | undefined> {
    const stop = (): void => this.giveUp();
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (!await this.#isWhole) return undefined;
      this.#wanted.resolve();
      return await this.#layer;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  giveUp(): void {
    this.#abort.abort();
  }
}

/** Whether it copies something that is still coming. What unpacks has to see all first. */
export function isWorthPreparing({ sources, actions }: Pick<AssembleRequest, 'sources' | 'actions'>): boolean {
  const copies = actions.filter((action) => action.kind === 'copy');
  if (copies.some(({ unpacks }) => unpacks)) return false;
  return copies.some(({ source, parts }) => arrivalOf(sources[source])?.files.some(({ path }) => mayLeadTo(parts, path)) ?? false);
}

function arrivalOf(source: TreeSource | undefined): Arrival | undefined {
  return source?.kind === 'directory' ? source.arriving : undefined;
}
