import { GantryError } from '#base/error.ts';
import type { Image } from '#container/model/image.ts';
import { familiarName, repositoryOf } from '../familiar-name.ts';
import type { Filters } from '../filters.ts';
import type { ImageConfigs } from '../image-config.ts';
import { createdOf } from '../render/image.ts';
import { parseMomentNs } from '../timestamp.ts';

export interface ImageWorld {
  readonly images: readonly Image[];
  readonly find: (reference: string) => Image;
  readonly configs: ImageConfigs;
  readonly nowNs: bigint;
}

/** Shell pattern of one path: `*` and `?` stop at a slash. */
function globMatches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*+/g, '[^/]*').replaceAll('?', '[^/]');
  if ((source.match(/\[\^\/\]\*/g)?.length ?? 0) > 4) throw new GantryError('invalid', `invalid filter 'reference=${pattern}': at most 4 stars`);
  try {
    return new RegExp(`^${source}$`).test(name);
  } catch {
    throw new GantryError('invalid', `invalid filter 'reference=${pattern}': syntax error in pattern`);
  }
}

function matchesReference(patterns: readonly string[], reference: string): boolean {
  const name = familiarName(reference);
  return patterns.some((pattern) => globMatches(pattern, name) || globMatches(pattern, repositoryOf(name)));
}

/** Moments of images are compared in whole seconds, which is what a list shows. */
function bounds(filters: Filters, world: ImageWorld): { readonly before: number; readonly since: number } {
  const createdOfName = (name: string): number => {
    const image = world.find(name);
    return createdOf(image, world.configs.of(image));
  };
  const until = filters.values('until').map((text) => Number(parseMomentNs(text, world.nowNs) / 1_000_000_000n));
  return {
    before: Math.min(Infinity, ...filters.values('before').map(createdOfName), ...until),
    since: Math.max(-Infinity, ...filters.values('since').map(createdOfName)),
  };
}

/** The images of a list, newest first. An image that only holds up others is not among them. */
export function listImages(filters: Filters, all: boolean, world: ImageWorld): Image[] {
  filters.accept('dangling', 'label', 'before', 'since', 'reference', 'until');
  const dangling = filters.flag('dangling', false);
  const { before, since } = bounds(filters, world);
  const parents = new Set(world.images.map(({ parent }) => parent));
  const references = filters.values('reference');
  const selected = world.images.flatMap((image) => {
    const config = world.configs.of(image);
    const created = createdOf(image, config);
    if (created >= before || created <= since || !filters.matchesLabels('label', config.config.Labels ?? {})) return [];
    const tags = filters.has('reference') ? image.tags.filter((tag) => matchesReference(references, tag)) : image.tags;
    const digests = filters.has('reference') ? image.digests.filter((digest) => matchesReference(references, digest)) : image.digests;
    if (tags.length === 0 && digests.length === 0) {
      const isShown = all || !parents.has(image.id);
      if (!isShown || (dangling && parents.has(image.id)) || filters.has('reference') || (filters.has('dangling') && !dangling)) return [];
    } else if (dangling && tags.length > 0) return [];
    return [{ image: tags === image.tags ? image : { ...image, tags, digests }, created }];
  });
  return selected.sort((left, right) => right.created - left.created).map(({ image }) => image);
}
