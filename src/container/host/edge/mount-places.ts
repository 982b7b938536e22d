import { closeSync, fstatSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { MountPlace } from '../step.ts';
import { bindMount } from './linux/mounts.ts';
import { cloneMapped, placeMount } from './linux/mount-tree.ts';
import { openInRoot } from './linux/open-in-root.ts';
import { mountOverlay } from './linux/overlay.ts';

const O_PATH = 0o10000000;

/**
 * Makes what a container's mounts have their files from, in the mount namespace of its monitor. A path below a volume is
 * followed inside of it and bound by its descriptor: what another container does to the volume meanwhile leads nowhere else.
 * @param ownerMap user namespace that maps the owners of the source
 */
export function makeMountPlace({ source, subpath, target, whole }: MountPlace, ownerMap: number | undefined): void {
  if (source.kind === 'directory' && ownerMap !== undefined) {
    placeMapped(source.path, target, ownerMap);
    return;
  }
  const root = source.kind === 'directory' ? source.path : viewOf(source.lower, whole);
  if (subpath === '') {
    bindTo(root, root, target);
    return;
  }
  const directory = openSync(root, O_PATH);
  try {
    const found = openInRoot(directory, subpath);
    if (found === undefined) throw new GantryError('not-found', `cannot access path ${root}/${subpath}: lstat ${root}/${subpath}: no such file or directory`);
    try {
      bindTo(`/proc/thread-self/fd/${found}`, root, target, fstatSync(found).isDirectory());
    } finally {
      closeSync(found);
    }
  } finally {
    closeSync(directory);
  }
}

function placeMapped(path: string, target: string, ownerMap: number): void {
  const tree = cloneMapped(path, ownerMap);
  try {
    makeMountPoint(target, fstatSync(tree).isDirectory());
    placeMount(tree, target);
  } finally {
    closeSync(tree);
  }
}

/** The merged layers of an image. One alone is its own view: overlay wants two. */
function viewOf(lower: readonly string[], whole: string): string {
  if (lower.length === 1) return lower[0] ?? whole;
  mkdirSync(whole, { recursive: true, mode: 0o700 });
  mountOverlay({ target: whole, lower });
  return whole;
}

function bindTo(from: string, source: string, target: string, isDirectory = true): void {
  makeMountPoint(target, isDirectory);
  try {
    bindMount(from, target);
  } catch (cause) {
    throw new GantryError('internal', `error while mounting volume '${source}': no such file or directory`, { cause });
  }
}

function makeMountPoint(target: string, isDirectory: boolean): void {
  mkdirSync(isDirectory ? target : dirname(target), { recursive: true, mode: 0o700 });
  if (!isDirectory) writeFileSync(target, '');
}
