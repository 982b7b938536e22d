import { closeSync } from 'node:fs';
import { check, libc } from './libc.ts';
import { inNetworkNamespace } from './namespaces.ts';
import { openNft } from './nftables.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2_000_000;
const SOCK_NONBLOCK = 0o4_000;
const BACKLOG = 64;
const SOCKADDR_IN_BYTES = 16;

/** Where containers ask for names, as in Docker. */
export const RESOLVER_ADDRESS = '127.0.0.11';

export interface ResolverSockets {
  readonly udp: number;
  readonly tcp: number;
}

/**
 * Sockets of this process inside a network namespace, that answer at 127.0.0.11 port 53. They stand at other ports, and two
 * rules change the numbers on the way: a program of the container may have port 53 of every address for itself. The rules
 * keep no connections, so that the namespace's traffic is not tracked for their sake.
 * @param isNew the namespace was just made, and has no rules yet
 */
export function openResolverSockets(netnsFd: number, hostFd: number, { isNew }: { readonly isNew: boolean }): ResolverSockets {
  const sockets = inNetworkNamespace(netnsFd, hostFd, () => {
    const udp = open(SOCK_DGRAM);
    try {
      return { udp, tcp: open(SOCK_STREAM) };
    } catch (thrown) {
      closeSync(udp.fd);
      throw thrown;
    }
  });
  try {
    using nft = openNft(netnsFd);
    nft.run(`${isNew ? '' : REMOVAL}${rules(sockets.udp.port, sockets.tcp.port)}`);
  } catch (thrown) {
    closeSync(sockets.udp.fd);
    closeSync(sockets.tcp.fd);
    throw thrown;
  }
  return { udp: sockets.udp.fd, tcp: sockets.tcp.fd };
}

/** A datagram socket inside the namespace, for questions to a server that only the container reaches. */
export function openDatagramInside(netnsFd: number, hostFd: number, family: 4 | 6): number {
  return openInside(netnsFd, hostFd, family, SOCK_DGRAM);
}

/** The same for a connection to a program of the container. */
export function openStreamInside(netnsFd: number, hostFd: number, family: 4 | 6): number {
  return openInside(netnsFd, hostFd, family, SOCK_STREAM);
}

function openInside(netnsFd: number, hostFd: number, family: 4 | 6, type: number): number {
  return inNetworkNamespace(netnsFd, hostFd, () => check('socket', libc.socket(family === 4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), { action: 'open a socket in a sandbox' }));
}

function open(type: number): { fd: number; port: number } {
  const context = { action: `open a socket at ${RESOLVER_ADDRESS} in a sandbox` };
  const fd = check('socket', libc.socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), context);
  try {
    const name = Buffer.alloc(SOCKADDR_IN_BYTES);
    name.writeUInt16LE(AF_INET, 0);
    name.set(RESOLVER_ADDRESS.split('.').map(Number), 4);
    check('bind', libc.bind(fd, name, name.length), context);
    if (type === SOCK_STREAM) check('listen', libc.listen(fd, BACKLOG), context);
    const length = Buffer.from([SOCKADDR_IN_BYTES, 0, 0, 0]);
    check('getsockname', libc.getsockname(fd, name, length), context);
    return { fd, port: name.readUInt16BE(2) };
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

/** After a daemon's death the ports are others. The kernel waits some 10 ms for the old table's end: a new namespace has none. */
const REMOVAL = 'add table ip gantry_names\ndelete table ip gantry_names\n';

function rules(udp: number, tcp: number): string {
  const both = [['udp', udp], ['tcp', tcp]] as const;
  return [
    'table ip gantry_names {', '  chain output {', '    type filter hook output priority -300; policy accept;',
    ...both.map(([protocol, port]) => `    ip daddr ${RESOLVER_ADDRESS} ${protocol} dport 53 ${protocol} dport set ${port}`),
    ...both.map(([protocol, port]) => `    ip saddr ${RESOLVER_ADDRESS} ${protocol} sport ${port} ${protocol} sport set 53`),
    '  }', '}', '',
  ].join('\n');
}
