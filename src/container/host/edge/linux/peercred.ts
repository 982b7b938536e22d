import type { Socket } from 'node:net';
import { GantryError } from '#base/error.ts';
import { check, libc } from './libc.ts';

export interface PeerCredentials {
  /** As seen from our pid namespace; 0 when the peer is outside of it. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;

/** Who connected this unix socket, as the kernel noted it then (unix(7)). Throws 'internal' for a closed socket. */
export function peerCredentials(socket: Socket): PeerCredentials {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  const fd = handle?.fd ?? -1;
  if (fd < 0) throw new GantryError('internal', 'could not read the peer of a socket: it is closed');
  const credentials = Buffer.alloc(UCRED_BYTES);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(UCRED_BYTES);
  check('getsockopt', libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length), { action: 'read the peer of a socket' });
  return { pid: credentials.readInt32LE(0), uid: credentials.readUInt32LE(4), gid: credentials.readUInt32LE(8) };
}
