import type { SetLayout, TableLayout } from '../firewall/table-layout.ts';

/**
 * The table of policies, beside those of networks and services. A new connection is looked up by who sends it, then by who
 * gets it: who is isolated has a chain there, of all policies that select it together. Packets of connections that were let
 * through are not looked up again.
 *
 * Two hooks, because to accept is the end of one of them only: both sides have to allow it. They come after services have chosen
 * a backend and before any source is hidden, so that each side is known by its own address. What the host itself sends or gets
 * passes neither: a node reaches its pods, and they reach it, whatever policies say.
 */
export const FIXED_SETS: TableLayout['sets'] = {
  egress: { key: ['ipv4'], data: ['verdict'] },
  ingress: { key: ['ipv4'], data: ['verdict'] },
  egress6: { key: ['ipv6'] },
  ingress6: { key: ['ipv6'] },
  /** Nobody is kept from himself, which a service may lead to. */
  self: { key: ['ipv4', 'ipv4'] },
};

const KNOWN = ['ct state established,related accept', 'ip saddr . ip daddr @self accept'];

export const CHAINS: TableLayout['chains'] = [
  { name: 'from_members', hook: 'type filter hook forward priority -4; policy accept;', rules: [...KNOWN, 'ip saddr vmap @egress', 'ip6 saddr @egress6 drop'] },
  { name: 'to_members', hook: 'type filter hook forward priority -3; policy accept;', rules: [...KNOWN, 'ip daddr vmap @ingress', 'ip6 daddr @ingress6 drop'] },
];

/** Addresses of a group; addresses with the number that a name has there. */
export const GROUP_SET: SetLayout = { key: ['ipv4'] };
export const PORT_SET: SetLayout = { key: ['ipv4', 'port'] };
