import { spawn } from 'node:child_process';
import { GantryError } from '#base/error.ts';
import type { RegistryAuth } from './config-file.ts';

/** docker-credential-helpers: the user name that stands for "the secret is an identity token". */
const TOKEN_USER = '<token>';
const MISSING = /credentials not found/;

/** A `docker-credential-NAME` program of the user's. */
export class CredentialHelper {
  readonly #program: string;

  constructor(name: string) {
    if (!/^[\w.+-]+$/.test(name)) throw new GantryError('invalid', `${JSON.stringify(name)} can't be a credential helper`);
    this.#program = `docker-credential-${name}`;
  }

  async get(server: string): Promise<RegistryAuth | undefined> {
    const { code, out } = await this.#run('get', server);
    if (code !== 0) {
      if (MISSING.test(out)) return undefined;
      throw this.#failure('get', out);
    }
    const { Username = '', Secret = '' } = parsed(out) ?? {};
    if (typeof Username !== 'string' || typeof Secret !== 'string' || Secret === '') throw this.#failure('get', 'it answers without a secret');
    return Username === TOKEN_USER ? { serveraddress: server, identitytoken: Secret } : { serveraddress: server, username: Username, password: Secret };
  }

  async store({ serveraddress, username, password, identitytoken }: RegistryAuth): Promise<void> {
    const secret = identitytoken === undefined ? { Username: username, Secret: password } : { Username: TOKEN_USER, Secret: identitytoken };
    const { code, out } = await this.#run('store', JSON.stringify({ ServerURL: serveraddress, ...secret }));
    if (code !== 0) throw this.#failure('store', out);
  }

  async erase(server: string): Promise<void> {
    const { code, out } = await this.#run('erase', server);
    if (code !== 0 && !MISSING.test(out)) throw this.#failure('erase', out);
  }

  #failure(verb: string, out: string): GantryError {
    return new GantryError('internal', `error getting credentials - ${this.#program} ${verb} failed: ${out.trim()}`);
  }

  #run(verb: string, input: string): Promise<{ readonly code: number; readonly out: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, [verb], { stdio: ['pipe', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text; });
      child.once('error', (cause) => reject(new GantryError('unavailable', `${this.#program} can't be run`, { hint: 'install it, or take credsStore and credHelpers out of config.json', cause })));
      child.once('close', (code) => resolve({ code: code ?? 1, out }));
      child.stdin.on('error', () => {});
      child.stdin.end(`${input}\n`);
    });
  }
}

function parsed(text: string): { readonly Username?: unknown; readonly Secret?: unknown } | null {
  try {
    return JSON.parse(text) as { readonly Username?: unknown; readonly Secret?: unknown } | null;
  } catch {
    return null;
  }
}
