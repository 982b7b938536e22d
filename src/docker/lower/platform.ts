import { GantryError, messageOf } from '#base/error.ts';
import { formatPlatform, platformMatch, type Platform } from '#image/oci/platform.ts';
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

/** As newer parameters have it: an object of the OCI's, as JSON, at most once. Undefined where there is none. */
export function parsePlatformObject(texts: readonly string[]): Platform | undefined {
  const [text = ''] = texts;
  if (texts.length > 1) throw invalid('multiple platform parameters not supported');
  return text === '' ? undefined : readPlatform(text);
}

/** The same as a list, which of an image of one platform can say but one: `platforms` of a removal. Undefined where there is none. */
export function parsePlatformList(texts: readonly string[]): Platform | undefined {
  const [platform, ...more] = texts.map(readPlatform);
  if (more.length > 0) throw invalid('multiple platforms are not supported');
  return platform;
}

function readPlatform(text: string): Platform {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`failed to parse platform: ${messageOf(cause)}`);
  }
  const { os, architecture, variant } = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === '' || architecture === '') throw invalid('both OS and Architecture must be provided');
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' ? { variant } : {}) };
}

/** The same for what one of several platforms could be wanted of: each image of ours is of one. */
export function checkPlatformObject(reference: string, image: ImageConfig, wanted: Platform | undefined): void {
  if (wanted === undefined || platformMatch(wanted, image) > 0) return;
  throw otherPlatform(reference, image, formatPlatform(wanted));
}

/** The image must be of the platform that was asked for. */
export function checkPlatform(reference: string, image: ImageConfig, wanted: string): void {
  if (wanted === '') return;
  const { os, architecture } = parsePlatform(wanted);
  if (os === image.os && (architecture === undefined || architecture === image.architecture)) return;
  throw otherPlatform(reference, image, wanted);
}

/** What a processor runs of older kinds. */
const ALSO_RUNS: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' };

/** A word of warning where nobody asked for a platform and the image is of another one than the host. */
export function foreignPlatform(image: ImageConfig, hostArchitecture: string): string | undefined {
  const { os, architecture } = image;
  if (architecture === '' || (os === 'linux' && (architecture === hostArchitecture || architecture === ALSO_RUNS[hostArchitecture]))) return undefined;
  return `The requested image's platform (${formatPlatform(image)}) does not match the detected host platform (linux/${hostArchitecture}) and no specific platform was requested`;
}

function otherPlatform(reference: string, image: ImageConfig, wanted: string): GantryError {
  return new GantryError('not-found', `image with reference ${reference} was found but its platform (${image.os}/${image.architecture}) does not match the specified platform (${wanted})`);
}
