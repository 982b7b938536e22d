import { isKind } from '#base/error.ts';
import { indexOfLink } from './linux/netlink/links.ts';
import type { RouteSocket } from './linux/netlink/socket.ts';
import { filterPackets, openFilters, type Instruction } from './linux/netlink/traffic-control.ts';

/** linux/bpf_common.h. What lies beyond the packet ends the program with 0: it goes on. */
const [LOAD_BYTE, LOAD_HALF, JUMP_IF_EQUAL, RETURN] = [0x30, 0x28, 0x15, 0x06] as const;
/** linux/pkt_cls.h: the next filter decides, or nobody does; the packet is gone. */
const [GO_ON, DROP] = [0xffff_ffff, 2] as const;
const [ETH_P_IPV6, HOP_BY_HOP, ICMPV6, MLD2_REPORT] = [0x86dd, 0, 58, 143] as const;
/** First half of every group of link-local scope. */
const LINK_LOCAL_GROUP = 0xff02;
/** Offsets in the frame: an Ethernet header of 14 bytes, IPv6 of 40, its router alert of 8, and the report (RFC 3810, section 5.2). */
const AT = { etherType: 12, nextHeader: 20, afterOptions: 54, type: 62, records: 68, group: 74 } as const;
/** Of a record that names no sources. */
const RECORD_BYTES = 20;
const MOST_RECORDS = 3;

const PROGRAM = program();

/**
 * Keeps back what a container's kernel says of itself when its link comes up: that it listens to the groups of its own addresses. A
 * bridge without snooping has no use for it, and hands it to every other port: with 500 of them, each start would be heard 1,000
 * times. Reports of groups that are routed go on. The filter goes with the port. Nothing happens where the kernel has no such filters.
 */
export function quietPort(socket: RouteSocket, name: string): void {
  const index = indexOfLink(name);
  if (index === undefined) return;
  try {
    socket.apply([openFilters(index, 'ingress'), filterPackets(index, 'ingress', PROGRAM)]);
  } catch (thrown) {
    if (!isKind(thrown, 'not-found', 'unimplemented')) throw thrown;
  }
}

/** Drops a report of one to three groups, all of link-local scope. */
function program(): readonly Instruction[] {
  const checks: (readonly [load: number, at: number, value: number])[] = [
    [LOAD_HALF, AT.etherType, ETH_P_IPV6], [LOAD_BYTE, AT.nextHeader, HOP_BY_HOP], [LOAD_BYTE, AT.afterOptions, ICMPV6], [LOAD_BYTE, AT.type, MLD2_REPORT],
  ];
  const head = checks.length * 2;
  const size = head + MOST_RECORDS * 4;
  const [goOn, drop] = [size, size + 1];
  // From the instruction behind the jump.
  const to = (target: number, from: number): number => target - from - 1;
  return [
    ...checks.flatMap(([load, at, value], index): Instruction[] => [[load, 0, 0, at], [JUMP_IF_EQUAL, 0, to(goOn, index * 2 + 1), value]]),
    ...Array.from({ length: MOST_RECORDS }, (_, record): Instruction[] => {
      const start = head + record * 4;
      return [
        [LOAD_HALF, 0, 0, AT.group + record * RECORD_BYTES], [JUMP_IF_EQUAL, 0, to(goOn, start + 1), LINK_LOCAL_GROUP],
        [LOAD_HALF, 0, 0, AT.records], [JUMP_IF_EQUAL, to(drop, start + 3), 0, record + 1],
      ];
    }).flat(),
    [RETURN, 0, 0, GO_ON],
    [RETURN, 0, 0, DROP],
  ];
}
