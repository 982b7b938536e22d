import { GantryError } from '#base/error.ts';
import { DEFAULT_DOMAIN, fullName, type Reference } from '#image/oci/reference.ts';
import { isInside, isLoopback } from './address-class.ts';
import { isBelow, type RegistryConfig } from './registry-config.ts';

/** One place that has, or will have, a repository. */
export interface Endpoint {
  /** As certificates are kept for it and messages name it: `registry.example:5000`. */
  readonly host: string;
  /** Origins to try in order, without a path: `https://registry-1.docker.io`. */
  readonly origins: readonly string[];
  /** Path of the registry below its origin: empty, or `/prefix`. */
  readonly base: string;
  /** Name of the repository there. */
  readonly repository: string;
  readonly verifiesCertificate: boolean;
  readonly isMirror: boolean;
}

/** Docker Hub's registry has another name than its images. */
const HUB_REGISTRY = 'registry-1.docker.io';

/**
 * Where to look for a repository, mirrors first; the last is the registry itself, and the only one for pushes.
 * Throws `forbidden` for what the operator has blocked.
 */
export function endpointsOf(reference: Reference, config: RegistryConfig): readonly Endpoint[] {
  const name = fullName(reference);
  checkAllowed(name, config);
  const mirrors = config.mirrors
    .filter(({ prefix }) => isBelow(name, prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .map(({ prefix, location }): Endpoint => {
      const url = new URL(location);
      const rest = prefix.includes('/') ? name.slice(prefix.length + 1) : reference.path;
      const path = url.pathname.replace(/^\/+|\/+$/g, '');
      return {
        host: url.host, origins: [url.origin], base: '', repository: [path, rest].filter((part) => part !== '').join('/'),
        verifiesCertificate: !isInsecure(url.host, config), isMirror: true,
      };
    });
  return [...mirrors, { ...endpointOfHost(reference.domain, config), repository: reference.path }];
}

/** @param name of a registry, or of a repository in full. Throws `forbidden` for what the operator has blocked. */
export function checkAllowed(name: string, { blocked }: RegistryConfig): void {
  const block = blocked.find((prefix) => isBelow(name, prefix));
  if (block !== undefined) throw new GantryError('forbidden', `${name} is blocked: this engine exchanges nothing with ${block}`, { hint: 'An operator has set --block-registry.' });
}

/** The registry of a domain, before any repository. Throws `invalid` for what reads as a name and can't be one: `256.0.0.1`. */
export function endpointOfHost(domain: string, config: RegistryConfig): Endpoint {
  const host = domain === DEFAULT_DOMAIN ? HUB_REGISTRY : domain;
  if (!URL.canParse(`https://${host}/`)) throw new GantryError('invalid', `"${host}" is no host: neither a name nor an address, or its port is above 65535`);
  const insecure = isInsecure(host, config);
  return { host, origins: insecure ? [`https://${host}`, `http://${host}`] : [`https://${host}`], base: '', repository: '', verifiesCertificate: !insecure, isMirror: false };
}

/** Docker's rule: loopback always, else what is configured by host, host with port, or network. */
function isInsecure(host: string, { insecure }: RegistryConfig): boolean {
  const name = host.replace(/:\d+$/, '');
  return isLoopback(name) || insecure.some((entry) => entry === host || entry === name || (entry.includes('/') && isInside(name, entry)));
}
