import { GantryError } from '#base/error.ts';
import type { Clock, Timers } from '#base/clock.ts';
import type { Hasher } from '#base/hasher.ts';
import type { Random } from '#base/random.ts';
import { DEFAULT_DOMAIN, type Reference } from '#image/oci/reference.ts';
import { NO_CREDENTIALS, type Credentials } from './credentials.ts';
import { checkAllowed, endpointOfHost, endpointsOf } from './endpoint.ts';
import { logIn, type Login } from './login.ts';
import type { RegistryConfig } from './registry-config.ts';
import { RepositoryClient } from './repository-client.ts';
import { RegistrySession, type SessionPorts } from './session.ts';
import type { Transport } from './transport.ts';

export interface RegistriesPorts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly hasher: Hasher;
}

/** The registries of the world, as this machine may use them. */
export class Registries {
  readonly config: RegistryConfig;
  readonly #ports: SessionPorts;
  readonly #hasher: Hasher;

  constructor({ hasher, ...ports }: RegistriesPorts, config: RegistryConfig) {
    this.config = config;
    this.#hasher = hasher;
    this.#ports = { ...ports, trustedHosts: config.trustedHosts, knownOrigins: new Map() };
  }

  /** Where a repository is looked for, mirrors first. A mirror never sees the credentials of the registry that it mirrors. Throws `forbidden`. */
  sources(reference: Reference, credentials: Credentials): readonly RepositoryClient[] {
    return endpointsOf(reference, this.config)
      .map((endpoint) => new RepositoryClient(new RegistrySession(this.#ports, endpoint, endpoint.isMirror ? NO_CREDENTIALS : credentials), this.#hasher));
  }

  /** The registry itself. Throws `forbidden`. */
  target(reference: Reference, credentials: Credentials): RepositoryClient {
    const own = this.sources(reference, credentials).at(-1);
    if (own === undefined) throw new GantryError('internal', 'a repository without a registry');
    return own;
  }

  /** Tries credentials out. `server` is as `docker login` sends it: a host, or a URL with one. Throws `unauthorized`, `forbidden`. */
  async login(server: string, credentials: Credentials): Promise<Login> {
    const host = hostOfServer(server);
    checkAllowed(host, this.config);
    return logIn(this.#ports, endpointOfHost(host, this.config), credentials);
  }
}

/** The host that an entry of a client's credentials is for: Docker Hub's is a URL for historical reasons. */
export function hostOfServer(server: string): string {
  const host = server.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
  const known = host === '' || host === 'index.docker.io' || host === 'registry-1.docker.io' ? DEFAULT_DOMAIN : host;
  if (!/^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/.test(known)) throw new GantryError('invalid', `${JSON.stringify(server.slice(0, 200))} is no registry`);
  return known;
}
