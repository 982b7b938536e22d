import { GantryError } from '#base/error.ts';

export type Family = 4 | 6;

/** An address as a number, so that ranges, order and arithmetic are the same for both families. */
export interface Ip {
  readonly family: Family;
  /** The address in network order: below 2^32 for IPv4, below 2^128 for IPv6. */
  readonly value: bigint;
}

export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Dotted decimal without leading zeros, or RFC 4291 section 2.2 without a zone. Throws `invalid`. */
export function parseIp(text: string): Ip {
  const ip = tryParseIp(text);
  if (ip === undefined) throw new GantryError('invalid', `'${text.slice(0, 64)}' is not an IP address`);
  return ip;
}

export function tryParseIp(text: string): Ip | undefined {
  const value = text.includes(':') ? parseValue6(text) : parseValue4(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

/** Canonical text: RFC 5952 for IPv6, IPv4-mapped addresses in their mixed form (section 5). */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) return formatValue4(ip.value);
  if (ip.value >> 32n === 0xffffn) return `::ffff:${formatValue4(ip.value & 0xffff_ffffn)}`;
  const groups = Array.from({ length: 8 }, (_, index) => Number((ip.value >> BigInt(16 * (7 - index))) & 0xffffn));
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

export function compareIp(a: Ip, b: Ip): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

export function isLoopback(ip: Ip): boolean {
  return ip.family === 4 ? ip.value >> 24n === 127n : ip.value === 1n;
}

/** `0.0.0.0` or `::`, which in a port binding mean every address of the host. */
export function isUnspecified(ip: Ip): boolean {
  return ip.value === 0n;
}

function parseValue4(text: string): bigint | undefined {
  const parts = text.length > 15 ? [] : text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    // A leading zero would be octal to some readers and decimal to others.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseValue6(text: string): bigint | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...new Array<bigint>(missing).fill(0n), ...tail].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The groups on one side of `::`. Only the last two groups of an address may be dotted decimal. */
function parseGroups(text: string, last: boolean): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const value = parseValue4(part);
      if (value === undefined) return undefined;
      groups.push(value >> 16n, value & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return groups;
}

function formatValue4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
