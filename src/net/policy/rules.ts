import { lastAddress, parseCidr, type Cidr } from '../cidr.ts';
import { PROTOCOL_NUMBERS } from '../firewall/table-layout.ts';
import { formatIp } from '../ip.ts';
import type { Direction, Peer, PolicyRule, PortMatch } from './model.ts';

/** Names of the table's sets: of a group's addresses, of those who call a port so. */
export interface SetNames {
  group(id: string): string;
  port(match: { readonly protocol: string; readonly name: string }): string;
}

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** What the chain of a policy has for one direction: it accepts what is allowed, and says nothing of the rest. */
export function rulesFor(direction: Direction, rules: readonly PolicyRule[], names: SetNames): readonly string[] {
  return [...new Set(rules.flatMap(({ peers, ports }) => {
    const from = peers === undefined ? [''] : peerMatches(direction === 'ingress' ? 'saddr' : 'daddr', peers, names);
    const to = ports === undefined ? [''] : portMatches(ports, names);
    return from.flatMap((peer) => to.map((port) => `${peer}${port}accept`));
  }))];
}

function peerMatches(side: 'saddr' | 'daddr', peers: readonly Peer[], names: SetNames): readonly string[] {
  const groups = peers.flatMap((peer) => ('group' in peer ? [`ip ${side} @${names.group(peer.group)} `] : []));
  const blocks = union(peers.flatMap((peer) => ('cidr' in peer ? withoutParts(peer.cidr, peer.except) : [])));
  return blocks.length === 0 ? groups : [...groups, `ip ${side} { ${blocks.map(formatRange).join(', ')} } `];
}

function portMatches(ports: readonly PortMatch[], names: SetNames): readonly string[] {
  const byProtocol = Map.groupBy(ports, ({ protocol }) => protocol);
  return [...byProtocol].flatMap(([protocol, all]) => {
    const is = `meta l4proto ${PROTOCOL_NUMBERS[protocol]} `;
    if (all.some((match) => !('name' in match) && match.from === undefined)) return [is];
    const named = all.flatMap((match) => ('name' in match ? [`${is}ip daddr . th dport @${names.port(match)} `] : []));
    const numbers = union(all.flatMap((match) => ('name' in match || match.from === undefined ? [] : [{ first: BigInt(match.from), last: BigInt(match.to ?? match.from) }])));
    return numbers.length === 0 ? named : [...named, `${is}th dport { ${numbers.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(', ')} } `];
  });
}

/** Of IPv6 nothing: members have none. */
function withoutParts(cidr: string, except: readonly string[]): readonly Range[] {
  const whole = parseCidr(cidr);
  if (whole.family !== 4) return [];
  const holes = union(except.map(parseCidr).filter(({ family }) => family === 4).map(rangeOf));
  const { last } = rangeOf(whole);
  const left: Range[] = [];
  let first = whole.base;
  for (const hole of holes) {
    if (hole.first > first) left.push({ first, last: hole.first - 1n });
    if (hole.last >= first) first = hole.last + 1n;
  }
  return first > last ? left : [...left, { first, last }];
}

const rangeOf = (cidr: Cidr): Range => ({ first: cidr.base, last: lastAddress(cidr).value });

/** In order, none touching another: a set takes no ranges that overlap. */
function union(ranges: readonly Range[]): readonly Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1n) merged.push(range);
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last };
  }
  return merged;
}

function formatRange({ first, last }: Range): string {
  const [from, to] = [first, last].map((value) => formatIp({ family: 4, value }));
  return first === last ? `${from}` : `${from}-${to}`;
}
