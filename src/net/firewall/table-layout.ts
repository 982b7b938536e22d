/** How one field of an element is written. `class` is the priority of a packet, in the two halves of traffic control. */
export type FieldType = 'mark' | 'ifname' | 'ipv4' | 'ipv6' | 'protocol' | 'port' | 'class' | 'verdict';

export interface SetLayout {
  readonly key: readonly FieldType[];
  /** Present in maps. */
  readonly data?: readonly FieldType[];
  /** Whether fields may be ranges: subnets, `8000-8999`. */
  readonly interval?: true;
  /** Rules fill it, up to so many elements, and each goes after its time. */
  readonly filledByRules?: number;
}

export interface ChainLayout {
  readonly name: string;
  /** Absent in chains that are only jumped to. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/** A table's sets, maps and chains. What changes while a daemon runs are elements. */
export interface TableLayout {
  readonly sets: Readonly<Record<string, SetLayout>>;
  readonly chains: readonly ChainLayout[];
}

/** An element of a set, or of a map when it has data. Fields are canonical text, so equal elements have equal text. */
export interface TableElement {
  readonly set: string;
  readonly key: readonly string[];
  readonly data?: readonly string[];
}

/** IP protocol numbers (IANA): their names would need /etc/protocols on the host. */
export const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };
