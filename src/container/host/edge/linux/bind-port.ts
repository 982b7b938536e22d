import { closeSync } from 'node:fs';
import { check, lastErrno, libc } from './libc.ts';
import { AF_INET6, parseIp } from './netlink/ip-bytes.ts';
import type { CallContext } from './system-error.ts';

/** sys/socket.h */
const SHUT_RDWR = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2_000_000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO = { tcp: 6, udp: 17, sctp: 132 } as const;
const IPPROTO_IPV6 = 41;
/** EPROTONOSUPPORT, ESOCKTNOSUPPORT */
const NO_SUCH_PROTOCOL: readonly number[] = [93, 94];
const IPV6_V6ONLY = 26;
const ONE = Buffer.from([1, 0, 0, 0]);
const ZERO = Buffer.alloc(4);

/** netinet/in.h: sockaddr_in and sockaddr_in6. */
function socketAddress(family: number, bytes: Uint8Array, port: number): Buffer {
  const address = Buffer.alloc(family === AF_INET6 ? 28 : 16);
  address.writeUInt16LE(family, 0);
  address.writeUInt16BE(port, 2);
  address.set(bytes, family === AF_INET6 ? 8 : 4);
  return address;
}

/**
 * Binds a port and answers the descriptor that holds it. TCP ports listen, with no room for a connection: sockets of two
 * programs that allow reuse may be bound to one port, and only one of them may listen. Nothing is ever accepted, since
 * packets to the port are translated before they come this far. Undefined for SCTP on a kernel without it:
 * no program of the host can have such a port either.
 * @throws GantryError whose errno is EADDRINUSE where another program has the port
 */
export function bindPort(protocol: 'tcp' | 'udp' | 'sctp', address: string, port: number): number | undefined {
  const { family, bytes } = parseIp(address);
  const context = { action: `bind ${address} port ${port}/${protocol}`, subject: `port ${port}/${protocol}` };
  const opened = libc.socket(family, (protocol === 'udp' ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, IPPROTO[protocol]);
  if (opened === -1 && protocol === 'sctp' && NO_SUCH_PROTOCOL.includes(lastErrno())) return undefined;
  const fd = check('socket', opened, context);
  try {
    if (protocol !== 'udp') allowReuse(fd, true, context);
    if (family === AF_INET6) check('setsockopt', libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, ONE, ONE.length), context);
    const name = socketAddress(family, bytes, port);
    check('bind', libc.bind(fd, name, name.length), context);
    if (protocol !== 'udp') check('listen', libc.listen(fd, 0), context);
    return fd;
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

/**
 * The socket of a TCP port keeps the port and refuses connections. Without reuse it keeps it from programs that would allow
 * reuse, too: as long as a socket does not listen, nothing else would.
 */
export function stopListening(fd: number, context: CallContext): void {
  allowReuse(fd, false, context);
  check('shutdown', libc.shutdown(fd, SHUT_RDWR), context);
}

/** After `stopListening`. Connections of before that wind up still have the port: reuse, or it would not listen beside them. */
export function listenAgain(fd: number, context: CallContext): void {
  allowReuse(fd, true, context);
  check('listen', libc.listen(fd, 0), context);
}

function allowReuse(fd: number, allowed: boolean, context: CallContext): void {
  const value = allowed ? ONE : ZERO;
  check('setsockopt', libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, value, value.length), context);
}
