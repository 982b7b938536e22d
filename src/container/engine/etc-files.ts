import { gatewayOf, routerOf } from '#container/model/gateway.ts';
import type { Endpoint, SandboxSpec } from '#container/model/sandbox.ts';

const LOOPBACK = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', 'fe00::\tip6-localnet', 'ff00::\tip6-mcastprefix', 'ff02::1\tip6-allnodes', 'ff02::2\tip6-allrouters'];
const EMBEDDED_SERVER = '127.0.0.11';
/** Asked where the host names no server that a container could reach. */
const FALLBACK_SERVERS = ['8.8.8.8', '8.8.4.4'];

/** The file after a sandbox's places changed: only its own lines come and go, whatever the container wrote beside them. */
export function movedHosts(text: string, sandbox: SandboxSpec, before: readonly Endpoint[], after: readonly Endpoint[]): string {
  const line = (address: string): string => `${address}\t${ownNames(sandbox)}`;
  const [old, present] = [addressesOf(before), addressesOf(after)];
  const gone = new Set(old.filter((address) => !present.includes(address)).map(line));
  const kept = text.split('\n').filter((known) => !gone.has(known));
  const body = kept.join('\n');
  return `${body}${body === '' || body.endsWith('\n') ? '' : '\n'}${present.filter((address) => !old.includes(address)).map((address) => `${line(address)}\n`).join('')}`;
}

/** The whole name, and its first part as a short one. */
function ownNames({ hostname, domainname }: SandboxSpec): string {
  const whole = domainname === '' ? hostname : `${hostname}.${domainname}`;
  const [short = whole] = whole.split('.');
  return short === whole || short === '' ? whole : `${whole} ${short}`;
}

/** /etc/hosts of a sandbox: loopback, what was asked for, and its own name at its own addresses. */
export function hostsFile(sandbox: SandboxSpec, endpoints: readonly Endpoint[], linked: readonly string[] = []): string {
  const own = ownNames(sandbox);
  const extra = sandbox.extraHosts.map((entry) => {
    const split = entry.indexOf(':');
    const name = entry.slice(0, split);
    const address = entry.slice(split + 1);
    return `${address === 'host-gateway' ? routerOf(gatewayOf(endpoints, 'ipv4')?.place) ?? '127.0.0.1' : address}\t${name}`;
  });
  return [...(sandbox.hostsTitle === undefined ? [] : [sandbox.hostsTitle]), ...LOOPBACK, ...extra, ...linked, ...addressesOf(endpoints).map((address) => `${address}\t${own}`)].join('\n') + '\n';
}

function addressesOf(endpoints: readonly Endpoint[]): string[] {
  return endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]).flatMap((place) => (place === undefined ? [] : [place.address]));
}

/**
 * /etc/resolv.conf of a sandbox: the host's, less the servers that only the host can reach.
 * @param embedded names are served to it, and the servers are asked in its place
 * @param own the sandbox has a network namespace of its own, so the host's loopback is not there
 */
export function resolvConf(sandbox: SandboxSpec, hostText: string, own: boolean, embedded = false): string {
  const lines = hostText.split('\n').map((line) => line.trim().split(/\s+/));
  const named = (keyword: string): string[] => lines.filter(([first]) => first === keyword).flatMap(([, ...rest]) => rest);
  const reachable = named('nameserver').filter((server) => !own || !(server.startsWith('127.') || server === '::1'));
  const { served = false } = sandbox.dns;
  const servers = embedded ? [EMBEDDED_SERVER, ...(served ? sandbox.dns.servers : [])] : sandbox.dns.servers.length > 0 ? sandbox.dns.servers : reachable.length > 0 ? reachable : FALLBACK_SERVERS;
  const search = served ? [...new Set([...sandbox.dns.search, ...named('search')])] : sandbox.dns.search.length > 0 ? sandbox.dns.search.filter((domain) => domain !== '.') : named('search');
  const wanted = sandbox.dns.options.length > 0 ? sandbox.dns.options : named('options');
  // A name without a dot is one of the network's: it is asked for as it is before it is searched for.
  const options = embedded && !wanted.some((option) => option.startsWith('ndots:')) ? [...wanted, 'ndots:0'] : wanted;
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ].join('\n') + '\n';
}
