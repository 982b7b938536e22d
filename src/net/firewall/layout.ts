import type { ChainLayout, SetLayout } from './table-layout.ts';

/**
 * The one table: its sets, maps and rules. Rules never change while a daemon runs; networks and published
 * ports are elements, so that adding one costs the same however many there are (a hash lookup per packet, one
 * element per change), and a transaction can't leave half a rule behind.
 */

/** Raised with every change of the rules or the types below: a table of another version is replaced. */
export const LAYOUT_VERSION = '4';

/**
 * Bits of the mark of a packet that this table has seen: on its way out, or as it came from a bridge of ours. A bridge has a
 * guard that is no part of the ruleset, and lets in no other. A mark doesn't leave the host's network namespace.
 */
export const ADMITTED_MARK = 0x6700_0000;

/**
 * `publish*_at` is for one address of the host, `publish*_any` for all. A range of ports that keeps its
 * numbers is one element of a `range*` map, whose data has no port, because nftables can't add an offset to a
 * port; any other range is an element for each port.
 */
export const SETS = {
  layout: { key: ['mark'] },
  bridges: { key: ['ifname'] },
  internal: { key: ['ifname'] },
  /** Pairs of a bridge with itself, where containers may talk to each other. */
  same: { key: ['ifname', 'ifname'] },
  /** Subnets whose addresses nothing outside of our bridges may name. */
  guarded4: { key: ['ipv4'], interval: true },
  guarded6: { key: ['ipv6'], interval: true },
  masquerade4: { key: ['ipv4'], interval: true },
  masquerade6: { key: ['ipv6'], interval: true },
  /** What leaves a subnet has this source address, instead of that of the way out. */
  source4: { key: ['ipv4'], data: ['ipv4'], interval: true },
  source6: { key: ['ipv6'], data: ['ipv6'], interval: true },
  /** Bridges whose containers are reached at any port. */
  open4: { key: ['ifname'] },
  open6: { key: ['ifname'] },
  /** Links of the host from which the containers of a subnet may be named. */
  trusted4: { key: ['ifname', 'ipv4'], interval: true },
  trusted6: { key: ['ifname', 'ipv6'], interval: true },
  /** Ports that are reached at the container's own address. */
  routed4: { key: ['ipv4', 'protocol', 'port'] },
  routed6: { key: ['ipv6', 'protocol', 'port'] },
  /** A subnet with its own bridge. */
  own4: { key: ['ipv4', 'ifname'], interval: true },
  own6: { key: ['ipv6', 'ifname'], interval: true },
  publish4_any: { key: ['protocol', 'port'], data: ['ipv4', 'port'] },
  publish6_any: { key: ['protocol', 'port'], data: ['ipv6', 'port'] },
  publish4_at: { key: ['ipv4', 'protocol', 'port'], data: ['ipv4', 'port'] },
  publish6_at: { key: ['ipv6', 'protocol', 'port'], data: ['ipv6', 'port'] },
  range4_any: { key: ['protocol', 'port'], data: ['ipv4'], interval: true },
  range6_any: { key: ['protocol', 'port'], data: ['ipv6'], interval: true },
  range4_at: { key: ['ipv4', 'protocol', 'port'], data: ['ipv4'], interval: true },
  range6_at: { key: ['ipv6', 'protocol', 'port'], data: ['ipv6'], interval: true },
} as const satisfies Readonly<Record<string, SetLayout>>;

export type SetName = keyof typeof SETS;

export const SET_NAMES = Object.keys(SETS) as readonly SetName[];

export function layoutOf(set: SetName): SetLayout {
  return SETS[set];
}

/** Priorities are numbers because nft 1.0.6 does not know `dstnat` in the output hook. */
export const CHAINS: readonly ChainLayout[] = [
  {
    name: 'raw_prerouting',
    hook: 'type filter hook prerouting priority -300; policy accept;',
    rules: [
      'iifname "lo" accept',
      // Loopback addresses never come from a wire. The bridges have route_localnet, and a port that is published
      // at 127.0.0.1 would else be reached by a neighbour who routes 127.0.0.1 to us, since DNAT comes before routing.
      'ip daddr 127.0.0.0/8 drop',
      'ip saddr 127.0.0.0/8 drop',
      'ip6 daddr ::1 drop',
      // What br_netfilter translates and sends back into its bridge meets the guard before it is on its way out.
      `iifname @bridges meta mark set meta mark or ${ADMITTED_MARK} accept`,
      // Direct routing: a packet from outside that names a container before DNAT was not sent to a published port.
      'ip daddr @guarded4 iifname . ip daddr != @trusted4 drop',
      'ip6 daddr @guarded6 iifname . ip6 daddr != @trusted6 drop',
    ],
  },
  {
    name: 'publish',
    rules: [
      'dnat ip to ip daddr . meta l4proto . th dport map @publish4_at',
      'dnat ip6 to ip6 daddr . meta l4proto . th dport map @publish6_at',
      'meta nfproto ipv4 dnat ip to ip daddr . meta l4proto . th dport map @range4_at',
      'meta nfproto ipv6 dnat ip6 to ip6 daddr . meta l4proto . th dport map @range6_at',
      'fib daddr type != local return',
      'meta nfproto ipv4 dnat ip to meta l4proto . th dport map @publish4_any',
      'meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @publish6_any',
      'meta nfproto ipv4 dnat ip to meta l4proto . th dport map @range4_any',
      'meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @range6_any',
    ],
  },
  { name: 'nat_prerouting', hook: 'type nat hook prerouting priority -100; policy accept;', rules: ['jump publish'] },
  {
    name: 'nat_output',
    hook: 'type nat hook output priority -100; policy accept;',
    rules: [
      // IPv6 accepts nothing for loopback from a bridge once br_netfilter had it in hands: the socket that holds the port serves ::1.
      'ip6 daddr ::1 return',
      'jump publish',
    ],
  },
  {
    name: 'nat_postrouting',
    hook: 'type nat hook postrouting priority 100; policy accept;',
    rules: [
      // From the host's 127.0.0.1 to a published port: the container must see an address that it can answer.
      'oifname @bridges ip saddr 127.0.0.0/8 masquerade',
      'ip saddr . oifname != @own4 snat ip to ip saddr map @source4',
      'ip6 saddr . oifname != @own6 snat ip6 to ip6 saddr map @source6',
      'ip saddr @masquerade4 ip saddr . oifname != @own4 masquerade',
      'ip6 saddr @masquerade6 ip6 saddr . oifname != @own6 masquerade',
      // Hairpin: a container that reaches a neighbour, or itself, by a published port must get its answer through us.
      'ct status dnat ip saddr . oifname @own4 masquerade',
      'ct status dnat ip6 saddr . oifname @own6 masquerade',
    ],
  },
  {
    name: 'forward',
    hook: 'type filter hook forward priority 0; policy accept;',
    rules: [
      'ct state established,related accept',
      'iifname . oifname @same accept',
      'iifname @internal drop',
      'oifname @internal drop',
      // What conntrack does not know would leave with the container's own address.
      'iifname @bridges ct state invalid drop',
      'iifname . ip daddr @trusted4 accept',
      'iifname . ip6 daddr @trusted6 accept',
      'meta nfproto ipv4 oifname @open4 accept',
      'meta nfproto ipv6 oifname @open6 accept',
      'ip daddr . meta l4proto . th dport @routed4 accept',
      'ip6 daddr . meta l4proto . th dport @routed6 accept',
      'oifname @bridges jump to_containers',
    ],
  },
  {
    name: 'admit',
    hook: 'type filter hook postrouting priority 300; policy accept;',
    rules: [`oifname @bridges meta mark set meta mark or ${ADMITTED_MARK}`],
  },
  { name: 'to_containers', rules: ['ct status dnat accept', 'drop'] },
];
