import { closeSync } from 'node:fs';
import { check, libc } from './libc.ts';
import { inNetworkNamespace } from './namespaces.ts';
import { openNft } from './nftables.ts';

const AF_INET6 = 10;
const SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0o2_000_000 | 0o4_000;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_TRANSPARENT = 75;
const SOCKADDR_IN6_BYTES = 28;
const BACKLOG = 64;
const REMOVAL = 'add table ip6 gantry_relay\ndelete table ip6 gantry_relay\n';

/**
 * A socket of this process in a sandbox's network namespace, that takes the connections over IPv6 to the given TCP ports for
 * which no program listens there. Each is accepted with the port that it was meant for as its own (tproxy). A program that
 * does listen gets its connections from the kernel, without us.
 * @param isNew the namespace was just made, and has no rules yet
 */
export function openFamilySocket(netnsFd: number, hostFd: number, ports: readonly number[], { isNew }: { readonly isNew: boolean }): number {
  const { fd, port } = inNetworkNamespace(netnsFd, hostFd, open);
  try {
    using nft = openNft(netnsFd);
    nft.run(`${isNew ? '' : REMOVAL}${rules(ports, port)}`);
    return fd;
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

function open(): { fd: number; port: number } {
  const context = { action: 'open a socket for IPv6 in a sandbox' };
  const fd = check('socket', libc.socket(AF_INET6, SOCK_STREAM_CLOEXEC_NONBLOCK, 0), context);
  try {
    const one = Buffer.from([1, 0, 0, 0]);
    for (const option of [IPV6_V6ONLY, IPV6_TRANSPARENT]) check('setsockopt', libc.setsockopt(fd, IPPROTO_IPV6, option, one, one.length), context);
    const name = Buffer.alloc(SOCKADDR_IN6_BYTES);
    name.writeUInt16LE(AF_INET6, 0);
    check('bind', libc.bind(fd, name, name.length), context);
    check('listen', libc.listen(fd, BACKLOG), context);
    check('getsockname', libc.getsockname(fd, name, Buffer.from([SOCKADDR_IN6_BYTES, 0, 0, 0])), context);
    return { fd, port: name.readUInt16BE(2) };
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

/** A listening or connected socket that the packet belongs to is found by its address, any or one of its own. */
function rules(ports: readonly number[], port: number): string {
  return [
    'table ip6 gantry_relay {', '  chain prerouting {', '    type filter hook prerouting priority -150; policy accept;',
    `    tcp dport != { ${ports.join(', ')} } accept`, '    socket wildcard 0 accept', '    socket wildcard 1 accept', `    meta l4proto tcp tproxy to :${port} accept`, '  }', '}', '',
  ].join('\n');
}
