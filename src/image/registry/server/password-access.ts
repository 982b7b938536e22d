import type { AccessControl, Asked, Asker } from './access.ts';
import type { RegistryReply } from './exchange.ts';
import { faultReply } from './fault.ts';

export interface Passwords {
  /** False also for a user that is not there, and it takes as long. */
  verify(username: string, password: string): Promise<boolean>;
}

export interface AccessRules {
  readonly realm: string;
  /** Whether everybody may pull. */
  readonly anonymousPull: boolean;
}

/** User name and password of a Basic `Authorization` header (RFC 7617); undefined for anything else. */
export function parseBasic(header: string | undefined): { readonly username: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined || encoded.length > 4096) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.fromBase64(encoded));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Who has a password may do everything. */
export class PasswordAccess implements AccessControl {
  readonly #passwords: Passwords;
  readonly #rules: AccessRules;

  constructor(passwords: Passwords, rules: AccessRules) {
    this.#passwords = passwords;
    this.#rules = rules;
  }

  async check(asker: Asker, asked: Asked): Promise<RegistryReply | undefined> {
    if (this.#rules.anonymousPull && asked?.action === 'pull') return undefined;
    const given = parseBasic(asker.header('authorization'));
    if (given !== undefined && await this.#passwords.verify(given.username, given.password)) return undefined;
    return faultReply('UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': `Basic realm="${this.#rules.realm}"` });
  }
}
