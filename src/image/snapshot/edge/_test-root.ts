import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { chainHex } from '#image/oci/chain-id.ts';
import { byteStringToText, textToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';
import { hasher, streamOf } from '../contract.ts';
import type { LayerLimits, UnpackResult } from '../port.ts';
import { nodePath } from './_layer-tree.ts';
import { readXattrs } from './_xattrs.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';

/** Why the tests of real layers cannot run; undefined where they can. */
export const NEEDS_ROOT = process.getuid?.() === 0 ? undefined : 'needs root: layers have owners, devices and file capabilities';

/** A directory for one test file. In memory where there is such a place: the disk is not what is tested. */
export function testRoot(): { path: string; fresh: () => string; open: () => Promise<OverlaySnapshots> } {
  const memory = statSync('/dev/shm', { throwIfNoEntry: false })?.isDirectory() === true;
  const path = mkdtempSync(join(memory ? '/dev/shm' : tmpdir(), 'gantry-snapshots-'));
  const opened: OverlaySnapshots[] = [];
  const codeCache = join(path, 'code-cache');
  after(async () => {
    await Promise.all(opened.map((snapshots) => snapshots.settled()));
    // Some opened theirs themselves, and what they removed may still be on its way out.
    rmSync(path, { recursive: true, force: true });
  });
  const fresh = (): string => mkdtempSync(join(path, 'store-'));
  return {
    path,
    fresh,
    open: async () => {
      const snapshots = await OverlaySnapshots.open(fresh(), hasher, codeCache);
      opened.push(snapshots);
      return snapshots;
    },
  };
}

/** Unpacks one layer into a fresh root and answers where its files are. */
export async function unpackTar(root: string, bytes: Uint8Array, limits?: LayerLimits): Promise<UnpackResult & { diff: string }> {
  const snapshots = await OverlaySnapshots.open(root, hasher, join(dirname(root), 'code-cache'));
  const result = await snapshots.unpack(streamOf(bytes, limits === undefined ? {} : { limits }));
  return { ...result, diff: join(root, 'layers', chainHex(result.chain), 'diff') };
}

/** All that a layer carries of a tree, one line a node, by name. */
export function describeTree(directory: string): string[] {
  const lines: string[] = [];
  const first = new Map<bigint, string>();
  const visit = (path: ByteString, name: ByteString): void => {
    const at = nodePath(path);
    const status = lstatSync(at, { bigint: true });
    const parts: unknown[] = [byteStringToText(name), `0${status.mode.toString(8)}`, `${status.uid}:${status.gid}`, status.mtimeNs];
    if (status.isFile()) parts.push(`${status.size}:${createHash('sha256').update(readFileSync(at)).digest('hex').slice(0, 16)}`);
    if (status.isSymbolicLink()) parts.push(`-> ${readlinkSync(at, 'latin1')}`);
    if (status.isCharacterDevice() || status.isBlockDevice()) parts.push(`device ${status.rdev}`);
    if (!status.isDirectory() && status.nlink > 1n) {
      if (!first.has(status.ino)) first.set(status.ino, name);
      parts.push(`same as ${first.get(status.ino)}`);
    }
    for (const [attribute, value] of readXattrs(path)) parts.push(`${attribute}=${Buffer.from(value).toString('hex')}`);
    lines.push(parts.join(' '));
    if (!status.isDirectory()) return;
    for (const child of readdirSync(at, 'latin1').sort()) visit(`${path}/${child}` as ByteString, (name === '.' ? child : `${name}/${child}`) as ByteString);
  };
  visit(textToByteString(directory), '.' as ByteString);
  return lines;
}
