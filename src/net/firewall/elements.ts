import { GantryError } from '#base/error.ts';
import { formatCidr } from '../cidr.ts';
import { formatIp, isUnspecified } from '../ip.ts';
import { LAYOUT_VERSION, type SetName } from './layout.ts';
import type { FirewallNetwork, PublishedPorts } from './model.ts';
import type { TableElement } from './table-layout.ts';

/** An element of the firewall's own table. */
export interface Element extends TableElement {
  readonly set: SetName;
}

/** `publish4_any tcp 8080`: what can be in a table once. */
export function keyOf(element: TableElement): string {
  return [element.set, ...element.key].join(' ');
}

/** With the data: `publish4_any tcp 8080 -> 172.17.0.2 80`. */
export function formatElement(element: TableElement): string {
  return element.data === undefined ? keyOf(element) : `${keyOf(element)} -> ${element.data.join(' ')}`;
}

/** All that the table must hold. Throws `conflict` when two ports claim one place, `invalid` for ports that make no sense. */
export function wantedElements(networks: Iterable<FirewallNetwork>, ports: Iterable<PublishedPorts>): readonly Element[] {
  const elements: Element[] = [{ set: 'layout', key: [LAYOUT_VERSION] }];
  for (const network of networks) elements.push(...networkElements(network));
  const portElements = [...ports].flatMap(publishElements);
  refuseDuplicates(portElements);
  return [...elements, ...portElements];
}

export function networkElements(network: FirewallNetwork): readonly Element[] {
  const { bridge } = network;
  const elements: Element[] = [{ set: 'bridges', key: [bridge] }];
  if (network.internal) elements.push({ set: 'internal', key: [bridge] });
  if (network.betweenContainers) elements.push({ set: 'same', key: [bridge, bridge] });
  for (const subnet of network.subnets) {
    const text = formatCidr(subnet);
    elements.push({ set: `own${subnet.family}`, key: [text, bridge] });
    if (network.internal) elements.push({ set: `guarded${subnet.family}`, key: [text] });
    else elements.push(...outwardElements(network, subnet.family, text));
  }
  return elements;
}

function outwardElements({ bridge, masquerade, modes, trustedLinks = [], sourceAddresses }: FirewallNetwork, family: 4 | 6, subnet: string): Element[] {
  const mode = modes?.[family] ?? 'nat';
  const source = sourceAddresses?.[family];
  const hides = masquerade && mode !== 'routed';
  return [
    // Without masquerading answers from outside name the container, so there only the forward chain guards it.
    ...(hides && mode === 'nat' ? [{ set: `guarded${family}`, key: [subnet] } as const] : []),
    ...(mode === 'nat-unprotected' ? [{ set: `open${family}`, key: [bridge] } as const] : []),
    ...(!hides ? [] : source === undefined ? [{ set: `masquerade${family}`, key: [subnet] } as const] : [{ set: `source${family}`, key: [subnet], data: [formatIp(source)] } as const]),
    ...trustedLinks.map((link) => ({ set: `trusted${family}`, key: [link, subnet] } as const)),
  ];
}

export function publishElements(ports: PublishedPorts): readonly Element[] {
  check(ports);
  const { protocol, hostIp, hostPort, targetIp, targetPort, count } = ports;
  const anywhere = isUnspecified(hostIp);
  const place = anywhere ? [protocol] : [formatIp(hostIp), protocol];
  const scope = anywhere ? 'any' : 'at';
  const target = formatIp(targetIp);
  if (ports.isRouted === true) return Array.from({ length: count }, (_, index): Element => ({ set: `routed${targetIp.family}`, key: [target, protocol, String(targetPort + index)] }));
  if (count > 1 && hostPort === targetPort) {
    return [{ set: `range${hostIp.family}_${scope}`, key: [...place, `${hostPort}-${hostPort + count - 1}`], data: [target] }];
  }
  return Array.from({ length: count }, (_, index): Element => ({
    set: `publish${hostIp.family}_${scope}`,
    key: [...place, String(hostPort + index)],
    data: [target, String(targetPort + index)],
  }));
}

function check(ports: PublishedPorts): void {
  const { protocol, hostIp, hostPort, targetIp, targetPort, count } = ports;
  const subject = `port ${hostPort}/${protocol}`;
  for (const first of [hostPort, targetPort]) {
    if (!Number.isInteger(first) || !Number.isInteger(count) || first < 1 || count < 1 || first + count - 1 > 65_535) {
      throw new GantryError('invalid', `${count} ports from ${first} are not in 1 to 65535`, { subject });
    }
  }
  if (hostIp.family !== targetIp.family) {
    throw new GantryError('invalid', `a port of ${formatIp(hostIp)} can't lead to ${formatIp(targetIp)}: packets are not translated between IPv4 and IPv6`, { subject });
  }
  if (isUnspecified(targetIp)) throw new GantryError('invalid', `${formatIp(targetIp)} is not the address of a container`, { subject });
}

interface Claim {
  readonly first: number;
  readonly last: number;
  readonly element: Element;
}

/** Ports at one address are apart from those at every address: the former win, as the more specific socket does. */
function refuseDuplicates(elements: readonly Element[]): void {
  const claims = Map.groupBy(elements.map(claimOf), ({ element }) => `${element.set.replace(/^\D+/, '')} ${element.key.slice(0, -1).join(' ')}`);
  for (const group of claims.values()) {
    group.sort((a, b) => a.first - b.first || a.last - b.last);
    for (const [index, claim] of group.entries()) {
      const before = group[index - 1];
      if (before === undefined || before.last < claim.first) continue;
      throw new GantryError('conflict', `port ${claim.first} is published twice: ${formatElement(before.element)} and ${formatElement(claim.element)}`, {
        subject: `port ${claim.first}`,
        hint: 'Publish one of them at another port.',
      });
    }
  }
}

function claimOf(element: Element): Claim {
  const [first, last] = element.key.at(-1)!.split('-').map(Number);
  return { first: first!, last: last ?? first!, element };
}
