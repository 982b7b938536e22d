import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { GantryError } from '#base/error.ts';
import type { RootfsQuery } from '../port.ts';
import { getXattr } from './linux/xattr.ts';

/** As many links as the kernel follows. */
const MOST_LINKS = 40;

type Found = { readonly path: string; readonly stat: Stats };

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch {
    return undefined;
  }
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
async function lookIn(directories: readonly string[], name: string): Promise<{ found: Found; merged: string[] } | undefined> {
  let found: Found | undefined;
  const merged: string[] = [];
  for (const directory of directories) {
    const path = `${directory}/${name}`;
    const stat = await look(path);
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
export async function findInLayers(layers: readonly string[], path: string): Promise<{ found: Found; directories: readonly string[] } | undefined> {
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
    const step = await lookIn(trail.at(-1) ?? layers, name);
    if (step === undefined) return undefined;
    if (step.found.stat.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw new GantryError('invalid', `${path} goes through more than ${MOST_LINKS} links`);
      const target = await readlink(step.found.path);
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
    const stat = top === undefined ? undefined : await look(top);
    return top === undefined || stat === undefined ? undefined : { found: { path: top, stat }, directories };
  }
  return { found, directories };
}

/** @throws GantryError invalid where the file is none, or larger than asked for */
export async function readRootfsFile({ layers, path, maxBytes }: RootfsQuery): Promise<Uint8Array | undefined> {
  const hit = await findInLayers(layers, path);
  if (hit === undefined) return undefined;
  if (!hit.found.stat.isFile()) throw new GantryError('invalid', `${path} of the image is no regular file`, { hint: 'repair the image' });
  // The container may change it between look and open: no link is followed, and a FIFO does not hold us up.
  const file = await open(hit.found.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new GantryError('invalid', `${path} of the image is no regular file`);
    if (stat.size > maxBytes) throw new GantryError('invalid', `${path} of the image has ${stat.size} bytes; at most ${maxBytes} are read`);
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(bytes, 0, stat.size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
