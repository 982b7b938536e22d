import { attribute, concat, FLAG, nested, text, u16, u32 } from './codec.ts';
import type { NetlinkRequest } from './socket.ts';

const TYPE = { newQdisc: 36, newFilter: 44 } as const;
const TCA = { kind: 1, options: 2 } as const;
/** linux/pkt_cls.h: enum TCA_BPF_*. */
const BPF = { length: 4, program: 5, flags: 8 } as const;
/** What the program answers is what becomes of the packet. */
const DIRECT_ACTION = 1;
/** linux/pkt_sched.h: the place beside queues where packets that come and go are looked at. */
const CLSACT = { handle: 0xffff_0000, parent: 0xffff_fff1, ingress: 0xffff_fff2, egress: 0xffff_fff3 } as const;
/** ETH_P_ALL, in network order. */
const EVERY_PROTOCOL = 0x0300;

/** One instruction of a classic BPF program: code, jump if true, jump if false, operand. */
export type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

/**
 * Before a filter of {@link filterPackets} can be there. No error where it is.
 * @param ways `ingress`: for what comes alone. The kernel looks through those of all links for each one that it adds, both ways apart.
 */
export function openFilters(index: number, ways: 'both' | 'ingress'): NetlinkRequest {
  return request(TYPE.newQdisc, index, CLSACT.handle, CLSACT.parent, 0, attribute(TCA.kind, text(ways === 'both' ? 'clsact' : 'ingress')));
}

/** The first filter of what leaves or comes by a link, in place of an earlier one of ours. Throws 'not-found' where the kernel has no such filters. */
export function filterPackets(index: number, direction: 'ingress' | 'egress', program: readonly Instruction[]): NetlinkRequest {
  const [handle, priority] = [1, 1];
  const code = concat(...program.map(([operation, whenTrue, whenFalse, operand]) => concat(u16(operation), Uint8Array.of(whenTrue, whenFalse), u32(operand))));
  return request(TYPE.newFilter, index, handle, CLSACT[direction], (priority << 16) | EVERY_PROTOCOL, concat(
    attribute(TCA.kind, text('bpf')),
    nested(TCA.options, attribute(BPF.length, u16(program.length)), attribute(BPF.program, code), attribute(BPF.flags, u32(DIRECT_ACTION))),
  ));
}

/** struct tcmsg: family, padding, index of the link, handle, parent, info. */
function request(type: number, index: number, handle: number, parent: number, info: number, attributes: Uint8Array): NetlinkRequest {
  return {
    type, flags: FLAG.create, body: concat(u32(0), u32(index), u32(handle), u32(parent), u32(info), attributes),
    context: { action: `filter what passes link ${index}`, subject: `link ${index}` },
  };
}
