import type { Clock } from '#base/clock.ts';
import type { AccessControl, Action, Asked, Asker } from './access.ts';
import { jsonReply, type RegistryReply, type RegistryRequest } from './exchange.ts';
import { faultReply } from './fault.ts';
import { parseBasic, type AccessRules, type Passwords } from './password-access.ts';
import type { TokenPlace } from './token-place.ts';

/** Makes and checks what nobody else can make. */
export interface TokenSigner {
  /** Base64url. */
  sign(text: string): string;
  /** In constant time. */
  verify(text: string, signature: string): boolean;
}

interface Right { readonly type: 'repository'; readonly name: string; readonly actions: readonly Action[] }
interface Claims { readonly sub: string; readonly exp: number; readonly access: readonly Right[] }

const LIFE_S = 300;
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
const MAX_SCOPES = 32;

interface TokenParts {
  readonly passwords: Passwords;
  readonly signer: TokenSigner;
  readonly clock: Clock;
  readonly rules: Pick<AccessRules, 'anonymousPull'>;
  readonly place: (asker: Asker) => TokenPlace;
}

/**
 * Tokens of the distribution spec's "Token Authentication": this registry is its own token server. A token says who has it
 * and which repositories it is for, and is good for five minutes.
 */
export class TokenAccess implements AccessControl {
  readonly #parts: TokenParts;

  constructor(parts: TokenParts) {
    this.#parts = parts;
  }

  async check(asker: Asker, asked: Asked): Promise<RegistryReply | undefined> {
    const claims = this.#claims(/^bearer +(\S+)$/i.exec(asker.header('authorization') ?? '')?.[1]);
    if (claims !== undefined && (asked === undefined || claims.access.some(({ name, actions }) => name === asked.repository && actions.includes(asked.action)))) return undefined;
    const { realm, service } = this.#parts.place(asker);
    const scope = asked === undefined ? '' : `,scope="repository:${asked.repository}:${asked.action === 'pull' ? 'pull' : asked.action === 'push' ? 'pull,push' : 'delete'}"`;
    const error = claims === undefined ? '' : ',error="insufficient_scope"';
    return faultReply('UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': `Bearer realm="${realm}",service="${service}"${scope}${error}` });
  }

  /** `GET /token?service=&scope=&scope=`, with a password, or without one where everybody may pull. A mount asks for two repositories. */
  async issue(request: Pick<RegistryRequest, 'header' | 'queryAll'>): Promise<RegistryReply> {
    const { passwords, rules, clock, signer } = this.#parts;
    const authorization = request.header('authorization');
    const given = parseBasic(authorization);
    const isKnown = given !== undefined && await passwords.verify(given.username, given.password);
    if ((authorization !== undefined && !isKnown) || (!isKnown && !rules.anonymousPull)) {
      return faultReply('UNAUTHORIZED', 'incorrect username or password', { 'WWW-Authenticate': `Basic realm="${this.#parts.place(request).service}"` });
    }
    const access = request.queryAll('scope').flatMap((scope) => scope.split(' ')).slice(0, MAX_SCOPES).flatMap((scope) => parseScope(scope, isKnown));
    const claims: Claims = { sub: isKnown ? given.username : '', exp: nowS(clock) + LIFE_S, access };
    const text = `${HEADER}.${encode(claims)}`;
    const token = `${text}.${signer.sign(text)}`;
    return jsonReply(200, { token, access_token: token, expires_in: LIFE_S }, { 'Cache-Control': 'no-store' });
  }

  #claims(token: string | undefined): Claims | undefined {
    const [, text, payload, signature] = /^([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(token ?? '') ?? [];
    if (text === undefined || payload === undefined || signature === undefined || !this.#parts.signer.verify(text, signature)) return undefined;
    // It was signed here, so it is what `issue` wrote.
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: 'base64url' }))) as Claims;
    return claims.exp > nowS(this.#parts.clock) ? claims : undefined;
  }
}

function parseScope(scope: string, isKnown: boolean): Right[] {
  const [, name, actions] = /^repository:([a-z0-9._/-]{1,255}):([a-z,*]+)$/.exec(scope) ?? [];
  if (name === undefined || actions === undefined) return [];
  const wanted: readonly Action[] = actions === '*' ? ['pull', 'push', 'delete'] : (['pull', 'push', 'delete'] as const).filter((action) => actions.split(',').includes(action));
  return [{ type: 'repository', name, actions: isKnown ? wanted : wanted.filter((action) => action === 'pull') }];
}

function nowS(clock: Clock): number {
  return Number(clock.nowNs() / 1_000_000_000n);
}

function encode(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: 'base64url', omitPadding: true });
}
