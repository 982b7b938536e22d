export type Protocol = 'tcp' | 'udp' | 'sctp';

/** A port of the container, reachable from the host's side. */
export interface PortBinding {
  readonly protocol: Protocol;
  readonly containerPort: number;
  /** Empty: every address of both families. */
  readonly hostAddress: string;
  /** 0 asks for a free port from the ephemeral range; `hostPortEnd` for the first free one of a range. */
  readonly hostPort: number;
  readonly hostPortEnd?: number;
}

/** A binding whose port has been chosen. One request may make two: IPv4 and IPv6. */
export interface PublishedPort {
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly hostAddress: string;
  readonly hostPort: number;
}

export interface ExposedPort {
  readonly protocol: Protocol;
  readonly port: number;
}
