import type { Protocol } from '../firewall/model.ts';

export type Direction = 'ingress' | 'egress';

/** What a policy allows those that it selects; a direction that is absent is not its business. */
export interface PolicyRules {
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
}

/** Who comes by one of the peers and one of the ports is let through. */
export interface PolicyRule {
  /** Absent: anybody. */
  readonly peers?: readonly Peer[];
  /** Absent: whatever the protocol. */
  readonly ports?: readonly PortMatch[];
}

export type Peer =
  /** All members that say they are in it. */
  | { readonly group: string }
  /** IPv4 and IPv6 subnets, canonical; each exception lies within. */
  | { readonly cidr: string; readonly except: readonly string[] };

export type PortMatch = { readonly protocol: Protocol } & (
  /** All ports where absent. */
  | { readonly from?: number; readonly to?: number }
  /** As the member calls it to which the packet goes. */
  | { readonly name: string }
);

/** One whose packets policies speak of. */
export interface Member {
  /** IPv4, canonical. */
  readonly address: string;
  /** What it has of IPv6, of which policies do not speak: where it is isolated, nothing goes that way. */
  readonly address6?: string;
  /** Policies that select it: it is reached, or reaches others, as they allow, or where there are none as everybody does. */
  readonly isolatedBy: Readonly<Record<Direction, readonly string[]>>;
  readonly groups: readonly string[];
  readonly ports: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number }[];
}

/** What changes in one transaction; undefined: it is gone. */
export interface PolicyChanges {
  readonly policies: ReadonlyMap<string, PolicyRules | undefined>;
  /** By address. */
  readonly members: ReadonlyMap<string, Member | undefined>;
}
