import type { Protocol } from '../firewall/model.ts';

/** One of those who serve. IPv4, canonical. */
export interface Backend {
  readonly address: string;
  readonly port: number;
}

/** Where clients come to, and who may serve them: each new connection goes to one of the backends, all alike. */
export interface Frontend {
  readonly protocol: Protocol;
  /** IPv4, canonical; absent: every address of the host. */
  readonly address?: string;
  readonly port: number;
  /** No two alike. Without any, clients are refused, or wait in vain where `isSilent`. */
  readonly backends: readonly Backend[];
  readonly isSilent?: boolean;
  /** Disjoint IPv4 subnets: clients from elsewhere wait in vain. Absent: from anywhere. The host itself may always come. */
  readonly sources?: readonly string[];
  /** A client keeps its backend until it has been away for so long. */
  readonly affinitySeconds?: number;
}

/** `10.96.0.1 tcp 80`, or `* tcp 30080`: what can lead to one set of backends only. */
export function keyOf({ address = '*', protocol, port }: Pick<Frontend, 'address' | 'protocol' | 'port'>): string {
  return `${address} ${protocol} ${port}`;
}

export function isSameBackend(one: Backend, other: Backend): boolean {
  return one.address === other.address && one.port === other.port;
}
