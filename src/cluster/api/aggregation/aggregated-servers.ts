import type { ApiRequest, ApiResponse, User } from '../api-request.ts';
import type { AggregatedTarget } from './aggregated-target.ts';

/** A document of a server, with its code; a body that is too large, or late, is none. */
export interface ServerDocument {
  readonly code: number;
  readonly body: Uint8Array;
}

/** Servers of aggregated APIs, over TLS, as the front proxy that they believe. */
export interface AggregatedServers {
  /** For the aggregator itself. @throws GantryError unavailable, with why */
  ask(target: AggregatedTarget, path: string, accept: string, user: User): Promise<ServerDocument>;
  /** In the name of who asks. @throws StatusError unavailable where the server is not reached */
  forward(target: AggregatedTarget, request: ApiRequest): Promise<ApiResponse>;
}
