import type { Platform } from './platform.ts';
import { familiarName, parseReference } from './reference.ts';

export interface PackageName {
  /** `deb`, `npm`, `pypi`, `apk`, `docker`. */
  readonly type: string;
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  /** In the order of their keys. */
  readonly qualifiers?: Readonly<Record<string, string>>;
}

/** A package URL (purl specification, ECMA-427). */
export function packageUrl({ type, namespace = '', name, version = '', qualifiers = {} }: PackageName): string {
  const path = [...namespace.split('/').filter(Boolean), name].map(encode).join('/');
  const query = Object.entries(qualifiers).filter(([, value]) => value !== '').map(([key, value]) => `${key}=${encode(value)}`).join('&');
  return `pkg:${type}/${path}${version === '' ? '' : `@${encode(version)}`}${query === '' ? '' : `?${query}`}`;
}

/** That of an image, as BuildKit names images in attestations. */
export function imagePackageUrl(reference: string, { os, architecture, variant }: Platform): string {
  const parsed = parseReference(reference);
  const path = familiarName(parsed).split('/');
  return packageUrl({
    type: 'docker', namespace: path.slice(0, -1).join('/'), name: path.at(-1) ?? '', version: parsed.tag ?? (parsed.digest === undefined ? 'latest' : ''),
    qualifiers: { ...(parsed.digest === undefined ? {} : { digest: parsed.digest }), platform: [os, architecture, ...(variant === undefined ? [] : [variant])].join('/') },
  });
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%3A', ':');
}
