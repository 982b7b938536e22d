import type { NetworkId } from './ids.ts';

export interface Subnet {
  /** `172.17.0.0/16` */
  readonly cidr: string;
  readonly gateway: string;
}

/** A network of this host. `bridge` has a link of the kernel; `host` and `none` are words only. */
export interface Network {
  readonly id: NetworkId;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
  readonly bridge?: string;
  readonly ipv4?: Subnet;
  readonly ipv6?: Subnet;
  readonly internal: boolean;
  readonly mtu: number;
  readonly createdNs: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}
