import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { formatIp, type Ip } from './ip.ts';

/**
 * `172.17.0.2` has `02:42:ac:11:00:02`: locally administered, unique in a network because the address
 * is, and the same after a restart, so that neighbours' caches stay right.
 */
export function macOfIpv4(ip: Ip): string {
  if (ip.family !== 4) throw new GantryError('invalid', `${formatIp(ip)} is no IPv4 address to derive a MAC address from`);
  return ['02', '42', ...hexBytes(ip.value.toString(16).padStart(8, '0'))].join(':');
}

/** For networks without IPv4. The prefix `02:43` keeps it apart from those of `macOfIpv4`. */
export function macOfSeed(seed: string, hasher: Hasher): string {
  const digest = hasher.sha256(new TextEncoder().encode(`mac\n${seed}`));
  return ['02', '43', ...hexBytes(digest.slice(0, 8))].join(':');
}

/** Lower case with colons. Throws `invalid` for anything but a unicast Ethernet address. */
export function parseMac(text: string): string {
  const mac = text.toLowerCase().replaceAll('-', ':');
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac)) throw new GantryError('invalid', `'${text.slice(0, 64)}' is not a MAC address`, { hint: 'Write one such as 02:42:ac:11:00:02.' });
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) throw new GantryError('invalid', `'${text}' is a multicast address, which no interface can have`);
  if (mac === '00:00:00:00:00:00') throw new GantryError('invalid', `'${text}' is the null address, which no interface can have`);
  return mac;
}

function hexBytes(hex: string): string[] {
  return hex.match(/../g) ?? [];
}
