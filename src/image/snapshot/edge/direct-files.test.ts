import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Cancellation } from '#base/cancellation.ts';
import { isKind, messageOf } from '#base/error.ts';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import type { FileView, WriteOptions } from '../files.ts';
import { ChildContainerFiles } from './container-files.ts';
import { directRead } from './_direct-read.ts';
import { directStatus } from './_direct-status.ts';
import { directTarget, directWrite } from './_direct-write.ts';
import { NEEDS_ROOT } from './_test-root.ts';

const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };
const O_PATH = 0o10000000;
const place = mkdtempSync(join(tmpdir(), 'gantry-direct-'));
after(() => rmSync(place, { recursive: true }));

const files = await ChildContainerFiles.open(join(place, 'code-cache'));
let count = 0;

function container(): { root: string; directory: number; byChild: FileView; direct: FileView } {
  count += 1;
  const root = join(place, `root-${count}`);
  mkdirSync(root);
  const namespace = openSync('/proc/self/ns/mnt', 'r');
  const directory = openSync(root, O_PATH);
  after(() => { closeSync(namespace); closeSync(directory); });
  const byChild = { namespace, root, without: [] };
  return { root, directory, byChild, direct: { ...byChild, directory } };
}

async function bytesOf(tar: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of tar) pieces.push(piece);
  return Buffer.concat(pieces);
}

const at = (seconds: number): Timestamp => ({ seconds, nanoseconds: 0 });

/** All that `find` can say of the files below a directory. */
function listing(root: string): string {
  return execFileSync('find', ['.', '-mindepth', '1', '-printf', '%p %y %m %U:%G %s %T@ %l\\n'], { cwd: root, encoding: 'utf8' }).split('\n').sort().join('\n');
}

function fill(root: string): void {
  mkdirSync(join(root, 'd/sub'), { recursive: true });
  writeFileSync(join(root, 'd/f'), 'x'.repeat(700), { mode: 0o640 });
  writeFileSync(join(root, 'd/sub/empty'), '');
  symlinkSync('f', join(root, 'd/l'));
  symlinkSync('/d/sub', join(root, 'absolute'));
  symlinkSync('../../../d', join(root, 'up'));
  symlinkSync('nowhere', join(root, 'dangling'));
  symlinkSync('round', join(root, 'round'));
  chmodSync(join(root, 'd/f'), 0o4755);
  // The times of links, too.
  execFileSync('sh', ['-c', 'find . -exec touch -h -d "2020-02-02 03:04:05.678" {} +'], { cwd: root });
}

const PATHS = ['/', '/d/.', '/d/f', '/d/f/', '/d/l', '/absolute', '/absolute/', '/up', '/dangling/', '/round/x', '/d/nothing'];

test('a path is told as the child tells it, and read as the child reads it', needsRoot, async () => {
  const { root, directory, byChild, direct } = container();
  fill(root);
  const outcome = async (view: FileView, path: string): Promise<unknown> => {
    try {
      const { status, tar } = await files.read(view, path);
      return { status, tar: (await bytesOf(tar)).toString('latin1') };
    } catch (error) {
      return messageOf(error);
    }
  };
  await Promise.all(PATHS.map(async (path) => {
    const found = await outcome(direct, path);
    assert.deepEqual(found, await outcome(byChild, path), path);
    if (typeof found === 'object') assert.deepEqual(directStatus(directory, path), (found as { status: unknown }).status, path);
  }));
  // Both outcomes were of this process, but for what has too many links, or is no directory.
  for (const path of ['/', '/d/.', '/d/f', '/d/l', '/absolute', '/up']) assert.notEqual(await directRead(directory, path), undefined, path);
  for (const path of ['/dangling/', '/d/nothing']) await assert.rejects(directRead(directory, path), (error) => isKind(error, 'not-found'), path);
});

test('a small archive is unpacked as the child does it', needsRoot, async () => {
  const owner = { owner: { uid: 11, gid: 12 } };
  const cases: readonly (readonly [what: string, isDirect: boolean, options: WriteOptions, tar: Uint8Array])[] = [
    ['a file', true, { keepsKind: false }, archive(member({ name: 'f', body: 'content', mode: 0o4750, uid: 7, gid: 8, modified: at(1_600_000_000) }))],
    ['a directory of files', true, { keepsKind: true }, archive(
      member({ name: 'new/', type: 'directory', mode: 0o2775, uid: 3, modified: at(1_500_000_000) }), member({ name: 'new/a', body: 'a', modified: at(1_400_000_000) }),
      member({ name: 'new/l', type: 'symlink', linkName: '../f', uid: 9, modified: at(1_400_000_000) }))],
    ['through links', true, { keepsKind: false, ...owner }, archive(member({ name: 'absolute/x', body: 'x', modified: at(1) }), member({ name: 'up/y', body: 'y', modified: at(2) }))],
    ['in the place of a link, and a directory that is there', true, { keepsKind: true, ...owner }, archive(
      member({ name: 'up', body: 'x', modified: at(3) }), member({ name: 'd/', type: 'directory', mode: 0o700, uid: 5, modified: at(1_300_000_000) }))],
    ['parents that nobody made', false, { keepsKind: false }, archive(member({ name: 'p/q/r', body: 'x', modified: at(4) }))],
    ['a file in the place of a directory', false, { keepsKind: true }, archive(member({ name: 'a', body: 'x', modified: at(5) }), member({ name: 'd', body: 'x' }))],
    ['out of the directory', false, { keepsKind: false }, archive(member({ name: 'a', body: 'x', modified: at(6) }), member({ name: '../../esc', body: 'x' }))],
    ['compressed', false, { keepsKind: false }, gzipSync(archive(member({ name: 'z', body: 'z', modified: at(7) })))],
  ];
  await Promise.all(cases.map(async ([what, isDirect, options, tar]) => {
    const [left, right] = [container(), container()];
    for (const { root } of [left, right]) fill(root);
    const write = (view: FileView): Promise<string> => files.write(view, '/', pieces(tar), options, new Cancellation()).then(() => '', messageOf);
    assert.equal(await directWrite(right.directory, '/' as ByteString, tar, options, new Cancellation()), isDirect, what);
    assert.equal(isDirect ? '' : await write(right.direct), await write(left.byChild), what);
    // Directories that no entry names have the time of the change.
    const settled = (root: string): string => listing(root).replace(/^(\.\/(?:d|d\/sub|p|p\/q) d .*) [\d.]+ /gm, '$1 ');
    assert.equal(settled(right.root), settled(left.root), what);
  }));
});

async function* pieces(tar: Uint8Array): AsyncGenerator<Uint8Array> {
  yield tar.subarray(0, 100);
  yield tar.subarray(100);
}

test('what may take long is left to a child, and nothing of it is done before', needsRoot, async () => {
  const { root, directory } = container();
  fill(root);
  writeFileSync(join(root, 'large'), Buffer.alloc(300_000));
  linkSync(join(root, 'd/f'), join(root, 'second'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  mkdirSync(join(root, 'many'));
  for (let at = 0; at < 100; at++) writeFileSync(join(root, 'many', String(at)), '');
  for (const path of ['/large', '/second', '/fifo', '/many']) assert.equal(await directRead(directory, path), undefined, path);
  // What is mounted below may be anything.
  for (const path of ['/proc', '/proc/version', '/proc/self/root/etc/passwd']) assert.equal(directStatus(openSync('/', O_PATH), path), undefined, path);
  assert.equal(directStatus(directory, `/${'d/../'.repeat(20)}${'d/'.repeat(100)}`), undefined);
  assert.equal(directTarget(directory, '/d/f'), undefined);
  const before = listing(root);
  const refused = archive(member({ name: 'a', body: 'x' }), member({ name: 'b', type: 'hardlink', linkName: 'a' }));
  assert.equal(await directWrite(directory, '/' as ByteString, refused, { keepsKind: false }, new Cancellation()), false);
  assert.equal(listing(root), before);
});

const SWAP = `
const { renameSync } = require('node:fs');
process.chdir(process.argv[1]);
for (;;) { renameSync('d', 'kept'); renameSync('link', 'd'); renameSync('d', 'link'); renameSync('kept', 'd'); }`;

/** A container that swaps a directory with a link to the host's as fast as it can. */
async function whileSwapping(run: (root: string, directory: number, outside: string) => Promise<void>): Promise<void> {
  const { root, directory } = container();
  const outside = `${root}-outside`;
  mkdirSync(join(outside, 'sub'), { recursive: true });
  writeFileSync(join(outside, 'secret'), 'of the host');
  chmodSync(outside, 0o751);
  mkdirSync(join(root, 'd'));
  writeFileSync(join(root, 'd/secret'), 'of the container');
  symlinkSync(outside, join(root, 'link'));
  const swapping = spawn(process.execPath, ['-e', SWAP, root], { stdio: 'ignore' });
  try {
    await run(root, directory, outside);
  } finally {
    swapping.kill('SIGKILL');
  }
}

test('S-401: nothing that is swapped in leads this process out, nor what it changes', needsRoot, () => whileSwapping(async (_root, directory, outside) => {
  const before = statSync(outside);
  const planted = archive(member({ name: 'd/', type: 'directory', mode: 0o700, uid: 5 }), member({ name: 'd/planted', body: 'x' }), member({ name: 'd/l', type: 'symlink', linkName: 'x', uid: 5 }));
  let [told, read, written] = [0, 0, 0];
  for (let at = 0; at < 400 || (at < 20_000 && (told === 0 || read === 0 || written === 0)); at++) {
    try {
      if (directStatus(directory, '/d/secret') !== undefined) told += 1;
    } catch (error) {
      assert.ok(isKind(error, 'not-found'), String(error));
    }
    const found = await directRead(directory, '/d/secret').catch(() => undefined);
    if (found !== undefined) read += 1;
    assert.equal(found !== undefined && Buffer.from(found.tar).includes('of the host'), false);
    if (await directWrite(directory, '/' as ByteString, planted, { keepsKind: false }, new Cancellation())) written += 1;
  }
  assert.ok(told > 0 && read > 0 && written > 0, `${told} looks, ${read} copies out and ${written} in came through`);
  assert.deepEqual(readdirSync(outside).sort(), ['secret', 'sub']);
  const now = statSync(outside);
  assert.deepEqual([now.mode, now.uid, now.mtimeMs, existsSync(join(outside, 'planted'))], [before.mode, before.uid, before.mtimeMs, false]);
  assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), 'of the host');
}));

test('S-401, mutant: the same race is lost by changing a directory by its path', needsRoot, () => whileSwapping(async (root, _directory, outside) => {
  const isLost = (): boolean => (statSync(outside).mode & 0o777) === 0o700;
  for (let at = 0; at < 1_000_000 && !isLost(); at++) {
    try {
      // The check that such code makes, and what happens to it.
      if (lstatSync(join(root, 'd')).isDirectory()) chmodSync(join(root, 'd'), 0o700);
    } catch {
      // The moment between two names.
    }
  }
  assert.ok(isLost());
}));
