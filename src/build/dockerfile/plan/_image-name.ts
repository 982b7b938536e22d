import { GantryError } from '#base/error.ts';
import { familiarReference, formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { Platform } from '#image/oci/platform.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import { quote } from '../_quote.ts';
import { platformText } from './platform-text.ts';

/** The name of an image in full, with its tag. */
export function fullImageName(written: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(written)));
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    throw new DockerfileError(`failed to parse stage name ${quote(written)}: ${error.message}`, { token: written });
  }
}

export function isImageName(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}

/** The key of a `--build-context` that stands for a stage or image of this name on this platform. */
export function namedContext(name: string, platform: Platform, contexts: readonly string[] | undefined): string | undefined {
  const lower = name.toLowerCase();
  if (contexts === undefined || contexts.length === 0 || lower === 'scratch' || lower === 'context' || !isImageName(name)) return undefined;
  const short = familiarReference(parseReference(name)).replace(/:latest$/, '');
  return [`${short}::${platformText(platform)}`, short].find((key) => contexts.includes(key));
}
