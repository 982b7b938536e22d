import { isIP } from 'node:net';
import { GantryError } from '#base/error.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;

export interface IpBytes {
  readonly family: typeof AF_INET | typeof AF_INET6;
  /** 4 or 16, in network order. */
  readonly bytes: Uint8Array;
}

export interface IpPrefix extends IpBytes {
  readonly prefixLength: number;
}

/** Throws 'invalid'. Zones (`%eth0`) are refused. */
export function parseIp(text: string): IpBytes {
  const version = text.includes('%') ? 0 : isIP(text);
  if (version === 4) return { family: AF_INET, bytes: Uint8Array.from(text.split('.').map(Number)) };
  if (version === 6) return { family: AF_INET6, bytes: parseIp6(text) };
  throw new GantryError('invalid', `not an IP address: ${JSON.stringify(text)}`);
}

/** `10.0.0.2/24`, `fd00::2/64`. */
export function parseIpPrefix(text: string): IpPrefix {
  const [, address, digits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  if (address === undefined || digits === undefined) {
    throw new GantryError('invalid', `not an address with a prefix length: ${JSON.stringify(text)}`);
  }
  const ip = parseIp(address);
  const prefixLength = Number(digits);
  if (prefixLength > ip.bytes.length * 8) throw new GantryError('invalid', `prefix length too long in ${text}`);
  return { ...ip, prefixLength };
}

/** The usual short form; of IPv6 as RFC 5952 has it. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  const zeros = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (zeros.length < 2) return hex(groups);
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function parseIp6(text: string): Uint8Array {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const [a = 0, b = 0, c = 0, d = 0] = (dotted?.[2] ?? '').split('.').map(Number);
  const hex = dotted === null ? text : `${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  const [head = '', tail] = hex.split('::');
  const groups = (part: string): readonly number[] => part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = groups(tail ?? '');
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
