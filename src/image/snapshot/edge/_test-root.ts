import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { chainHex } from '#image/oci/chain-id.ts';
import { hasher, streamOf } from '../contract.ts';
import type { LayerLimits, UnpackResult } from '../port.ts';
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
    rmSync(path, { recursive: true });
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

/** All of a tree that a layer carries, one line a node, with the digest of the content. Times of directories only as asked. */
export function describeTree(directory: string): string[] {
  return execFileSync('python3', ['-c', DESCRIBE, directory], { maxBuffer: 1 << 26 }).toString().trim().split('\n');
}

const DESCRIBE = `
import hashlib, os, stat, sys
root = os.fsencode(sys.argv[1])
first = {}
def line(path):
    s = os.lstat(path)
    name = os.path.relpath(path, root)
    kind = stat.S_IFMT(s.st_mode)
    parts = [repr(name), oct(s.st_mode), str(s.st_uid), str(s.st_gid), str(s.st_mtime_ns), '%d:%d' % (os.major(s.st_rdev), os.minor(s.st_rdev))]
    if kind == stat.S_IFREG:
        with open(path, 'rb') as f: parts.append(str(s.st_size) + ':' + hashlib.sha256(f.read()).hexdigest()[:16])
    if kind == stat.S_IFLNK: parts.append(repr(os.readlink(path)))
    if kind != stat.S_IFDIR and s.st_nlink > 1: parts.append('same as ' + repr(first.setdefault(s.st_ino, name)))
    for attr in sorted(os.listxattr(path, follow_symlinks=False)):
        parts.append(attr + '=' + os.getxattr(path, attr, follow_symlinks=False).hex())
    print(' '.join(parts))
def walk(path):
    line(path)
    if os.path.isdir(path) and not os.path.islink(path):
        for name in sorted(os.listdir(path)): walk(os.path.join(path, name))
walk(root)
`;
