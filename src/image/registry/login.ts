import { GantryError } from '#base/error.ts';
import { planAuth } from './auth-plan.ts';
import { parseChallenges } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { faultOf } from './error-body.ts';
import { ANYWHERE } from './reach.ts';
import { readText } from './read-text.ts';
import { parseToken, responseOf, type SessionPorts } from './session.ts';
import type { Exchange } from './transport.ts';

export interface Login {
  /** To be kept in place of the password; empty where the registry gives none. */
  readonly identityToken: string;
}

const MAX_BYTES = 64 << 10;

/** What `docker login` asks the engine for: whether a registry takes these credentials, and a refresh token if it has such. */
export async function logIn(ports: SessionPorts, endpoint: Endpoint, credentials: Credentials): Promise<Login> {
  let exchange: Exchange | undefined;
  let origin = '';
  for (origin of endpoint.origins) {
    exchange = await ports.transport.send(ping(endpoint, origin));
    if (exchange.kind === 'response') break;
  }
  if (exchange === undefined) throw new GantryError('internal', `there is no way to ${endpoint.host}`);
  const first = responseOf(exchange);
  const text = await readText(first, MAX_BYTES);
  if (first.status === 200) return { identityToken: '' };
  if (first.status !== 401) throw faultOf(first.status, text, endpoint.host);
  const challenges = parseChallenges(first.header('www-authenticate') ?? '');
  const step = planAuth({ challenges, credentials, origin, scopes: [], trustedHosts: ports.trustedHosts, wantsIdentityToken: credentials.kind === 'password' });
  if (step.kind === 'header') {
    await pingWith(ports, endpoint, origin, step.authorization);
    return { identityToken: '' };
  }
  const { url, method, headers, body, reach } = step.request;
  const host = new URL(url).host;
  const answer = responseOf(await ports.transport.send({
    method, url, headers, certificatesOf: host, verifiesCertificate: endpoint.verifiesCertificate, reach, ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
  }));
  const tokenText = await readText(answer, MAX_BYTES);
  if (answer.status === 401 || answer.status === 403) throw new GantryError('unauthorized', 'unauthorized: incorrect username or password', { subject: host });
  if (answer.status !== 200) throw faultOf(answer.status, tokenText, host);
  const { token, refreshToken } = parseToken(tokenText, host);
  await pingWith(ports, endpoint, origin, `Bearer ${token}`);
  return { identityToken: refreshToken ?? '' };
}

function ping(endpoint: Endpoint, origin: string) {
  return { method: 'GET', url: `${origin}/v2/`, headers: {}, certificatesOf: endpoint.host, verifiesCertificate: endpoint.verifiesCertificate, reach: ANYWHERE };
}

async function pingWith(ports: SessionPorts, endpoint: Endpoint, origin: string, authorization: string): Promise<void> {
  const response = responseOf(await ports.transport.send({ ...ping(endpoint, origin), headers: { Authorization: authorization } }));
  response.discard();
  if (response.status === 200) return;
  const words = response.status === 401 ? '401 Unauthorized' : String(response.status);
  throw new GantryError(response.status === 401 ? 'unauthorized' : 'unavailable', `login attempt to ${origin}/v2/ failed with status: ${words}`);
}
