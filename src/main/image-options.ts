import { readFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { listFlag, stringFlag, type FlagSpec } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { DEFAULT_REGISTRY_CONFIG, parseMirror, parsePrefix, type RegistryConfig } from '#image/registry/registry-config.ts';
import type { TrustRule } from '#image/registry/trust.ts';
import { parseTrustPolicy } from '#image/registry/trust-file.ts';

/** What the daemon's flags say about images. */
export interface ImageOptions {
  readonly registries: RegistryConfig;
  /** Directory of certificates by registry. */
  readonly certificates: string;
  readonly trust: readonly TrustRule[];
  /** Per cent of the disk; undefined: images never go by themselves. */
  readonly collect: { readonly high: number; readonly low: number; readonly graceMs: number } | undefined;
  /** Where neighbours may pull from this store; undefined for nowhere. */
  readonly share: { readonly host: string; readonly port: number } | undefined;
}

const DEFAULT_COLLECT = { high: 85, low: 80, graceMs: 600_000 };
const CERTIFICATES = '/etc/docker/certs.d';

export const imageFlags: readonly FlagSpec[] = [
  listFlag('insecure-registry', '', 'Registry whose certificate is not checked, and that may speak plain HTTP', { value: 'HOST[:PORT]|CIDR' }),
  listFlag('registry-mirror', '', 'Place to pull from first what has a prefix (docker.io where none is given)', { value: '[PREFIX=]URL' }),
  listFlag('block-registry', '', 'Prefix of images that are neither pulled nor pushed', { value: 'PREFIX' }),
  listFlag('trust-host', '', 'Host that registries may lead to although its address is private', { value: 'HOST[:PORT]' }),
  stringFlag('certs-dir', '', 'Directory of certificates by registry', { fallback: CERTIFICATES, completes: 'file' }),
  stringFlag('image-gc', '', 'Per cent of disk use from which on and down to which unused images are removed, or off', { fallback: '85:80', value: 'HIGH:LOW|off' }),
  stringFlag('image-gc-grace', '', 'Minutes for which an image stays after its last use', { fallback: '10', value: 'minutes' }),
  stringFlag('share-images', '', 'Address at which others may pull the images of this engine', { value: 'HOST:PORT' }),
  stringFlag('trust-policy', '', 'File that says who must have signed images', { completes: 'file' }),
];

/** dockerd's part of it; the rest is what it is without a flag. */
export function imageOptions(mirrors: readonly string[], insecure: readonly string[]): ImageOptions {
  return { registries: { ...DEFAULT_REGISTRY_CONFIG, insecure, mirrors: mirrors.map(parseMirror) }, certificates: CERTIFICATES, trust: [], share: undefined, collect: DEFAULT_COLLECT };
}

function collectOf(text: string, grace: string): ImageOptions['collect'] {
  const watermarks = parseWatermarks(text);
  if (!/^\d{1,6}$/.test(grace)) throw new GantryError('invalid', `a grace of ${JSON.stringify(grace)} is none`, { hint: 'give it in minutes' });
  return watermarks && { ...watermarks, graceMs: Number(grace) * 60_000 };
}

/** Per cent of `85:80`; undefined for `off`. Throws `invalid`. */
export function parseWatermarks(text: string): { readonly high: number; readonly low: number } | undefined {
  if (text === 'off') return undefined;
  const [, high, low] = /^(\d{1,2}):(\d{1,2})$/.exec(text) ?? [];
  if (high === undefined || low === undefined || Number(low) >= Number(high)) {
    throw new GantryError('invalid', `${JSON.stringify(text)} are no watermarks`, { hint: 'give HIGH:LOW in per cent, such as 85:80' });
  }
  return { high: Number(high), low: Number(low) };
}

/** `127.0.0.1:5000`, `[::1]:5000`, `:5000`. Throws `invalid`. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[^:]*):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65_535) throw new GantryError('invalid', `${JSON.stringify(text)} is no address`, { hint: 'give HOST:PORT, such as 127.0.0.1:5000' });
  return { host: host.replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(port) };
}

export function readImageOptions(args: ParsedArgs): ImageOptions {
  const policy = args.string('trust-policy');
  return {
    registries: {
      insecure: args.list('insecure-registry'), mirrors: args.list('registry-mirror').map(parseMirror), blocked: args.list('block-registry').map(parsePrefix), trustedHosts: args.list('trust-host'),
    },
    certificates: args.string('certs-dir'),
    collect: collectOf(args.string('image-gc'), args.string('image-gc-grace')),
    share: args.string('share-images') === '' ? undefined : parseAddress(args.string('share-images')),
    trust: policy === '' ? [] : parseTrustPolicy(readFileSync(policy, 'utf8'), (path) => readFileSync(path, 'utf8')),
  };
}
