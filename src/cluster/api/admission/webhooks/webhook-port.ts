/** Where a webhook listens, and who it has to be. */
export interface WebhookTarget {
  /** Whom the connection goes to. */
  readonly host: string;
  readonly port: number;
  /** Whose certificate it has to show, and what it is called in the request. */
  readonly serverName: string;
  readonly path: string;
  /** PEM; absent: one of the authorities that the host trusts. */
  readonly authority?: string;
  /** For messages: `https://a.b.svc:443/path`. */
  readonly url: string;
}

/** Asks a webhook: one request, one bounded answer. */
export interface WebhookCaller {
  /** @returns the body of an answer that is a success @throws GantryError unavailable, with why: no connection, no time left, too much, no success */
  call(target: WebhookTarget, body: string, timeoutMs: number): Promise<Uint8Array>;
}
