import { ADMITTED_MARK } from '#net/firewall/layout.ts';
import { indexOfLink } from './linux/netlink/links.ts';
import { openRouteSocket } from './linux/netlink/socket.ts';
import { filterPackets, openFilters, type Instruction } from './linux/netlink/traffic-control.ts';

/** linux/filter.h: loads from here on are of the packet's attributes. */
const ATTRIBUTES = 0xffff_f000;
const [PROTOCOL, MARK] = [ATTRIBUTES + 0, ATTRIBUTES + 20];
/** linux/bpf_common.h. */
const [LOAD_HALF, LOAD_WORD, JUMP_IF_EQUAL, AND, RETURN] = [0x28, 0x20, 0x15, 0x54, 0x06] as const;
/** linux/pkt_cls.h: the next filter decides, or nobody does; the packet is gone. */
const [GO_ON, DROP] = [0xffff_ffff, 2] as const;
const [ETH_P_IP, ETH_P_IPV6] = [0x0800, 0x86dd] as const;

/** IP packets without the mark go no further. What isn't IP (ARP) passes no firewall, and so has none. */
const PROGRAM: readonly Instruction[] = [
  [LOAD_HALF, 0, 0, PROTOCOL],
  [JUMP_IF_EQUAL, 1, 0, ETH_P_IP],
  [JUMP_IF_EQUAL, 0, 3, ETH_P_IPV6],
  [LOAD_WORD, 0, 0, MARK],
  [AND, 0, 0, ADMITTED_MARK],
  [JUMP_IF_EQUAL, 0, 1, ADMITTED_MARK],
  [RETURN, 0, 0, GO_ON],
  [RETURN, 0, 0, DROP],
];

/**
 * Lets nothing that is routed into a bridge but what the firewall's table has marked. When others flush the ruleset, the bridge
 * is closed until the table is there again, not open. It goes with the bridge. Throws where the kernel has no such filters.
 */
export function guardBridge(name: string): void {
  using socket = openRouteSocket();
  const index = indexOfLink(name);
  if (index !== undefined) socket.apply([openFilters(index, 'both'), filterPackets(index, 'egress', PROGRAM)]);
}
