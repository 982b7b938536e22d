/** Where an address leads: to everybody, or to what only this machine or its network can reach. */
export type AddressClass = 'public' | 'private';

/** IANA special-purpose registries (RFC 6890 and after): what is not globally reachable. */
const PRIVATE_IPV4: readonly [network: number, bits: number][] = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.168.0.0', 16],
  ['198.18.0.0', 15], ['224.0.0.0', 3],
].map(([address, bits]) => [ipv4Number(String(address)) ?? 0, Number(bits)]);

/** The class of an address as a socket tells it. What is no address is private: nothing is known about it. */
export function classOfAddress(address: string): AddressClass {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const number = ipv4Number(mapped ?? address);
  if (number !== undefined) return PRIVATE_IPV4.some(([network, bits]) => sameNetwork(number, network, bits)) ? 'private' : 'public';
  // Global unicast is 2000::/3; of it, 2001:db8::/32 is for documentation and 64:ff9b::/96 lies outside.
  return /^[23][0-9a-f]{0,3}:/i.test(address) && !/^2001:0?db8:/i.test(address) ? 'public' : 'private';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Whether `host` is an IPv4 address inside `cidr`. */
export function isInside(host: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const [address, base] = [ipv4Number(host), ipv4Number(network)];
  return address !== undefined && base !== undefined && /^\d{1,2}$/.test(bits) && Number(bits) <= 32 && sameNetwork(address, base, Number(bits));
}

function ipv4Number(text: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((number, part) => number * 256 + part, 0);
}

function sameNetwork(a: number, b: number, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(a / size) === Math.floor(b / size);
}
