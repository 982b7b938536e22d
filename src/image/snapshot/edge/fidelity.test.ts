import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, ftruncateSync, linkSync, lstatSync, lutimesSync, mkdirSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync, writeSync, lchownSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '#base/bytes.ts';
import { chainHex } from '#image/oci/chain-id.ts';
import { archive, member, rawMember } from '#image/oci/tar/forge.ts';
import { collect, digestOf, hasher } from '../contract.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';
import { describeTree, NEEDS_ROOT, testRoot, unpackTar } from './_test-root.ts';

// Well-formed archives: what GNU tar and the kernel's own tools see is what we make of them.
const root = testRoot();
const codeCache = join(root.path, 'code-cache');
const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };

interface Node {
  readonly name: string;
  readonly kind: 'file' | 'sparse' | 'directory' | 'symlink' | 'hardlink' | 'fifo' | 'device';
  readonly parent: number;
  readonly mode: number;
  readonly uid: number;
  readonly time: number;
  readonly body: Uint8Array;
}

const node: fc.Arbitrary<Node> = fc.record({
  name: fc.oneof(fc.stringMatching(/^[a-z]{1,8}$/), fc.constantFrom('ünïcode', 'with space', '-dash', 'new\nline', 'back\\slash', 'q"uote', 'n'.repeat(150), 'm'.repeat(255), '日本語')),
  kind: fc.constantFrom('file', 'file', 'file', 'sparse', 'directory', 'directory', 'symlink', 'hardlink', 'fifo', 'device'),
  parent: fc.nat(5),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.constantFrom(0, 1, 1000, 65534, 2_097_152, 4_000_000_000),
  time: fc.integer({ min: 0, max: 4_000_000_000 }),
  body: fc.uint8Array({ maxLength: 2000 }),
});

/** Leaves out what cannot be made. Attributes come last: making a child changes the time of its directory. */
function build(directory: string, nodes: readonly Node[]): void {
  mkdirSync(directory);
  const directories = [directory];
  const files: string[] = [];
  const made: [path: string, node: Node][] = [];
  for (const item of nodes) {
    const path = join(directories[item.parent % directories.length]!, item.name);
    if (Buffer.byteLength(path) > 3000 || lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    switch (item.kind) {
      case 'file': writeFileSync(path, item.body); files.push(path); break;
      case 'sparse': writeSparse(path, item.body); files.push(path); break;
      case 'directory': mkdirSync(path); directories.push(path); break;
      case 'symlink': symlinkSync(item.name, path); break;
      case 'hardlink': if (files.length > 0) linkSync(files.at(-1)!, path); break;
      case 'fifo': execFileSync('mkfifo', ['--', path]); break;
      case 'device': execFileSync('mknod', ['--', path, 'c', '1', String(item.uid % 300)]); break;
    }
    if (item.kind !== 'hardlink') made.push([path, item]);
  }
  for (const [path, item] of made.reverse()) {
    lchownSync(path, item.uid, item.uid);
    if (item.kind !== 'symlink') chmodSync(path, item.mode);
    lutimesSync(path, item.time, item.time);
  }
  lutimesSync(directory, 1_000_000_000, 1_000_000_000);
}

function writeSparse(path: string, body: Uint8Array): void {
  const file = openSync(path, 'w');
  writeSync(file, body, 0, body.length, 3 << 20);
  ftruncateSync(file, 5 << 20);
  closeSync(file);
}

test('what GNU tar packs is unpacked with all that it is, and goes out byte for byte', needsRoot, async () => {
  await fc.assert(fc.asyncProperty(fc.array(node, { maxLength: 25 }), fc.constantFrom('gnu', 'posix', 'oldgnu'), async (nodes, format) => {
    const directory = root.fresh();
    build(join(directory, 'in'), nodes);
    const tar = execFileSync('tar', ['-S', `--format=${format}`, '--numeric-owner', '-C', join(directory, 'in'), '-cf', '-', '.'], { maxBuffer: 1 << 28 });
    const { diff, chain } = await unpackTar(directory, tar);
    assert.deepEqual(describeTree(diff), describeTree(join(directory, 'in')));
    const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
    assert.equal(digestOf(await collect(snapshots.exportLayer(chain))), digestOf(tar));
  }), { numRuns: 8 });
});

test('sparse files stay sparse', needsRoot, async () => {
  const directory = root.fresh();
  mkdirSync(join(directory, 'in'));
  writeSparse(join(directory, 'in', 's'), Buffer.from('data'));
  for (const options of [['--format=gnu'], ['--format=posix', '--sparse-version=0.1'], ['--format=posix', '--sparse-version=1.0']]) {
    const tar = execFileSync('tar', ['-S', ...options, '-C', join(directory, 'in'), '-cf', '-', '.']);
    const { diff } = await unpackTar(root.fresh(), tar);
    const status = statSync(join(diff, 's'));
    assert.equal(status.size, 5 << 20);
    assert.ok(status.blocks * 512 < 1 << 20, `${status.blocks} blocks`);
    assert.deepEqual(readFileSync(join(diff, 's')), readFileSync(join(directory, 'in', 's')));
  }
});

test('nanoseconds, and times of directories that got entries later', needsRoot, async () => {
  const time = { seconds: 1_700_000_000, nanoseconds: 123_456_789 };
  const { diff } = await unpackTar(root.fresh(), archive(
    member({ name: './', type: 'directory', modified: time }), member({ name: 'd/', type: 'directory', modified: time }), member({ name: 'd/f', modified: time }),
    member({ name: 'd/l', type: 'symlink', linkName: 'f', modified: time }), member({ name: 'g' }),
  ));
  for (const name of ['', 'd', 'd/f']) assert.equal(statSync(join(diff, name), { bigint: true }).mtimeNs, 1_700_000_000_123_456_789n, name);
});

test('a binary file capability goes in and out', { skip: NEEDS_ROOT ?? (spawnSync('getcap', ['-h']).error === undefined ? false : 'needs getcap') }, async () => {
  // struct vfs_cap_data, revision 2: effective, CAP_NET_RAW permitted.
  const capability = Uint8Array.from([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const directory = root.fresh();
  const { diff } = await unpackTar(directory, archive(member({ name: 'ping', body: 'x', mode: 0o755, uid: 1000, xattrs: { 'security.capability': capability } })));
  assert.match(execFileSync('getcap', [join(diff, 'ping')]).toString(), /cap_net_raw[+=]ep/);
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  const { upper } = await snapshots.prepare('box', []);
  execFileSync('cp', ['-a', join(diff, 'ping'), upper]);
  execFileSync('setcap', ['cap_net_raw+ep', join(upper, 'ping')]);
  const out = await collect(snapshots.diff('box'));
  assert.ok(out.includes(Buffer.concat([Buffer.from('SCHILY.xattr.security.capability='), capability, Buffer.from('\n')])));
  const committed = await snapshots.commit('box', undefined);
  assert.match(execFileSync('getcap', [join(directory, 'layers', chainHex(committed.chain), 'diff', 'ping')]).toString(), /cap_net_raw[+=]ep/);
});

test('a layer that replaces its own files, and what stands around entries, go out as they came', needsRoot, async () => {
  const bytes = concatBytes([archive(
    member({ name: 'was/', type: 'directory' }), member({ name: 'was/x', body: 'x' }), member({ name: 'real/', type: 'directory' }), member({ name: 'was', type: 'symlink', linkName: 'real' }),
    member({ name: 'was/y', body: 'behind a link now' }), member({ name: 'was', type: 'directory' }), member({ name: 'real/f', body: 'first' }), member({ name: 'l', type: 'symlink', linkName: 'real' }),
    member({ name: 'l/f', body: 'second, through a link' }), member({ name: 'hard', type: 'hardlink', linkName: 'real/f' }),
    member({ name: 'real/f', body: 'third' }), member({ name: 'tree/a/b', body: 'in a tree that goes' }), member({ name: 'tree', body: 'flat' }),
    member({ name: 'l', type: 'directory' }), member({ name: 'l/f', body: 'in a directory now' }), rawMember({ name: '.wh..wh.plnk/1.2', typeFlag: '0', body: 'ignored' }),
    member({ name: '.wh.gone', body: 'a whiteout with content' }), member({ name: 'empty' }),
  ), Buffer.from('what follows the end'.repeat(100))]);
  const directory = root.fresh();
  const { chain, diff } = await unpackTar(directory, bytes);
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  assert.deepEqual(await collect(snapshots.exportLayer(chain)), Buffer.from(bytes));
  assert.ok(lstatSync(join(diff, 'was')).isDirectory());
  assert.equal(readFileSync(join(diff, 'real/y'), 'utf8'), 'behind a link now');
  assert.deepEqual(['real/f', 'l/f', 'hard', 'tree'].map((name) => readFileSync(join(diff, name), 'utf8')), ['third', 'in a directory now', 'second, through a link', 'flat']);
});

test('a large real tree goes out byte for byte', needsRoot, async () => {
  const directory = root.fresh();
  const trees = ['etc', 'usr/share/zoneinfo', 'usr/share/perl', 'usr/share/misc', 'usr/share/bash-completion'].filter((path) => existsSync(`/${path}`));
  execFileSync('tar', ['-C', '/', '-cf', join(directory, 'whole'), ...trees]);
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  const { chain, diffId } = await snapshots.unpack({ source: { kind: 'file', path: join(directory, 'whole') } });
  assert.equal(diffId, digestOf(readFileSync(join(directory, 'whole'))));
  assert.equal(digestOf(await collect(snapshots.exportLayer(chain))), diffId);
});
