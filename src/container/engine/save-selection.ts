import type { Image } from '#container/model/image.ts';
import { fullName, parseReference, withDefaultTag, formatReference, type Reference } from '#image/oci/reference.ts';
import type { ImageTable } from './image-table.ts';

/** An image, and the full names with tags under which an archive has it. */
export interface SelectedImage {
  readonly image: Image;
  readonly tags: readonly string[];
}

/**
 * What `docker save` takes its arguments for: a name with a tag is the image of that name, one without is every tag of the repository, and
 * an id is the image without a name. Each image comes once, with the names that were asked for. Throws `not-found`.
 */
export function selectSaved(references: readonly string[], table: Pick<ImageTable, 'list' | 'find'>): SelectedImage[] {
  const selected = new Map<string, SelectedImage>();
  const add = (image: Image, tags: readonly string[]): void => {
    selected.set(image.id, { image, tags: [...new Set([...selected.get(image.id)?.tags ?? [], ...tags])] });
  };
  for (const reference of references) {
    const named = nameOf(reference);
    const ofRepository = named === undefined || named.tag !== undefined || named.digest !== undefined ? [] : tagsOf(fullName(named), table);
    for (const { image, tag } of ofRepository) add(image, [tag]);
    if (ofRepository.length > 0) continue;
    const image = table.find(reference);
    const tag = named === undefined ? undefined : formatReference(withDefaultTag(named));
    add(image, image.tags.filter((own) => own === tag));
  }
  return [...selected.values()];
}

function tagsOf(repository: string, table: Pick<ImageTable, 'list'>): { readonly image: Image; readonly tag: string }[] {
  return table.list().flatMap((image) => image.tags.map((tag) => ({ image, tag })))
    .filter(({ tag }) => fullName(parseReference(tag)) === repository)
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** Undefined for an id, which is no name. */
function nameOf(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}
