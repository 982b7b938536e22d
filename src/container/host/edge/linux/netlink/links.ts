import { GantryError } from '#base/error.ts';
import { attribute, concat, decodeAttributes, FLAG, nested, text, textOf, u16, u32, u32Of, u8 } from './codec.ts';
import type { NetlinkRequest, RouteSocket } from './socket.ts';
import { libc } from '../libc.ts';
import { errnoOf } from '../system-error.ts';

const TYPE = { newLink: 16, deleteLink: 17, getLink: 18 } as const;
const IFLA = { address: 1, name: 3, mtu: 4, link: 5, master: 10, info: 18, afSpec: 26, netnsFd: 28, sendQueues: 31, receiveQueues: 32 } as const;
const INFO = { kind: 1, data: 2, portKind: 4, portData: 5 } as const;
const BRIDGE = { forwardDelay: 1, stp: 5, multicastSnooping: 23, callIptables: 36, callIp6tables: 37 } as const;
const AF_INET6 = 10;
/** linux/if_link.h: IFLA_INET6_ADDR_GEN_MODE and IN6_ADDR_GEN_MODE_NONE. */
const INET6 = { addressGeneration: 8, none: 1 } as const;
const BRIDGE_PORT = { hairpin: 4, isolated: 33 } as const;
/** linux/if_link.h: enum macvlan_mode. */
const MACVLAN_MODE = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
const IFLA_MACVLAN_MODE = 1;
/** linux/if_link.h: enum ipvlan_mode and the flags, each a __u16. */
const IPVLAN_MODE = { l2: 0, l3: 1, l3s: 2 } as const;
const IPVLAN_FLAG = { bridge: 0, private: 1, vepa: 2 } as const;
const IFLA_IPVLAN = { mode: 1, flags: 2 } as const;
const VETH_PEER = 1;
const IFF_UP = 1;
const IFINFO_BYTES = 16;

export interface BridgeSettings {
  readonly name: string;
  readonly mtu?: number;
  readonly mac?: string;
  /** Spanning tree. Default: false. */
  readonly stp?: boolean;
  /** Hundredths of a second. With spanning tree off, the kernel forwards at once whatever this says. Default: 0. */
  readonly forwardDelay?: number;
  readonly multicastSnooping?: boolean;
}

export interface VethSettings {
  readonly name: string;
  readonly mtu?: number;
  readonly mac?: string;
  /** Index of the bridge for this end. */
  readonly master?: number;
  readonly up?: boolean;
  readonly peer: {
    readonly name: string;
    /** The network namespace that it is made in. Default: that of the socket. */
    readonly netnsFd?: number;
    readonly mac?: string;
    /** Chosen index, so that it need not be looked up afterwards. Must be free there. */
    readonly index?: number;
  };
}

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly isUp: boolean;
  readonly mtu: number;
  readonly mac: string | undefined;
  /** Index of the bridge that it is a port of. */
  readonly master: number | undefined;
  /** `veth`, `bridge`; undefined for hardware and loopback. */
  readonly kind: string | undefined;
}

/** By name, or by index where it is known: the kernel takes either. */
export type LinkReference = string | number;

export function createBridge(settings: BridgeSettings): NetlinkRequest {
  const { name, stp = false, forwardDelay = 0 } = settings;
  return create(name, `create the bridge ${name}`, concat(
    commonAttributes(settings),
    nested(IFLA.info, attribute(INFO.kind, text('bridge')), nested(INFO.data,
      attribute(BRIDGE.forwardDelay, u32(forwardDelay)),
      attribute(BRIDGE.stp, u32(stp ? 1 : 0)),
      settings.multicastSnooping === undefined ? new Uint8Array() : attribute(BRIDGE.multicastSnooping, u8(settings.multicastSnooping ? 1 : 0)))),
  ));
}

/**
 * One queue each way, as the kernel gives a pair that nobody asked for more: but then it makes one for each processor first, and waits for a
 * grace period when it takes them out of use.
 */
const QUEUES = concat(attribute(IFLA.sendQueues, u32(1)), attribute(IFLA.receiveQueues, u32(1)));

/** Both ends in one request; the peer is made where it belongs and never seen elsewhere. */
export function createVeth(settings: VethSettings): NetlinkRequest {
  const { name, peer, master } = settings;
  const peerBody = concat(
    linkHeader({ index: peer.index ?? 0 }),
    attribute(IFLA.name, text(linkName(peer.name))), QUEUES,
    ...(peer.mac === undefined ? [] : [attribute(IFLA.address, parseMac(peer.mac))]),
    ...(settings.mtu === undefined ? [] : [attribute(IFLA.mtu, u32(settings.mtu))]),
    ...(peer.netnsFd === undefined ? [] : [attribute(IFLA.netnsFd, u32(peer.netnsFd))]),
  );
  return create(name, `create the link ${name} with ${peer.name} as its other end`, concat(
    commonAttributes(settings), QUEUES,
    ...(master === undefined ? [] : [attribute(IFLA.master, u32(master))]),
    nested(IFLA.info, attribute(INFO.kind, text('veth')), nested(INFO.data, attribute(VETH_PEER, peerBody))),
  ), settings.up === true);
}

export function setLinkUp(link: LinkReference, isUp = true): NetlinkRequest {
  return change(link, `set link ${link} ${isUp ? 'up' : 'down'}`, linkHeader({
    ...indexOf(link), flags: isUp ? IFF_UP : 0, changed: IFF_UP,
  }));
}

/** 0 takes it out of its bridge. */
export function setLinkMaster(link: LinkReference, masterIndex: number): NetlinkRequest {
  return setAttribute(link, `attach link ${link} to a bridge`, attribute(IFLA.master, u32(masterIndex)));
}

/**
 * A bridge port that sends a frame back where it came from: a container that calls its own published port needs it.
 * An isolated one exchanges no frames with other isolated ones. It gets no address of its own, which the kernel would give it when the
 * other end is up, with routes that all later changes of links look through.
 */
export function setBridgePort(link: LinkReference, { isIsolated }: { readonly isIsolated: boolean }): NetlinkRequest {
  return setAttribute(link, `set link ${link} up as a port of its bridge`, concat(
    nested(IFLA.info, attribute(INFO.portKind, text('bridge')), nested(INFO.portData, attribute(BRIDGE_PORT.hairpin, u8(1)), attribute(BRIDGE_PORT.isolated, u8(isIsolated ? 1 : 0)))),
    nested(IFLA.afSpec, nested(AF_INET6, attribute(INET6.addressGeneration, u8(INET6.none)))),
  ));
}

/** What its ports send each other passes the chains of IPv4 and IPv6, where br_netfilter is there. */
export function setBridgeFiltering(bridge: LinkReference): NetlinkRequest {
  return setAttribute(bridge, `let the firewall see the frames of bridge ${bridge}`, nested(IFLA.info, attribute(INFO.kind, text('bridge')), nested(INFO.data, attribute(BRIDGE.callIptables, u8(1)), attribute(BRIDGE.callIp6tables, u8(1)))));
}

export interface MacvlanSettings {
  readonly name: string;
  readonly mac: string;
  readonly mtu?: number;
  /** Index of the host's link below. */
  readonly parent: number;
  readonly mode: keyof typeof MACVLAN_MODE;
  readonly netnsFd: number;
}

/**
 * A link of its own on a link of the host, made where it belongs. It has no chosen index: Linux 6.1 takes one for that of a link of the host,
 * which is there already. Throws 'unimplemented' where the kernel has no macvlan.
 */
export function createMacvlan(settings: MacvlanSettings): NetlinkRequest {
  const { name, parent, mode, netnsFd } = settings;
  return create(name, `create the macvlan link ${name}`, concat(
    commonAttributes(settings),
    attribute(IFLA.link, u32(parent)), attribute(IFLA.netnsFd, u32(netnsFd)),
    nested(IFLA.info, attribute(INFO.kind, text('macvlan')), nested(INFO.data, attribute(IFLA_MACVLAN_MODE, u32(MACVLAN_MODE[mode])))),
  ));
}

export interface IpvlanSettings extends Omit<MacvlanSettings, 'mac' | 'mode'> {
  readonly mode: keyof typeof IPVLAN_MODE;
  readonly flag: keyof typeof IPVLAN_FLAG;
}

/** Like a macvlan link, with the MAC address of the link below. Throws 'unimplemented' where the kernel has no ipvlan. */
export function createIpvlan(settings: IpvlanSettings): NetlinkRequest {
  const { name, parent, mode, flag, netnsFd } = settings;
  return create(name, `create the ipvlan link ${name}`, concat(
    commonAttributes(settings),
    attribute(IFLA.link, u32(parent)), attribute(IFLA.netnsFd, u32(netnsFd)),
    nested(IFLA.info, attribute(INFO.kind, text('ipvlan')), nested(INFO.data, attribute(IFLA_IPVLAN.mode, u16(IPVLAN_MODE[mode])), attribute(IFLA_IPVLAN.flags, u16(IPVLAN_FLAG[flag])))),
  ));
}

export function setLinkMtu(link: LinkReference, mtu: number): NetlinkRequest {
  return setAttribute(link, `set the MTU of link ${link} to ${mtu}`, attribute(IFLA.mtu, u32(mtu)));
}

export function setLinkMac(link: LinkReference, mac: string): NetlinkRequest {
  return setAttribute(link, `set the MAC address of link ${link} to ${mac}`, attribute(IFLA.address, parseMac(mac)));
}

/** The name is an attribute here, so the link is named by its index. */
export function renameLink(index: number, name: string): NetlinkRequest {
  return setAttribute(index, `rename link ${index} to ${name}`, attribute(IFLA.name, text(linkName(name))));
}

/** The new owner sees it down and without addresses. */
export function moveLink(link: LinkReference, netnsFd: number): NetlinkRequest {
  return setAttribute(link, `move link ${link} to another network namespace`, attribute(IFLA.netnsFd, u32(netnsFd)));
}

/** Of a veth pair, both ends go. Slow (16 ms and more): deleting the namespace of an end is much faster. */
export function deleteLink(link: LinkReference): NetlinkRequest {
  return {
    type: TYPE.deleteLink, flags: 0,
    body: concat(linkHeader(indexOf(link)), nameAttribute(link)),
    context: { action: `delete link ${link}`, subject: `link ${link}` },
  };
}

export function listLinks(socket: RouteSocket): readonly Link[] {
  return socket.ask({
    type: TYPE.getLink, flags: FLAG.dump, body: linkHeader({}), context: { action: 'list links' },
  }).map(decodeLink);
}

/** Undefined when there is none. */
export function getLink(socket: RouteSocket, link: LinkReference): Link | undefined {
  try {
    const [body] = socket.ask({
      type: TYPE.getLink, flags: 0, body: concat(linkHeader(indexOf(link)), nameAttribute(link)),
      context: { action: `look up link ${link}`, subject: `link ${link}` },
    });
    return body === undefined ? undefined : decodeLink(body);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENODEV') return undefined;
    throw thrown;
  }
}

/**
 * In the network namespace of the calling thread; undefined when there is none of that name. Cheaper than the whole of the link, for which
 * the kernel first does what is due after a change of its state.
 */
export function indexOfLink(name: string): number | undefined {
  const index = libc.if_nametoindex(linkName(name));
  return index === 0 ? undefined : index;
}

/** Of a message of type RTM_NEWLINK. */
export function decodeLink(body: Uint8Array): Link {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const attributes = decodeAttributes(body.subarray(IFINFO_BYTES));
  const info = decodeAttributes(attributes.get(IFLA.info) ?? new Uint8Array());
  const mac = attributes.get(IFLA.address);
  const master = attributes.get(IFLA.master);
  const kind = info.get(INFO.kind);
  return {
    index: view.getInt32(4, true),
    name: textOf(attributes.get(IFLA.name) ?? new Uint8Array()),
    isUp: (view.getUint32(8, true) & IFF_UP) !== 0,
    mtu: u32Of(attributes.get(IFLA.mtu) ?? new Uint8Array(4)),
    mac: mac === undefined ? undefined : Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join(':'),
    master: master === undefined ? undefined : u32Of(master),
    kind: kind === undefined ? undefined : textOf(kind),
  };
}

function create(name: string, action: string, attributes: Uint8Array, isUp = false): NetlinkRequest {
  return {
    type: TYPE.newLink,
    flags: FLAG.create | FLAG.exclusive,
    body: concat(linkHeader(isUp ? { flags: IFF_UP, changed: IFF_UP } : {}), attributes),
    context: { action, subject: `link ${name}` },
  };
}

function change(link: LinkReference, action: string, header: Uint8Array, ...attributes: readonly Uint8Array[]): NetlinkRequest {
  return {
    type: TYPE.newLink, flags: 0, body: concat(header, nameAttribute(link), ...attributes),
    context: { action, subject: `link ${link}` },
  };
}

function setAttribute(link: LinkReference, action: string, value: Uint8Array): NetlinkRequest {
  return change(link, action, linkHeader(indexOf(link)), value);
}

function commonAttributes(settings: { readonly name: string; readonly mtu?: number; readonly mac?: string }): Uint8Array {
  return concat(
    attribute(IFLA.name, text(linkName(settings.name))),
    ...(settings.mtu === undefined ? [] : [attribute(IFLA.mtu, u32(settings.mtu))]),
    ...(settings.mac === undefined ? [] : [attribute(IFLA.address, parseMac(settings.mac))]),
  );
}

/** struct ifinfomsg: family, type, index, flags, mask of the flags to change. */
function linkHeader(fields: { readonly index?: number; readonly flags?: number; readonly changed?: number }): Uint8Array {
  return concat(u16(0), u16(0), u32(fields.index ?? 0), u32(fields.flags ?? 0), u32(fields.changed ?? 0));
}

function indexOf(link: LinkReference): { readonly index?: number } {
  return typeof link === 'number' ? { index: link } : {};
}

function nameAttribute(link: LinkReference): Uint8Array {
  return typeof link === 'string' ? attribute(IFLA.name, text(linkName(link))) : new Uint8Array();
}

/** The kernel's rules for names (dev_valid_name), checked here for a better message; 15 bytes at most. */
function linkName(name: string): string {
  if (name === '.' || name === '..' || !/^[^/:\s\0]{1,15}$/.test(name) || Buffer.byteLength(name) > 15) {
    throw new GantryError('invalid', `not a name for a link: ${JSON.stringify(name)}`, {
      hint: 'Use 1 to 15 letters, digits, dots, hyphens and underscores.',
    });
  }
  return name;
}

function parseMac(mac: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) {
    throw new GantryError('invalid', `not a MAC address: ${JSON.stringify(mac)}`, { hint: 'Write it as 02:42:ac:11:00:02.' });
  }
  return Uint8Array.from(mac.split(':').map((part) => Number.parseInt(part, 16)));
}
