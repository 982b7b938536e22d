import { GantryError } from '#base/error.ts';
import { isDigest, type Digest } from './digest.ts';

/** The name of an image in full: registry, repository and, at will, tag and digest. */
export interface Reference {
  /** Registry with port: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** Repository inside the registry: `library/nginx`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

export const DEFAULT_DOMAIN = 'docker.io';
export const DEFAULT_TAG = 'latest';
const LEGACY_DOMAIN = 'index.docker.io';
const OFFICIAL = 'library/';
const MAX_PATH = 255;

// Grammar: github.com/distribution/reference, package documentation.
const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^(${DOMAIN})/(${PATH_PART}(?:/${PATH_PART})*)(?::(\\w[\\w.-]{0,127}))?(?:@(${DIGEST}))?$`);
const TAG = /^\w[\w.-]{0,127}$/;

/** Longest text that can be a reference: all parts at their limits. Longer ones are not even matched. */
const MAX_TEXT = 1024;

/**
 * A reference as people write it: `nginx`, `localhost:5000/a/b:1`, `x@sha256:…`. Messages are Docker's, because clients
 * show them and people search for them. Throws `invalid`.
 */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new GantryError('invalid', `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  if (text === '' || text.length > MAX_TEXT) throw badFormat();
  const [domain, remainder] = splitDomain(text);
  const repository = remainder.split(/[:@]/, 1)[0]!;
  if (repository.toLowerCase() !== repository) throw badFormat(`repository name (${repository}) must be lowercase`);
  const match = REFERENCE.exec(`${domain}/${remainder}`);
  if (match === null) throw badFormat();
  const path = match[2]!;
  if (path.length > MAX_PATH) throw new GantryError('invalid', `repository name must not be more than ${MAX_PATH} characters`);
  const tag = match[3];
  const digest = match[4];
  return {
    domain: match[1]!,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: checkedDigest(digest) }),
  };
}

/** The registry is what stands before the first slash, if it looks like a host. */
function splitDomain(text: string): [domain: string, remainder: string] {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isDomain = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const domain = !isDomain || first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first;
  const remainder = isDomain ? text.slice(slash + 1) : text;
  return [domain, domain === DEFAULT_DOMAIN && !remainder.includes('/') ? OFFICIAL + remainder : remainder];
}

function checkedDigest(text: string): Digest {
  if (isDigest(text)) return text;
  if (!text.startsWith('sha256:')) throw new GantryError('invalid', 'unsupported digest algorithm');
  throw new GantryError('invalid', text.length === 71 ? 'invalid checksum digest format' : 'invalid checksum digest length');
}

/** In full, which is the form that stores keep: `docker.io/library/nginx:latest`. */
export function formatReference(reference: Reference): string {
  return `${fullName(reference)}${suffix(reference)}`;
}

/** As people write it, and as Docker's listings show it: `nginx:latest`. */
export function familiarReference(reference: Reference): string {
  return `${familiarName(reference)}${suffix(reference)}`;
}

/** Registry and repository: `docker.io/library/nginx`. */
export function fullName(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

export function familiarName({ domain, path }: Reference): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`;
  const isOfficial = path.startsWith(OFFICIAL) && !path.slice(OFFICIAL.length).includes('/');
  return isOfficial ? path.slice(OFFICIAL.length) : path;
}

/** `latest` where the reference names neither a tag nor a digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: DEFAULT_TAG } : reference;
}

/** Throws `invalid` where the text is no tag. */
export function withTag(reference: Reference, tag: string): Reference {
  if (!TAG.test(tag)) throw new GantryError('invalid', 'invalid tag format');
  return { domain: reference.domain, path: reference.path, tag };
}

export function withDigest(reference: Reference, digest: Digest): Reference {
  return { domain: reference.domain, path: reference.path, digest };
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function badFormat(why?: string): GantryError {
  return new GantryError('invalid', `invalid reference format${why === undefined ? '' : `: ${why}`}`);
}
