import { formatElement, keyOf, type Element } from './elements.ts';
import { CHAINS, SET_NAMES } from './layout.ts';
import type { ObservedTable } from './observe.ts';

/** What brings the kernel's table to what is wanted, in one transaction. */
export type FirewallPlan =
  | { readonly kind: 'nothing' }
  /** The table is made anew, in the same transaction in which the old one goes: no packet sees the gap. */
  | { readonly kind: 'replace'; readonly cause: string; readonly elements: readonly Element[] }
  | { readonly kind: 'change'; readonly remove: readonly Element[]; readonly add: readonly Element[] };

export function planFirewall(observed: ObservedTable | undefined, wanted: readonly Element[]): FirewallPlan {
  const cause = versionFault(observed, wanted) ?? causeToReplace(observed);
  if (cause !== undefined) return { kind: 'replace', cause, elements: wanted };
  const present = new Map(observed!.elements.map((element) => [keyOf(element), element]));
  const needed = new Map(wanted.map((element) => [keyOf(element), element]));
  // A map's element whose data differs is removed and added: nftables has no update.
  const differs = (element: Element, other: Element | undefined): boolean => other === undefined || formatElement(element) !== formatElement(other);
  const remove = observed!.elements.filter((element) => differs(element, needed.get(keyOf(element))));
  const add = wanted.filter((element) => differs(element, present.get(keyOf(element))));
  return remove.length + add.length === 0 ? { kind: 'nothing' } : { kind: 'change', remove, add };
}

/** One step a line, for people and tests. */
export function formatPlan(plan: FirewallPlan): string {
  switch (plan.kind) {
    case 'nothing':
      return 'nothing to do';
    case 'replace':
      return [`replace the table: ${plan.cause}`, ...plan.elements.map((element) => `+ ${formatElement(element)}`)].join('\n');
    case 'change':
      return [...plan.remove.map((element) => `- ${formatElement(element)}`), ...plan.add.map((element) => `+ ${formatElement(element)}`)].join('\n');
  }
}

function versionFault(observed: ObservedTable | undefined, wanted: readonly Element[]): string | undefined {
  if (observed === undefined) return undefined;
  const version = (elements: readonly Element[]): string => elements.filter(({ set }) => set === 'layout').map(keyOf).join();
  return version(observed.elements) === version(wanted) ? undefined : 'its layout is of another version';
}

/** What of the table is not as we make it, but for its elements. */
export function causeToReplace(observed: ObservedTable | undefined): string | undefined {
  if (observed === undefined) return 'there is none';
  const missing = SET_NAMES.find((name) => !observed.sets.has(name));
  if (missing !== undefined) return `its set ${missing} is missing`;
  for (const { name, rules } of CHAINS) {
    const count = observed.ruleCounts.get(name);
    if (count !== rules.length) return `its chain ${name} ${count === undefined ? 'is missing' : `has ${count} rules instead of ${rules.length}`}`;
  }
  return observed.foreign.length > 0 ? `it has what is not ours: ${observed.foreign.join(', ')}` : undefined;
}
