import { attribute, concat, decodeAttributes, FLAG, u32, u32Of } from './codec.ts';
import { AF_INET, formatIp, parseIpPrefix } from './ip-bytes.ts';
import type { NetlinkRequest, RouteSocket } from './socket.ts';

const TYPE = { newAddress: 20, deleteAddress: 21, getAddress: 22 } as const;
const IFA = { address: 1, local: 2, broadcast: 4 } as const;
const IFA_F_NODAD = 0x02;
const HEADER_BYTES = 8;

export interface AddressSettings {
  /** Of the link. */
  readonly index: number;
  /** With its prefix length: `172.17.0.2/16`, `fd00::2/64`. */
  readonly address: string;
  /** IPv4 only. Default: none. */
  readonly broadcast?: boolean;
  /** IPv6: usable at once instead of after a second of looking for duplicates. */
  readonly noDuplicateCheck?: boolean;
}

export interface Address {
  readonly index: number;
  readonly address: string;
}

/** Throws 'conflict' when the link has it already. */
export function addAddress(settings: AddressSettings): NetlinkRequest {
  return request(TYPE.newAddress, FLAG.create | FLAG.exclusive, settings, `give ${settings.address} to link ${settings.index}`);
}

export function deleteAddress(settings: AddressSettings): NetlinkRequest {
  return request(TYPE.deleteAddress, 0, settings, `take ${settings.address} from link ${settings.index}`);
}

/** Both families, of all links or of one. */
export function listAddresses(socket: RouteSocket, index?: number): readonly Address[] {
  const all = socket.ask({
    type: TYPE.getAddress, flags: FLAG.dump, body: new Uint8Array(HEADER_BYTES), context: { action: 'list addresses' },
  }).map(decodeAddress);
  return index === undefined ? all : all.filter((address) => address.index === index);
}

function decodeAddress(body: Uint8Array): Address {
  const attributes = decodeAttributes(body.subarray(HEADER_BYTES));
  // On point-to-point links `address` is the other end.
  const bytes = attributes.get(IFA.local) ?? attributes.get(IFA.address) ?? new Uint8Array(4);
  return { index: u32Of(body.subarray(4, 8)), address: `${formatIp(bytes)}/${body[1]}` };
}

function request(type: number, flags: number, settings: AddressSettings, action: string): NetlinkRequest {
  const { family, bytes, prefixLength } = parseIpPrefix(settings.address);
  const addressFlags = settings.noDuplicateCheck === true && family !== AF_INET ? IFA_F_NODAD : 0;
  return {
    type, flags, context: { action, subject: `address ${settings.address}` },
    body: concat(
      // struct ifaddrmsg: family, prefix length, flags, scope, index.
      Uint8Array.of(family, prefixLength, addressFlags, 0), u32(settings.index),
      attribute(IFA.local, bytes), attribute(IFA.address, bytes),
      ...(settings.broadcast === true && family === AF_INET ? [attribute(IFA.broadcast, broadcastOf(bytes, prefixLength))] : []),
    ),
  };
}

function broadcastOf(bytes: Uint8Array, prefixLength: number): Uint8Array {
  return bytes.map((byte, index) => byte | (0xff >> Math.min(8, Math.max(0, prefixLength - index * 8))));
}
