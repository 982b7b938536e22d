import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, lstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Cancellation } from '#base/cancellation.ts';
import { isKind } from '#base/error.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import type { FileView, WriteOptions } from '../files.ts';
import { ChildContainerFiles } from './container-files.ts';
import { NEEDS_ROOT } from './_test-root.ts';

const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };
const place = mkdtempSync(join(tmpdir(), 'gantry-files-'));
const outside = join(place, 'outside');
mkdirSync(outside);
writeFileSync(join(outside, 'secret'), 'of the host');
after(() => rmSync(place, { recursive: true }));

const files = await ChildContainerFiles.open(join(place, 'code-cache'));
let count = 0;

/** A container's root, and a view of it in this process's own mount namespace. */
function container(): { root: string; view: FileView } {
  count += 1;
  const root = join(place, `root-${count}`);
  mkdirSync(root);
  const namespace = openSync('/proc/self/ns/mnt', 'r');
  after(() => closeSync(namespace));
  return { root, view: { namespace, root, without: [] } };
}

async function* bytes(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function entriesOf(tar: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let name = '';
  const reader = new TarReader({
    raw: () => {}, entryEnd: () => {},
    entry: (entry) => void found.set(name = entry.name, `${entry.type === 'symlink' ? `-> ${entry.linkName}` : entry.type === 'file' ? '' : entry.type}`),
    data: (piece) => void found.set(name, found.get(name) + new TextDecoder().decode(piece)),
  });
  for await (const piece of tar) reader.push(piece);
  reader.end();
  return found;
}

const write = (view: FileView, path: string, tar: AsyncIterable<Uint8Array>, options: WriteOptions = { keepsKind: false }): Promise<void> =>
  files.write(view, path, tar, options, new Cancellation());

test('a path is told as lstat sees it, and where a link leads in the end', needsRoot, async () => {
  const { root, view } = container();
  mkdirSync(join(root, 'var'));
  mkdirSync(join(root, 'run/lock'), { recursive: true });
  symlinkSync('/run', join(root, 'var/run'));
  symlinkSync('../../../../../../outside/secret', join(root, 'up'));
  assert.equal((await files.status(view, '/var/run')).linkTarget, '/run');
  assert.equal((await files.status(view, '/var/run/')).type, 'directory');
  assert.deepEqual(await files.status(view, '/var/run/lock/.').then(({ name, type }) => ({ name, type })), { name: '.', type: 'directory' });
  assert.equal((await files.status(view, '/up')).linkTarget, '/outside/secret');
  assert.equal((await files.status(view, '/')).name, '/');
  await assert.rejects(files.status(view, '/up/'), (error) => isKind(error, 'not-found'));
  await assert.rejects(files.status(view, outside), (error) => isKind(error, 'not-found'));
});

test('S-402: an absolute link of the image on the way works, both ways', needsRoot, async () => {
  const { root, view } = container();
  mkdirSync(join(root, 'var'));
  mkdirSync(join(root, 'run'));
  symlinkSync('/run', join(root, 'var/run'));
  await write(view, '/var/run', bytes(archive(member({ name: 'pid', body: '7' }))));
  assert.equal(readFileSync(join(root, 'run/pid'), 'utf8'), '7');
  const { tar } = await files.read(view, '/var/run/pid');
  assert.deepEqual([...await entriesOf(tar)], [['pid', '7']]);
});

test('names in an archive begin with the last part of the path, and links in it stay links', needsRoot, async () => {
  const { root, view } = container();
  mkdirSync(join(root, 'd/sub'), { recursive: true });
  writeFileSync(join(root, 'd/f'), 'x');
  symlinkSync('f', join(root, 'd/l'));
  symlinkSync('/d', join(root, 'link'));
  const names = async (path: string): Promise<string[]> => [...(await entriesOf((await files.read(view, path)).tar)).keys()];
  assert.deepEqual(await names('/d'), ['d/', 'd/f', 'd/l', 'd/sub/']);
  assert.deepEqual(await names('/d/.'), ['./', './f', './l', './sub/']);
  assert.deepEqual(await names('/link'), ['link']);
  assert.deepEqual(await names('/link/'), ['link/', 'link/f', 'link/l', 'link/sub/']);
});

test('S-109: an archive of any compression, and the programs of the container never run', needsRoot, async () => {
  const { root, view } = container();
  for (const name of ['xz', 'bzip2', 'gzip', 'unpigz', 'zstd']) {
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    writeFileSync(join(root, 'usr/bin', name), '#!/bin/sh\ntouch /touched\ncat\n', { mode: 0o755 });
  }
  mkdirSync(join(root, 'to'));
  const plain = archive(member({ name: 'f', body: 'content' }));
  const packed = {
    plain, gzip: gzipSync(plain), zstd: zstdCompressSync(plain),
    xz: execFileSync('xz', ['-c'], { input: plain }), bzip2: execFileSync('bzip2', ['-c'], { input: plain }),
  };
  for (const [name, body] of Object.entries(packed)) {
    await write(view, '/to', bytes(body));
    assert.equal(readFileSync(join(root, 'to/f'), 'utf8'), 'content', name);
    rmSync(join(root, 'to/f'));
  }
  await assert.rejects(write(view, '/to', bytes(packed.xz.subarray(0, packed.xz.length - 20))), (error) => isKind(error, 'invalid'));
  assert.equal(existsSync(join(root, 'touched')) || existsSync('/touched'), false);
});

test('what stands in the place of an entry goes, unless its kind is to be kept', needsRoot, async () => {
  const { root, view } = container();
  mkdirSync(join(root, 'd/in'), { recursive: true });
  writeFileSync(join(root, 'f'), '');
  const tar = (): AsyncIterable<Uint8Array> => bytes(archive(member({ name: 'd', body: 'now a file' }), member({ name: 'f', type: 'directory' })));
  await assert.rejects(write(view, '/', tar(), { keepsKind: true }), /cannot overwrite directory "d" with non-directory "\/"/);
  await write(view, '/', tar(), { keepsKind: false, owner: { uid: 7, gid: 8 } });
  assert.equal(readFileSync(join(root, 'd'), 'utf8'), 'now a file');
  assert.deepEqual([lstatSync(join(root, 'd')).uid, lstatSync(join(root, 'f')).gid], [7, 8]);
});

test('a name that leads out of the directory, a broken archive and a file as the target are refused', needsRoot, async () => {
  const { root, view } = container();
  mkdirSync(join(root, 'd'));
  writeFileSync(join(root, 'f'), '');
  const refused = (path: string, ...pieces: Uint8Array[]): Promise<void> => assert.rejects(write(view, path, bytes(...pieces)), (error) => isKind(error, 'invalid'));
  await refused('/d', archive(member({ name: '../esc', body: 'x' })));
  await refused('/d', archive(member({ name: 'a', body: 'x'.repeat(2000) })).subarray(0, 900));
  await refused('/d', archive(member({ name: 'h', type: 'hardlink', linkName: 'nosuch' })));
  await refused('/f', archive(member({ name: 'a', body: 'x' })));
  assert.equal(existsSync(join(root, 'esc')), false);
});

test('S-403: a FIFO and a socket hold nobody up', needsRoot, async () => {
  const { root, view } = container();
  mkdirSync(join(root, 'd'));
  execFileSync('mkfifo', [join(root, 'd/fifo')]);
  const started = performance.now();
  assert.deepEqual([...await entriesOf((await files.read(view, '/d')).tar)], [['d/', 'directory'], ['d/fifo', 'fifo']]);
  assert.ok(performance.now() - started < 5000);
});

test('a reader that leaves, and a writer that never ends, leave no child behind', needsRoot, async () => {
  const { root, view } = container();
  writeFileSync(join(root, 'large'), Buffer.alloc(64 << 20));
  const { tar } = await files.read(view, '/large');
  const pieces = tar[Symbol.asyncIterator]();
  await pieces.next();
  await pieces.return?.();
  const neverRead = await files.read(view, '/large');
  await neverRead.tar[Symbol.asyncIterator]().return?.();
  const cancellation = new Cancellation();
  const stuck = files.write(view, '/', (async function* () { await new Promise(() => {}); })(), { keepsKind: false }, cancellation);
  setTimeout(() => cancellation.cancel(), 300);
  await assert.rejects(stuck, (error) => isKind(error, 'interrupted'));
  const children = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'args='], { encoding: 'utf8' });
  assert.doesNotMatch(children, /files-child/);
});

test('changes are told as docker diff tells them', needsRoot, async () => {
  const { root, view } = container();
  for (const directory of ['upper/etc', 'upper/new/in', 'upper/dev', 'upper/proc', 'lower/etc', 'lower/gone/in', 'lower/dir']) mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, 'lower/etc/passwd'), 'a');
  writeFileSync(join(root, 'upper/etc/passwd'), 'ab');
  writeFileSync(join(root, 'upper/etc/hosts'), '');
  writeFileSync(join(root, 'upper/new/in/f'), '');
  execFileSync('mknod', [join(root, 'upper/gone'), 'c', '0', '0']);
  mkdirSync(join(root, 'upper/dir'));
  assert.deepEqual((await files.changes(view)).map(({ kind, path }) => `${kind} ${path}`), [
    'modified /etc', 'modified /etc/passwd', 'deleted /gone', 'added /new', 'added /new/in', 'added /new/in/f',
  ]);
});

test('an export has the root file system and nothing above it', needsRoot, async () => {
  const { root, view } = container();
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/f'), 'x');
  assert.deepEqual([...await entriesOf(files.export(view))], [['etc/', 'directory'], ['etc/f', 'x']]);
});

const TRIES = 40;
const SWAP = `
const { renameSync } = require('node:fs');
process.chdir(process.argv[1]);
for (;;) { renameSync('d', 'kept'); renameSync('link', 'd'); renameSync('d', 'link'); renameSync('kept', 'd'); }`;

/** A container that swaps a directory with a link to the host's files as fast as it can, while `attempt` is made. */
async function whileSwapping(attempt: (root: string, view: FileView) => Promise<void>, tries: number): Promise<void> {
  const { root, view } = container();
  mkdirSync(join(root, 'd'));
  writeFileSync(join(root, 'd/secret'), 'of the container');
  symlinkSync(outside, join(root, 'link'));
  const swapping = spawn(process.execPath, ['-e', SWAP, root], { stdio: 'ignore' });
  try {
    for (let at = 0; at < tries; at++) await attempt(root, view);
  } finally {
    swapping.kill('SIGKILL');
  }
}

const ARCHIVE = archive(member({ name: 'planted', body: 'x' }));

test('S-401: links that are swapped in while files are copied lead nowhere', needsRoot, async () => {
  const tolerate = (error: unknown): void => assert.ok(isKind(error, 'not-found', 'invalid', 'internal'), String(error));
  await whileSwapping(async (_root, view) => {
    await files.read(view, '/d/secret').then(async ({ tar }) => {
      for (const [, text] of await entriesOf(tar)) assert.notEqual(text, 'of the host');
    }).catch(tolerate);
    await write(view, '/d', bytes(ARCHIVE)).catch(tolerate);
    await files.status(view, '/d/secret').catch(tolerate);
    assert.equal(existsSync(join(outside, 'planted')), false);
  }, TRIES);
});

test('S-401, mutant: the same race is lost by copying by a path of the host', needsRoot, async () => {
  let escaped = false;
  await whileSwapping(async (root) => {
    for (let at = 0; at < 500 && !escaped; at++) {
      try {
        const directory = join(root, 'd');
        // The check that such code makes, and what happens to it.
        if (!lstatSync(directory).isDirectory()) continue;
        escaped = readFileSync(join(directory, 'secret'), 'utf8') === 'of the host';
      } catch {
        // The moment between two names.
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }, TRIES * 10);
  assert.equal(escaped, true);
});
