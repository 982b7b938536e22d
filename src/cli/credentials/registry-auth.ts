import { CredentialHelper } from './helper.ts';
import { readConfigFile, storedAuth, withAuth, writeConfigFile, type ConfigFile, type RegistryAuth } from './config-file.ts';

/** What Docker Hub's credentials are kept under. */
export const HUB_SERVER = 'https://index.docker.io/v1/';

/** The server of an image's full repository: `docker.io/library/nginx` belongs to Docker Hub. */
export function serverOf(repository: string): string {
  const host = repository.split('/', 1)[0] ?? '';
  return host === 'docker.io' ? HUB_SERVER : host;
}

/** The server that a person names: nothing, and Docker Hub by any of its names, is Docker Hub. */
export function serverNamed(text: string): string {
  const host = text.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === '' || ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? HUB_SERVER : host;
}

/** Credentials on this machine for registries. */
export class RegistryAuths {
  readonly #path: string;
  readonly #config: ConfigFile;

  constructor(directory: string) {
    this.#path = `${directory}/config.json`;
    this.#config = readConfigFile(this.#path);
  }

  async find(server: string): Promise<RegistryAuth | undefined> {
    const helper = this.#helper(server);
    return helper === undefined ? storedAuth(this.#config, server) : helper.get(server);
  }

  /** The header that goes with a request to the engine. */
  async header(server: string): Promise<Readonly<Record<string, string>>> {
    const auth = await this.find(server);
    return { 'X-Registry-Auth': Buffer.from(JSON.stringify(auth ?? {})).toString('base64url') };
  }

  /** Answers whether the secret lies in the file, unencrypted. */
  async store(auth: RegistryAuth): Promise<boolean> {
    const helper = this.#helper(auth.serveraddress);
    if (helper === undefined) await writeConfigFile(this.#path, withAuth(this.#config, auth.serveraddress, auth));
    else await helper.store(auth);
    return helper === undefined;
  }

  async erase(server: string): Promise<void> {
    await this.#helper(server)?.erase(server);
    if (storedAuth(this.#config, server) !== undefined) await writeConfigFile(this.#path, withAuth(this.#config, server, undefined));
  }

  #helper(server: string): CredentialHelper | undefined {
    const { credHelpers = {}, credsStore } = this.#config;
    const name = Object.hasOwn(credHelpers, server) ? credHelpers[server] : credsStore;
    return name === undefined || name === '' ? undefined : new CredentialHelper(name);
  }
}
