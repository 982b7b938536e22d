import type { Asker } from './access.ts';

export interface TokenPlace {
  /** URL of the token server, as who asks reaches it. */
  readonly realm: string;
  readonly service: string;
}

/**
 * Where a client gets its token: from the host that it called this registry by. The address that is listened on says nothing to others
 * (`0.0.0.0`), and no certificate names it. Behind a proxy that ends TLS the way stays encrypted, or passwords would go there in the open.
 * @param listening the place without a proper `Host`
 */
export function tokenPlace(asker: Asker, isTls: boolean, listening: string): TokenPlace {
  const named = asker.header('host') ?? '';
  const host = /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/.test(named) ? named : listening;
  const isEncrypted = isTls || asker.header('x-forwarded-proto') === 'https';
  return { realm: `${isEncrypted ? 'https' : 'http'}://${host}/token`, service: host };
}
