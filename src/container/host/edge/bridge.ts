import type { BridgePlan } from '../port.ts';
import { addAddress, deleteAddress, listAddresses } from './linux/netlink/addresses.ts';
import { createBridge, deleteLink, getLink, setLinkMac, setLinkMtu, setLinkUp } from './linux/netlink/links.ts';
import { listRoutes } from './linux/netlink/routes.ts';
import { openRouteSocket } from './linux/netlink/socket.ts';
import { readSysctl, writeSysctl } from './linux/sysctl.ts';

/** Makes the bridge what the plan says, whatever of it is there. Answers whether it had to be made. */
export function ensureBridge(plan: BridgePlan): boolean {
  using socket = openRouteSocket();
  const isNew = getLink(socket, plan.name) === undefined;
  if (isNew) socket.apply([createBridge({ name: plan.name, mtu: plan.mtu, mac: plan.mac, multicastSnooping: false })]);
  const link = getLink(socket, plan.name);
  if (link === undefined) return isNew;
  // Also where it is that already: only an address that was set stays.
  socket.apply([setLinkMac(link.index, plan.mac), ...(link.mtu === plan.mtu ? [] : [setLinkMtu(link.index, plan.mtu)])]);
  const present = new Set(listAddresses(socket, link.index).map(({ address }) => address));
  // A bridge of an earlier state of the same root may have others: two routers in one network would answer for one.
  const stale = [...present].filter((address) => !plan.addresses.includes(address) && !address.startsWith('fe80:'));
  socket.apply(stale.map((address) => deleteAddress({ index: link.index, address })));
  socket.apply(plan.addresses.filter((address) => !present.has(address)).map((address) => addAddress({ index: link.index, address, noDuplicateCheck: true })));
  for (const { path, value } of plan.sysctls) {
    // Absent where the kernel has no IPv6; others of the host may have set it already.
    const present = readSysctl(path);
    if (present !== undefined && present !== value) writeSysctl(path, value);
  }
  socket.apply([setLinkUp(plan.name)]);
  return isNew;
}

export function removeBridge(name: string): void {
  using socket = openRouteSocket();
  if (getLink(socket, name) !== undefined) socket.apply([deleteLink(name)]);
}

/** Subnets that the host's links and routes use, so that a new network stays clear of them. */
export function usedSubnets(): readonly string[] {
  using socket = openRouteSocket();
  const routed = listRoutes(socket).map(({ destination }) => destination).filter((destination) => destination !== 'default');
  return [...new Set([...routed, ...listAddresses(socket).map(({ address }) => address)])];
}
