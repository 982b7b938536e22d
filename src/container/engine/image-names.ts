import type { Image } from '#container/model/image.ts';
import { fullName, parseReference } from '#image/oci/reference.ts';

/** What an image is called: full names with tags, and with digests. */
export type ImageNames = Pick<Image, 'tags' | 'digests'>;

/**
 * The names that stay where some go. With the last tag of a repository the digests go that are of the same one, as for Docker: nobody
 * asked for them by themselves.
 */
export function namesWithout({ tags, digests }: ImageNames, gone: readonly string[]): ImageNames {
  const left = tags.filter((tag) => !gone.includes(tag));
  const emptied = new Set(tags.filter((tag) => gone.includes(tag)).map(repositoryOf));
  for (const tag of left) emptied.delete(repositoryOf(tag));
  return { tags: left, digests: digests.filter((digest) => !gone.includes(digest) && !emptied.has(repositoryOf(digest))) };
}

export function allNames({ tags, digests }: ImageNames): readonly string[] {
  return [...tags, ...digests];
}

function repositoryOf(name: string): string {
  return fullName(parseReference(name));
}
