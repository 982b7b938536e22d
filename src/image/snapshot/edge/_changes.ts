import { readdirSync } from 'node:fs';
import { byteStringToText, type ByteString } from '#image/oci/tar/byte-string.ts';
import { isOverlayWhiteout, OVERLAY_OPAQUE } from '#image/oci/whiteout.ts';
import type { FileChange } from '../files.ts';
import { nodePath } from './_layer-tree.ts';
import { statNode, type NodeStatus } from './_node.ts';
import { DOCKERENV, isOfTheRuntime } from './_runtime-files.ts';
import { readXattrs } from './_xattrs.ts';

const UPPER = '/upper';
const LOWER = '/lower';
/** A list this long is no longer for people, and a container must not fill the daemon's memory with it. */
export const MOST_CHANGES = 1_000_000;

/**
 * What the written layer changes of the layers below, in the order of names: as Docker tells it, a directory has changed
 * where anything in it has, its own time does not count, and of a deleted directory only the top is named.
 */
export function listChanges(): FileChange[] {
  const changes: FileChange[] = [];
  compareDirectory('', isOpaque('' as ByteString), true, changes);
  return changes;
}

/** @returns whether anything in it has changed */
function compareDirectory(directory: string, isAlone: boolean, hasLower: boolean, changes: FileChange[]): boolean {
  const before = changes.length;
  const written = list(`${UPPER}${directory}`);
  for (const name of written) compareNode(`${directory}/${name}`, hasLower, changes);
  if (isAlone && hasLower) {
    const kept = new Set(written);
    for (const name of list(`${LOWER}${directory}`)) if (!kept.has(name)) add(changes, 'deleted', `${directory}/${name}`);
  }
  return changes.length > before;
}

function compareNode(path: string, hasLower: boolean, changes: FileChange[]): void {
  const upper = statNode(`${UPPER}${path}` as ByteString);
  if (upper === undefined) return;
  const lower = hasLower ? statNode(`${LOWER}${path}` as ByteString) : undefined;
  if (isOverlayWhiteout(upper)) {
    if (lower !== undefined) add(changes, 'deleted', path);
    return;
  }
  const at = changes.length;
  const merges = upper.type === 'directory' && lower?.type === 'directory';
  const hasInner = upper.type === 'directory' && compareDirectory(path, isOpaque(path as ByteString), merges, changes);
  if (lower === undefined) {
    if (!hasInner && isOfTheRuntime(path, upper)) return;
    insert(changes, at, { kind: 'added', path: byteStringToText(path as ByteString) });
  } else if (hasInner || (path !== DOCKERENV && differs(upper, lower))) insert(changes, at, { kind: 'modified', path: byteStringToText(path as ByteString) });
}

function differs(upper: NodeStatus, lower: NodeStatus): boolean {
  if (upper.type !== lower.type || upper.mode !== lower.mode || upper.uid !== lower.uid || upper.gid !== lower.gid) return true;
  if (upper.type === 'directory') return false;
  return upper.size !== lower.size || upper.deviceMajor !== lower.deviceMajor || upper.deviceMinor !== lower.deviceMinor
    || upper.modified.seconds !== lower.modified.seconds || upper.modified.nanoseconds !== lower.modified.nanoseconds;
}

function isOpaque(path: ByteString): boolean {
  return readXattrs(`${UPPER}${path}` as ByteString).get(OVERLAY_OPAQUE)?.[0] === 'y'.charCodeAt(0);
}

function list(path: string): string[] {
  try {
    return readdirSync(nodePath(path as ByteString), 'latin1').sort();
  } catch {
    return [];
  }
}

function add(changes: FileChange[], kind: FileChange['kind'], path: string): void {
  insert(changes, changes.length, { kind, path: byteStringToText(path as ByteString) });
}

function insert(changes: FileChange[], at: number, change: FileChange): void {
  if (changes.length < MOST_CHANGES) changes.splice(at, 0, change);
}
