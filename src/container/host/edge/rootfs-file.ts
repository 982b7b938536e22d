import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { RootfsQuery } from '../port.ts';
import { getXattr } from './linux/xattr.ts';

/** As many links as the kernel follows. */
const MOST_LINKS = 40;

type Found = { readonly path: string; readonly stat: Stats };

function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

/** An opaque directory hides what lower layers have under it. */
function isOpaque(path: string): boolean {
  try {
    return getXattr(path, 'trusted.overlay.opaque')?.toString() === 'y';
  } catch {
    return false;
  }
}

/** One name in a merged directory: the layer that shows it, and the directories of it that merge from there down. */
function lookIn(directories: readonly string[], name: string): { found: Found; merged: string[] } | undefined {
  let found: Found | undefined;
  const merged: string[] = [];
  for (const directory of directories) {
    const path = `${directory}/${name}`;
    const stat = look(path);
    if (stat === undefined) continue;
    if (isWhiteout(stat)) break;
    if (found !== undefined && !stat.isDirectory()) break;
    found ??= { path, stat };
    if (!stat.isDirectory()) break;
    merged.push(path);
    if (isOpaque(path)) break;
  }
  return found === undefined ? undefined : { found, merged };
}

/**
 * Where the layers have a path of the container, with links followed inside of them: never a path of the host's.
 * `directories` are those that merge at the place found, top first.
 */
export function findInLayers(layers: readonly string[], path: string): { found: Found; directories: readonly string[] } | undefined {
  const pending = path.split('/').filter((name) => name !== '' && name !== '.');
  const trail: (readonly string[])[] = [layers];
  let found: Found | undefined;
  let links = 0;
  while (pending.length > 0) {
    const name = pending.shift() ?? '';
    if (name === '..') {
      if (trail.length > 1) trail.pop();
      continue;
    }
    const step = lookIn(trail.at(-1) ?? layers, name);
    if (step === undefined) return undefined;
    if (step.found.stat.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw new GantryError('invalid', `${path} goes through more than ${MOST_LINKS} links`);
      const target = readlinkSync(step.found.path);
      if (target.startsWith('/')) trail.length = 1;
      pending.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
      continue;
    }
    found = step.found;
    if (pending.length > 0 && !step.found.stat.isDirectory()) return undefined;
    if (step.found.stat.isDirectory()) trail.push(step.merged);
  }
  const directories = trail.at(-1) ?? layers;
  if (found === undefined || found.stat.isDirectory()) {
    const top = directories[0];
    const stat = top === undefined ? undefined : look(top);
    return top === undefined || stat === undefined ? undefined : { found: { path: top, stat }, directories };
  }
  return { found, directories };
}

/** @throws GantryError invalid where the file is none, or larger than asked for */
export function readRootfsFile({ layers, path, maxBytes }: RootfsQuery): Uint8Array | undefined {
  const hit = findInLayers(layers, path);
  if (hit === undefined) return undefined;
  if (!hit.found.stat.isFile()) throw new GantryError('invalid', `${path} of the image is no regular file`, { hint: 'repair the image' });
  // The container may change it between look and open: no link is followed, and a FIFO does not hold us up.
  const file = openSync(hit.found.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new GantryError('invalid', `${path} of the image is no regular file`);
    if (stat.size > maxBytes) throw new GantryError('invalid', `${path} of the image has ${stat.size} bytes; at most ${maxBytes} are read`);
    const bytes = Buffer.alloc(stat.size);
    return bytes.subarray(0, readSync(file, bytes, 0, stat.size, 0));
  } finally {
    closeSync(file);
  }
}
