import { publishedPortsOf } from '#container/model/published.ts';
import { publishElements } from '#net/firewall/elements.ts';
import { renderPlan } from '#net/firewall/render-nft.ts';
import type { StepOf } from '../step.ts';

export function publishCommands(table: string, step: StepOf<'publish'>): string {
  const add = publishedPortsOf(step.endpoints, step.ports).flatMap(publishElements);
  return renderPlan(table, { kind: 'change', remove: [], add });
}

/** A command for each element: a missing one must not keep the others. */
export function unpublishCommands(table: string, step: StepOf<'unpublish'>): string[] {
  return publishedPortsOf(step.endpoints, step.ports).flatMap(publishElements).map((element) => renderPlan(table, { kind: 'change', remove: [element], add: [] }));
}
