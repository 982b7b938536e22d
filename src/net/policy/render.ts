import { renderChains, renderElements, renderReplacement, renderSets } from '../firewall/render-table.ts';
import type { SetLayout, TableElement } from '../firewall/table-layout.ts';
import { FIXED_SETS } from './layout.ts';
import { layoutOfSet, type PolicyTable, type TableChange } from './policy-table.ts';

/** nft commands of one transaction; '' where there is nothing to do. What refers to another comes after it, and goes before it. */
export function renderChange(table: string, { newSets, newChains, remove, emptied, filled, add, goneChains, goneSets }: TableChange): string {
  const lines = (verb: string, names: readonly string[]): string => names.map((name) => `${verb} inet ${table} ${name}\n`).join('');
  return [
    renderSets(table, layouts(newSets)), renderChains(table, newChains.map((name) => ({ name, rules: [] }))), renderElements('delete', table, layouts(setsOf(remove)), remove),
    lines('flush chain', emptied), renderChains(table, filled), renderElements('add', table, layouts(setsOf(add)), add), lines('delete chain', goneChains), lines('delete set', goneSets),
  ].join('');
}

export function renderWhole(table: string, policies: PolicyTable): string {
  const { sets, chains, elements } = policies.whole();
  const layout = { ...FIXED_SETS, ...layouts(sets) };
  return renderReplacement(table, { sets: layout, chains }, elements);
}

const setsOf = (elements: readonly TableElement[]): readonly string[] => [...new Set(elements.map(({ set }) => set))];

function layouts(names: readonly string[]): Readonly<Record<string, SetLayout>> {
  return Object.fromEntries(names.map((name) => [name, layoutOfSet(name)]));
}
