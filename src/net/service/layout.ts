import { GantryError } from '#base/error.ts';
import { parseCidr, formatCidr } from '../cidr.ts';
import type { ChainLayout, SetLayout, TableLayout } from '../firewall/table-layout.ts';

/**
 * The table of services, beside that of networks and published ports. The first packet of a connection costs two lookups in
 * hash tables, whatever their size: one for the frontend, which names a chain by the number of its backends, and one with a
 * number that this chain draws. `at` is for frontends with an address of their own, `any` for ports of every address of the host.
 *
 * The number is kept in the packet's priority while the chain runs: nftables 1.0.6 adds no rules to a table whose maps are
 * declared by an expression, as one that draws has to be, and a mark might be somebody else's. Forwarding writes the priority
 * anew, and numbers as small as these are no class of anybody's.
 */
export type Scope = 'at' | 'any';

const SCOPES: readonly Scope[] = ['at', 'any'];
/** Clients with affinity that are remembered; the longest-known stay, and others are served without. */
const MOST_CLIENTS = 262_144;
const KEY: Readonly<Record<Scope, string>> = { at: 'ip daddr . meta l4proto . th dport', any: 'meta l4proto . th dport' };
/** The chain of frontends whose clients wait in vain. */
export const SILENT = 'silent';
const BEFORE_PUBLISHED_PORTS = -110;

function setsOf(scope: Scope): Record<string, SetLayout> {
  const key = scope === 'at' ? ['ipv4', 'protocol', 'port'] as const : ['protocol', 'port'] as const;
  return {
    [`frontend_${scope}`]: { key, data: ['verdict'] },
    [`backend_${scope}`]: { key: [...key, 'class'], data: ['ipv4', 'port'] },
    [`turn_${scope}`]: { key: [...key, 'class'], data: ['class'] },
    [`kept_${scope}`]: { key: [...key, 'class'], data: ['ipv4', 'port'] },
    [`source_${scope}`]: { key: [...key, 'ipv4'], interval: true },
    [`client_${scope}`]: { key: ['ipv4', ...key], data: ['class'], filledByRules: MOST_CLIENTS },
  };
}

export const SETS: TableLayout['sets'] = Object.assign({}, ...SCOPES.map(setsOf)) as TableLayout['sets'];

/** @param range addresses of services: what is there and leads nowhere is refused, and never leaves the host */
export function serviceTable(range: string): TableLayout {
  const cidr = formatCidr(parseCidr(range));
  const find = [`${KEY.at} vmap @frontend_at`, `fib daddr type local ${KEY.any} vmap @frontend_any`];
  const refuse = `ip daddr ${cidr} jump refuse`;
  return {
    sets: SETS,
    chains: [
      { name: SILENT, rules: ['drop'] },
      { name: 'refuse', rules: ['meta l4proto tcp reject with tcp reset', 'reject'] },
      { name: 'find', rules: find },
      { name: 'prerouting', hook: `type nat hook prerouting priority ${BEFORE_PUBLISHED_PORTS}; policy accept;`, rules: ['meta nfproto ipv4 jump find'] },
      { name: 'output', hook: `type nat hook output priority ${BEFORE_PUBLISHED_PORTS}; policy accept;`, rules: ['meta nfproto ipv4 jump find'] },
      { name: 'refuse_forward', hook: 'type filter hook forward priority -5; policy accept;', rules: [refuse] },
      { name: 'refuse_output', hook: 'type filter hook output priority -5; policy accept;', rules: [refuse] },
    ],
  };
}

/** The name of the chain that chooses among so many backends. @param hasSources whether clients have to come from certain subnets */
export function chooserName(scope: Scope, count: number, affinitySeconds: number | undefined, hasSources = false): string {
  return `${hasSources ? 'from_' : ''}${affinitySeconds === undefined ? `pick_${scope}_${count}` : `keep_${scope}_${count}_${affinitySeconds}`}`;
}

/** That chain. It is made when the first frontend needs it. */
export function chooser(name: string): ChainLayout {
  const [, from, kind, scope, count, seconds] = /^(from_)?(pick|keep)_(at|any)_(\d+)(?:_(\d+))?$/.exec(name) ?? [];
  if (kind === undefined) throw new GantryError('internal', `no chain of services is called ${name}`);
  const key = KEY[scope as Scope];
  const guard = from === undefined ? [] : [`fib saddr type != local ${key} . ip saddr != @source_${scope} drop`];
  const draw = `meta priority set numgen random mod ${count} offset 1`;
  if (kind === 'pick') return { name, rules: [...guard, draw, `dnat ip to ${key} . meta priority map @backend_${scope}`] };
  const client = `ip saddr . ${key}`;
  const turn = `meta priority set ${key} . meta priority map @turn_${scope}`;
  const remember = `update @client_${scope} { ${client} timeout ${seconds}s : meta priority }`;
  const send = `dnat ip to ${key} . meta priority map @kept_${scope}`;
  // Whom the client had may be gone: then nothing was sent, and it draws anew.
  return { name, rules: [...guard, draw, turn, `meta priority set ${client} map @client_${scope}`, remember, send, draw, turn, remember, send] };
}
