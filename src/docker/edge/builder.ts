import type { Duplex } from 'node:stream';

/** What a client offers on the connection that a build calls it back on. */
export interface OfferedSession {
  readonly id: string;
  readonly name: string;
  /** The same for every build of one directory on one machine. */
  readonly sharedKey: string;
  /** Paths of the methods that can be called. */
  readonly methods: readonly string[];
}

/** Whoever builds, as this front needs them. */
export interface Builder {
  /** Serves the BuildKit protocol on a connection that speaks HTTP/2 from its first byte on. */
  serve(socket: Duplex): void;
  /** Settles when the client has gone. */
  attach(socket: Duplex, session: OfferedSession): Promise<void>;
}

/** Building is loaded when it is first asked for: an idle daemon does not pay for it. */
export type LoadBuilder = () => Promise<Builder>;
