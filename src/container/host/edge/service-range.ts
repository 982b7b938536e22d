import { GantryError } from '#base/error.ts';
import { getLink } from './linux/netlink/links.ts';
import { addRoute, deleteRoute, listRoutes } from './linux/netlink/routes.ts';
import { openRouteSocket } from './linux/netlink/socket.ts';

/**
 * A range of addresses that nobody has: packets to it are translated before they would leave. The route lets programs of
 * the host send them at all where there is no default route, and tells other engines that the range is taken.
 */
export function claimRange(range: string, linkName: string): void {
  using socket = openRouteSocket();
  const link = getLink(socket, linkName);
  if (link === undefined) throw new GantryError('unavailable', `the bridge ${linkName} is gone`, { hint: 'restart the daemon, which makes it again' });
  const present = listRoutes(socket).find(({ destination }) => destination === range);
  if (present?.index === link.index) return;
  if (present !== undefined) throw new GantryError('conflict', `the range ${range} for services has a route on this host already`, { hint: `see whose it is: ip route show ${range}` });
  socket.apply([addRoute({ destination: range, index: link.index })]);
}

export function releaseRange(range: string, linkName: string): void {
  using socket = openRouteSocket();
  const link = getLink(socket, linkName);
  if (link === undefined || !listRoutes(socket).some(({ destination, index }) => destination === range && index === link.index)) return;
  socket.apply([deleteRoute({ destination: range, index: link.index })]);
}
