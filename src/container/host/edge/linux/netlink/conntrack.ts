import { attribute, concat, decodeAttributes, FLAG, nested } from './codec.ts';
import { AF_INET, AF_INET6, formatIp } from './ip-bytes.ts';
import { openNetfilterSocket, type NetlinkRequest } from './socket.ts';

/** linux/netfilter/nfnetlink_conntrack.h */
const SUBSYSTEM = 1;
const MESSAGE = { get: (SUBSYSTEM << 8) | 1, delete: (SUBSYSTEM << 8) | 2 } as const;
const CTA = { original: 1, reply: 2, id: 12 } as const;
const TUPLE = { ip: 1, protocol: 2 } as const;
const IP = { source4: 1, destination4: 2, source6: 3, destination6: 4 } as const;
const PROTOCOL = { number: 1, sourcePort: 2, destinationPort: 3 } as const;
const HEADER_BYTES = 4;

/** A connection as it began, and the address that its answers come from. */
export interface Connection {
  readonly protocol: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly answeredFrom: string;
}

/**
 * Makes the kernel forget connections of the host's network namespace. A talkative UDP client would else go on to the
 * container that had the port when it began, or to nobody.
 * @returns how many were forgotten
 */
export function forgetConnections(isMeant: (connection: Connection) => boolean): number {
  using socket = openNetfilterSocket();
  const requests: NetlinkRequest[] = [];
  for (const family of [AF_INET, AF_INET6]) {
    for (const body of socket.ask({ type: MESSAGE.get, flags: FLAG.dump, body: header(family), context: { action: 'list connections' } })) {
      const attributes = decodeAttributes(body.subarray(HEADER_BYTES));
      const connection = decode(attributes);
      if (connection !== undefined && isMeant(connection)) requests.push(deletion(family, attributes));
    }
  }
  let forgotten = 0;
  for (const request of requests) {
    try {
      socket.apply([request]);
      forgotten += 1;
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return forgotten;
}

function decode(attributes: ReadonlyMap<number, Uint8Array>): Connection | undefined {
  const [original, reply] = [tuple(attributes.get(CTA.original)), tuple(attributes.get(CTA.reply))];
  if (original === undefined || reply === undefined) return undefined;
  return { protocol: original.protocol, destination: original.destination, destinationPort: original.destinationPort, answeredFrom: reply.source };
}

function tuple(bytes: Uint8Array | undefined): { protocol: number; source: string; destination: string; destinationPort: number } | undefined {
  const parts = decodeAttributes(bytes ?? new Uint8Array());
  const ip = decodeAttributes(parts.get(TUPLE.ip) ?? new Uint8Array());
  const protocol = decodeAttributes(parts.get(TUPLE.protocol) ?? new Uint8Array());
  const source = ip.get(IP.source4) ?? ip.get(IP.source6);
  const destination = ip.get(IP.destination4) ?? ip.get(IP.destination6);
  const port = protocol.get(PROTOCOL.destinationPort);
  if (source === undefined || destination === undefined) return undefined;
  return {
    protocol: protocol.get(PROTOCOL.number)?.[0] ?? 0, source: formatIp(source), destination: formatIp(destination),
    destinationPort: port === undefined ? 0 : ((port[0] ?? 0) << 8) | (port[1] ?? 0),
  };
}

/** By its first tuple and its id: one that took its place meanwhile is another. */
function deletion(family: number, attributes: ReadonlyMap<number, Uint8Array>): NetlinkRequest {
  const id = attributes.get(CTA.id);
  return {
    type: MESSAGE.delete, flags: 0, context: { action: 'forget a connection' },
    body: concat(header(family), nested(CTA.original, attributes.get(CTA.original) ?? new Uint8Array()), ...(id === undefined ? [] : [attribute(CTA.id, id)])),
  };
}

/** struct nfgenmsg: family, version, resource. */
function header(family: number): Uint8Array {
  return Uint8Array.of(family, 0, 0, 0);
}
