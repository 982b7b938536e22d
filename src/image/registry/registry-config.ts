import { GantryError } from '#base/error.ts';

/** A place to ask first for what has this prefix. */
export interface Mirror {
  /** Registry, or registry and the beginning of a repository: `docker.io`, `ghcr.io/org`. */
  readonly prefix: string;
  /** What stands in place of the prefix, after a scheme: `https://mirror.example/docker`. */
  readonly location: string;
}

/** How an operator wants registries to be reached. */
export interface RegistryConfig {
  readonly mirrors: readonly Mirror[];
  /** Prefixes that nothing is fetched from or sent to. */
  readonly blocked: readonly string[];
  /** `HOST`, `HOST:PORT` or an IPv4 CIDR: certificates are not checked there, and plain HTTP will do. */
  readonly insecure: readonly string[];
  /** Hosts that token servers and redirects may lead to although their addresses are private. */
  readonly trustedHosts: readonly string[];
}

export const DEFAULT_REGISTRY_CONFIG: RegistryConfig = { mirrors: [], blocked: [], insecure: [], trustedHosts: [] };

const PREFIX = /^[A-Za-z0-9[\]:.-]+(?:\/[a-z0-9._/-]+)?$/;

/** `PREFIX=URL`, or a URL alone, which is for Docker Hub as in Docker's `--registry-mirror`. Throws `invalid`. */
export function parseMirror(text: string): Mirror {
  const [, prefix = 'docker.io', location = ''] = /^(?:([^=]+)=)?(https?:\/\/.+)$/.exec(text) ?? [];
  if (location === '' || !PREFIX.test(prefix) || !isPlainUrl(location)) {
    throw new GantryError('invalid', `${JSON.stringify(text)} is no mirror`, { hint: 'Give PREFIX=https://HOST[:PORT][/PATH], such as docker.io=https://mirror.example.' });
  }
  return { prefix, location: location.replace(/\/+$/, '') };
}

/** Throws `invalid`. */
export function parsePrefix(text: string): string {
  if (PREFIX.test(text)) return text.replace(/\/+$/, '');
  throw new GantryError('invalid', `${JSON.stringify(text)} is no prefix of an image name`, { hint: 'Give a registry, or a registry and a path: docker.io/library.' });
}

function isPlainUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return url.username === '' && url.password === '' && url.search === '' && !text.includes('#');
  } catch {
    return false;
  }
}

/** Whether a full name is the prefix or lies below it: `docker.io/library` covers `docker.io/library/nginx`. */
export function isBelow(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(`${prefix}/`);
}
