import { GantryError, isKind } from '#base/error.ts';
import { byteStringToText, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { PathStatus } from '../files.ts';
import { containerPath, pathStatus, resolveLinks } from './_container-path.ts';
import { at, linkOf, NODE, notHere, statOf } from './_root-directory.ts';

/** A path that costs this process little, however many links it leads through. */
const MOST_PARTS = 64;
const MOST_LOOKS = 256;

/** As the child tells it; undefined where only a child can. */
export function directStatus(root: number, path: string): PathStatus | undefined {
  return orChild(() => {
    const asked = shortPath(path);
    return pathStatus(asked, at(root, asked, NODE, statOf), (linked) => directResolve(root, linked));
  }, path);
}

/** @throws GantryError unavailable for a path that is too long for this process */
export function shortPath(path: string): ByteString {
  const asked = containerPath(path);
  if (asked.split('/').length > MOST_PARTS) throw notHere('a path of many parts');
  return asked;
}

/** Where a path leads with all links followed. */
export function directResolve(root: number, path: ByteString): ByteString {
  let looks = 0;
  return resolveLinks(path, (part) => {
    looks += 1;
    if (looks > MOST_LOOKS || part.split('/').length > MOST_PARTS) throw notHere('a path through many links');
    try {
      return at(root, part, NODE, (descriptor) => statOf(descriptor).type === 'symlink' ? linkOf(descriptor) : undefined);
    } catch (thrown) {
      if (isKind(thrown, 'not-found')) return undefined;
      throw thrown;
    }
  });
}

/** What is not there is told; every other failure is the child's to find, and to put into words. */
export function orChild<T>(work: () => T, path: string): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) throw absent(path);
    return undefined;
  }
}

export function absent(path: string): GantryError {
  return new GantryError('not-found', `no such file: ${byteStringToText(containerPath(path))}`);
}
