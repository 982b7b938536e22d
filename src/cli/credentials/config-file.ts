import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GantryError } from '#base/error.ts';

interface AuthEntry {
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** What `config.json` says about registries; everything else in it is kept as it is. */
export interface ConfigFile {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
  readonly serveraddress: string;
}

/** Throws `invalid` for a file that is no JSON: it is somebody's, and is not written over. */
export function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    const value = JSON.parse(text) as ConfigFile | null;
    if (typeof value === 'object' && value !== null) return value;
  } catch { /* told below */ }
  throw new GantryError('invalid', `${path} is not the JSON that the docker CLI keeps its settings in`);
}

/** Replaces the file in one step, readable by its owner alone. */
export async function writeConfigFile(path: string, config: ConfigFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, `${JSON.stringify(config, undefined, '\t')}\n`, { mode: 0o600, flush: true });
  await rename(temporary, path);
}

/** What the file itself holds for a registry. */
export function storedAuth({ auths }: ConfigFile, server: string): RegistryAuth | undefined {
  const entry = auths === undefined ? undefined : Object.hasOwn(auths, server) ? auths[server] : Object.entries(auths).find(([key]) => hostOf(key) === server)?.[1];
  if (entry === undefined) return undefined;
  const [username = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64').toString('utf8').split(':');
  const password = rest.join(':').replace(/\0+$/, '');
  return {
    serveraddress: server,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(entry.identitytoken === undefined ? {} : { identitytoken: entry.identitytoken }),
    ...(entry.registrytoken === undefined ? {} : { registrytoken: entry.registrytoken }),
  };
}

/** Old clients wrote whole URLs as keys. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}

export function withAuth(config: ConfigFile, server: string, auth: RegistryAuth | undefined): ConfigFile {
  const { [server]: _, ...others } = config.auths ?? {};
  if (auth === undefined) return { ...config, auths: others };
  const { username = '', password = '', identitytoken } = auth;
  const entry = identitytoken === undefined
    ? { auth: Buffer.from(`${username}:${password}`).toString('base64') }
    : { auth: Buffer.from(`${username}:`).toString('base64'), identitytoken };
  return { ...config, auths: { ...others, [server]: entry } };
}
