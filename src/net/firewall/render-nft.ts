import { unreachable } from '#base/error.ts';
import { CHAINS, SETS } from './layout.ts';
import type { FirewallPlan } from './plan.ts';
import { checkTableName, renderElements, renderReplacement } from './render-table.ts';

/**
 * Commands for `nft -f -` or libnftables, to be run as one transaction; '' when there is nothing to do.
 * Each field is checked against its type, so that no name or address can become syntax.
 */
export function renderPlan(table: string, plan: FirewallPlan): string {
  checkTableName(table);
  switch (plan.kind) {
    case 'nothing':
      return '';
    case 'replace':
      return renderReplacement(table, { sets: SETS, chains: CHAINS }, plan.elements);
    case 'change':
      return renderElements('delete', table, SETS, plan.remove) + renderElements('add', table, SETS, plan.add);
    default:
      unreachable(plan);
  }
}
