import type { Clock } from '#base/clock.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Random } from '#base/random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { User } from '../api-request.ts';
import { newUid } from '../names.ts';
import type { ObjectView } from '../object-view.ts';
import { groupsOfServiceAccount, AUTHENTICATED, serviceAccountUser } from './users.ts';

/** Who issues the tokens of a cluster, and for whom they are where nobody says. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const CLAIM = 'kubernetes.io';
/** What the pods' own volumes ask for; such tokens live on for those who don't read them anew (upstream's token expiration extension). */
export const POD_TOKEN_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 86_400;
/** A bound object may be on its way out for so long. */
const GRACE_MS = 60_000;
const BOUND_PLURALS: Readonly<Record<string, string>> = { pod: 'pods', secret: 'secrets', node: 'nodes' };

/** Signs JSON Web Tokens (RFC 7519) with the cluster's key. */
export interface TokenSigner {
  sign(claims: JsonObject): Promise<string>;
  /** The claims where signature, issuer and times are right. */
  verify(token: string): Promise<JsonObject | undefined>;
}

export interface TokenWish {
  readonly audiences: readonly string[];
  readonly seconds: number;
  /** The token is good while this object is there. */
  readonly bound?: { readonly kind: 'pod' | 'secret' | 'node'; readonly object: KubeObject };
}

/** Tokens of service accounts: gives them out, and knows whose one is (kubernetes.io, "Managing Service Accounts"). */
export class ServiceAccountTokens {
  readonly #view: ObjectView;
  readonly #signer: TokenSigner;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { readonly view: ObjectView; readonly signer: TokenSigner; readonly clock: Clock; readonly random: Random }) {
    this.#view = parts.view;
    this.#signer = parts.signer;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** @returns the token, and by when a new one should be asked for */
  async issue(account: KubeObject, { audiences, seconds, bound }: TokenWish): Promise<{ readonly token: string; readonly expiresMs: number }> {
    const { namespace = '', name, uid } = account.metadata;
    const now = Math.floor(this.#nowMs() / 1000);
    const isExtended = bound?.kind === 'pod' && seconds === POD_TOKEN_SECONDS && audiences.length === 1 && audiences[0] === ISSUER;
    const node = bound?.kind === 'pod' ? this.#nodeOf(bound.object) : undefined;
    const claims: JsonObject = {
      iss: ISSUER, sub: serviceAccountUser(namespace, name), aud: [...audiences], iat: now, nbf: now, exp: now + (isExtended ? EXTENDED_SECONDS : seconds), jti: newUid(this.#random),
      [CLAIM]: {
        namespace, serviceaccount: { name, uid }, ...(bound === undefined ? {} : { [bound.kind]: referenceTo(bound.object) }), ...(node === undefined ? {} : { node }), ...(isExtended ? { warnafter: now + seconds } : {}),
      },
    };
    return { token: await this.#signer.sign(claims), expiresMs: (now + seconds) * 1000 };
  }

  /** Undefined where it is no token of ours, for somebody else, over, or bound to what is no more. */
  async authenticate(token: string, audiences: readonly string[] = [ISSUER]): Promise<{ readonly user: User; readonly audiences: readonly string[] } | undefined> {
    const claims = await this.#signer.verify(token);
    if (claims === undefined) return undefined;
    const meant = textsOf(claims['aud']).filter((each) => audiences.includes(each));
    const own = objectAt(claims, CLAIM);
    const [namespace, account] = [textAt(own, 'namespace'), objectAt(own, 'serviceaccount')];
    const name = textAt(account, 'name');
    if (meant.length === 0 || claims['sub'] !== serviceAccountUser(namespace, name)) return undefined;
    if (!this.#isThere('serviceaccounts', namespace, account)) return undefined;
    for (const [kind, plural] of Object.entries(BOUND_PLURALS)) {
      const bound = own[kind];
      // A pod's token says on which node it runs, and is bound to the pod alone.
      if (bound === undefined || (kind === 'node' && own['pod'] !== undefined)) continue;
      if (!this.#isThere(plural, kind === 'node' ? undefined : namespace, bound as JsonObject)) return undefined;
    }
    return { user: { name: serviceAccountUser(namespace, name), uid: textAt(account, 'uid'), groups: [...groupsOfServiceAccount(namespace), AUTHENTICATED], extra: extraOf(claims, own) }, audiences: meant };
  }

  #isThere(plural: string, namespace: string | undefined, reference: JsonObject): boolean {
    const found = this.#view.get(plural, namespace, textAt(reference, 'name'));
    if (found === undefined || found.metadata.uid !== textAt(reference, 'uid')) return false;
    const { deletionTimestamp } = found.metadata;
    return deletionTimestamp === undefined || Date.parse(deletionTimestamp) + GRACE_MS > this.#nowMs();
  }

  #nodeOf(pod: KubeObject): JsonObject | undefined {
    const name = textAt((pod['spec'] ?? {}) as JsonObject, 'nodeName');
    const node = name === '' ? undefined : this.#view.get('nodes', undefined, name);
    return node === undefined ? undefined : referenceTo(node);
  }

  #nowMs(): number {
    return Number(this.#clock.nowNs() / 1_000_000n);
  }
}

function extraOf(claims: JsonObject, own: JsonObject): ReadonlyMap<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>([['authentication.kubernetes.io/credential-id', [`JTI=${textAt(claims, 'jti')}`]]]);
  for (const kind of ['pod', 'node']) {
    const { name, uid } = objectAt(own, kind);
    if (typeof name === 'string') extra.set(`authentication.kubernetes.io/${kind}-name`, [name]);
    if (typeof uid === 'string') extra.set(`authentication.kubernetes.io/${kind}-uid`, [uid]);
  }
  return extra;
}

const referenceTo = ({ metadata }: KubeObject): JsonObject => ({ name: metadata.name, uid: metadata.uid });
const textsOf = (value: Json | undefined): readonly string[] => typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly Json[]).filter((each): each is string => typeof each === 'string') : [];

function textAt(value: JsonObject, name: string): string {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof found === 'string' ? found : '';
}

function objectAt(value: JsonObject, name: string): JsonObject {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return found !== null && typeof found === 'object' && !Array.isArray(found) ? found as JsonObject : {};
}
