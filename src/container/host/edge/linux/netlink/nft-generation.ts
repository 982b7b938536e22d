import { decodeAttributes } from './codec.ts';
import type { RouteSocket } from './socket.ts';

/** linux/netfilter/nf_tables.h: NFT_MSG_GETGEN of the subsystem NFTABLES. */
const GET_GENERATION = (10 << 8) | 16;
const NFTA_GEN_ID = 1;
const HEADER_BYTES = 4;

/** A number that grows with every change of the ruleset, whoever made it. */
export function readNftGeneration(socket: RouteSocket): number {
  const [body] = socket.ask({ type: GET_GENERATION, flags: 0, body: new Uint8Array(HEADER_BYTES), context: { action: 'read the generation of the firewall' } });
  const id = decodeAttributes((body ?? new Uint8Array(HEADER_BYTES)).subarray(HEADER_BYTES)).get(NFTA_GEN_ID);
  return id === undefined ? 0 : new DataView(id.buffer, id.byteOffset).getUint32(0);
}
