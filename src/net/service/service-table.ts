import { formatElement, keyOf as elementKey } from '../firewall/elements.ts';
import { renderChains, renderElements, renderReplacement } from '../firewall/render-table.ts';
import type { TableElement } from '../firewall/table-layout.ts';
import { chooser, serviceTable, SETS } from './layout.ts';
import { keyOf, type Backend, type Frontend } from './model.ts';
import { arrange, chooserOf, elementsOf, withdrawn } from './plan.ts';

/** What brings the kernel's table from one state to the next, in one transaction. */
export interface TableChange {
  /** Chains that no frontend needed before. */
  readonly chains: readonly string[];
  readonly remove: readonly TableElement[];
  readonly add: readonly TableElement[];
  /** Datagrams on their way to these would go on to them: connections that the kernel has to forget. */
  readonly stale: readonly Stale[];
}

export interface Stale {
  readonly frontend: Pick<Frontend, 'address' | 'port'>;
  /** Absent: whoever answers. A frontend that had nobody may have been answered by somebody else. */
  readonly backend?: Backend;
}

/** With ten backends each, some 500 elements. */
const FRONTENDS_IN_A_PIECE = 50;

/** The frontends that the table of a host has, whose they are, and in which slots their backends stand. */
export class ServiceTable {
  readonly #frontends = new Map<string, { readonly owner: string; readonly placed: Frontend }>();
  readonly #byOwner = new Map<string, readonly string[]>();
  readonly #chains = new Set<string>();

  /**
   * From now on these are all frontends of that owner. One that somebody else has goes over to the new owner: an address
   * is given again only after its last owner is gone.
   */
  put(owner: string, frontends: readonly Frontend[]): TableChange {
    const wanted = new Map(frontends.map((frontend) => [keyOf(frontend), frontend]));
    const changes = [...wanted].map(([key, frontend]) => this.#place(key, owner, frontend));
    for (const key of this.#byOwner.get(owner) ?? []) {
      if (!wanted.has(key) && this.#frontends.get(key)?.owner === owner) changes.push(this.#place(key, owner, undefined));
    }
    if (wanted.size === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, [...wanted.keys()]);
    return joined(changes);
  }

  /** The same for many at once, where the whole table is made afterwards. */
  load(all: ReadonlyMap<string, readonly Frontend[]>): void {
    for (const [owner, frontends] of all) {
      this.#byOwner.set(owner, frontends.map(keyOf));
      for (const frontend of frontends) this.#frontends.set(keyOf(frontend), { owner, placed: frontend });
    }
  }

  owners(): readonly string[] {
    return [...this.#byOwner.keys()];
  }

  /** The whole table as nft commands of one transaction, for a kernel of which nothing is known; in pieces of about a millisecond. */
  *renderAll(table: string, range: string): Generator<string> {
    const all = [...this.#frontends.values()].map(({ placed }) => placed);
    const layout = serviceTable(range);
    this.#chains.clear();
    for (const frontend of all) {
      const name = chooserOf(frontend);
      if (name !== undefined) this.#chains.add(name);
    }
    yield renderReplacement(table, { ...layout, chains: [...layout.chains, ...[...this.#chains].map(chooser)] }, []);
    for (let first = 0; first < all.length; first += FRONTENDS_IN_A_PIECE) {
      yield renderElements('add', table, SETS, all.slice(first, first + FRONTENDS_IN_A_PIECE).flatMap(elementsOf));
    }
  }

  #place(key: string, owner: string, frontend: Frontend | undefined): TableChange {
    const before = this.#frontends.get(key)?.placed;
    const placed = frontend === undefined ? undefined : { ...frontend, backends: arrange(before?.backends ?? [], frontend.backends) };
    if (placed === undefined) this.#frontends.delete(key);
    else this.#frontends.set(key, { owner, placed });
    const change = difference(before === undefined ? [] : elementsOf(before), placed === undefined ? [] : elementsOf(placed));
    const chain = placed === undefined ? undefined : chooserOf(placed);
    const isNew = chain !== undefined && !this.#chains.has(chain);
    if (isNew) this.#chains.add(chain);
    return { ...change, chains: isNew ? [chain] : [], stale: staleOf(before, placed) };
  }
}

/** '' where there is nothing to do. */
export function renderChange(table: string, { chains, remove, add }: TableChange): string {
  return renderChains(table, chains.map(chooser)) + renderElements('delete', table, SETS, remove) + renderElements('add', table, SETS, add);
}

/** A map's element whose data differs is removed and added: nftables has no update. */
function difference(before: readonly TableElement[], after: readonly TableElement[]): Pick<TableChange, 'remove' | 'add'> {
  if (before.length === 0 || after.length === 0) return { remove: before, add: after };
  const old = new Map(before.map((element) => [elementKey(element), formatElement(element)]));
  const next = new Map(after.map((element) => [elementKey(element), formatElement(element)]));
  const differs = (element: TableElement, other: ReadonlyMap<string, string>): boolean => other.get(elementKey(element)) !== formatElement(element);
  return { remove: before.filter((element) => differs(element, next)), add: after.filter((element) => differs(element, old)) };
}

function staleOf(before: Frontend | undefined, after: Frontend | undefined): readonly Stale[] {
  const frontend = before ?? after;
  if (frontend?.protocol !== 'udp') return [];
  const place = { port: frontend.port, ...(frontend.address === undefined ? {} : { address: frontend.address }) };
  const [old, present] = [before?.backends ?? [], after?.backends ?? []];
  if (old.length === 0) return present.length === 0 ? [] : [{ frontend: place }];
  return withdrawn(old, present).map((backend) => ({ frontend: place, backend }));
}

function joined(changes: readonly TableChange[]): TableChange {
  const all = <K extends keyof TableChange>(name: K): TableChange[K] => changes.flatMap((change) => change[name] as readonly unknown[]) as unknown as TableChange[K];
  return { chains: all('chains'), remove: all('remove'), add: all('add'), stale: all('stale') };
}
