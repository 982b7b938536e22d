import { publishedPortsOf } from '#container/model/published.ts';
import { publishElements } from '#net/firewall/elements.ts';
import { renderPlan } from '#net/firewall/render-nft.ts';
import type { Stale } from '#net/service/service-table.ts';
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

/** Those whose backend went go on to nobody; those that found none had gone on to where the address leads without the table. */
export function forgetServiceDatagrams(stale: readonly Stale[]): void {
  const byPort = Map.groupBy(stale, ({ frontend }) => frontend.port);
  forgetConnections(({ protocol, destination, destinationPort, answeredFrom }) => protocol === UDP && (byPort.get(destinationPort) ?? []).some(
    ({ frontend, backend }) => (frontend.address === undefined || frontend.address === destination) && (backend === undefined || backend.address === answeredFrom),
  ));
}
