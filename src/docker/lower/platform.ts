import { GantryError } from '#base/error.ts';
import type { ImageConfig } from '../image-config.ts';
import { invalid } from './invalid.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64', armhf: 'arm', armel: 'arm', i386: '386', i686: '386' };

/** `linux/arm64/v8`, `linux`, `arm64`: the part that isn't said is Linux, or undefined. */
export function parsePlatform(text: string): { readonly os: string; readonly architecture: string | undefined } {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part))) throw invalid(`"${text}": cannot parse platform specifier: invalid argument`);
  const normal = (name: string | undefined): string | undefined => (name === undefined ? undefined : Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : name);
  const [first = '', second] = parts;
  if (second !== undefined) return { os: first, architecture: normal(second) };
  return ['linux', 'windows', 'darwin', 'freebsd'].includes(first) ? { os: first, architecture: undefined } : { os: 'linux', architecture: normal(first) };
}

/** The image must be of the platform that was asked for. */
export function checkPlatform(reference: string, image: ImageConfig, wanted: string): void {
  if (wanted === '') return;
  const { os, architecture } = parsePlatform(wanted);
  if (os === image.os && (architecture === undefined || architecture === image.architecture)) return;
  throw new GantryError('not-found', `image with reference ${reference} was found but its platform (${image.os}/${image.architecture}) does not match the specified platform (${wanted})`);
}
