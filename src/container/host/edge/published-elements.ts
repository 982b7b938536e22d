import { publishedPortsOf } from '#container/model/published.ts';
import { publishElements } from '#net/firewall/elements.ts';
import { renderPlan } from '#net/firewall/render-nft.ts';
import type { StepOf } from '../step.ts';
import { forgetConnections } from './linux/netlink/conntrack.ts';

export function publishCommands(table: string, step: StepOf<'publish'>): string {
  const add = publishedPortsOf(step.endpoints, step.ports).flatMap(publishElements);
  return renderPlan(table, { kind: 'change', remove: [], add });
}

/** A command for each element: a missing one must not keep the others. */
export function unpublishCommands(table: string, step: StepOf<'unpublish'>): string[] {
  return publishedPortsOf(step.endpoints, step.ports).flatMap(publishElements).map((element) => renderPlan(table, { kind: 'change', remove: [element], add: [] }));
}

const UDP = 17;

/** Clients of UDP ports that change hands begin anew: the kernel would else send them on as before for as long as they talk. */
export function forgetDatagrams(step: StepOf<'publish'> | StepOf<'unpublish'>): void {
  const ports = new Set(step.ports.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort));
  if (ports.size === 0) return;
  const targets = new Set(step.endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4?.address, ipv6?.address]));
  forgetConnections(({ protocol, destinationPort, answeredFrom }) => protocol === UDP && (ports.has(destinationPort) || targets.has(answeredFrom)));
}
