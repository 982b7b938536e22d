import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, linkSync, lstatSync, lutimesSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { GantryError } from '#base/error.ts';
import { archive, member, type ForgedEntry } from '#image/oci/tar/forge.ts';
import { collect, hasher } from '../contract.ts';
import type { NamePart } from '../tree-selection.ts';
import type { TreeAction } from '../tree-work.ts';
import { chainHex, type ChainId } from '#image/oci/chain-id.ts';
import { describeTree, NEEDS_ROOT, testRoot } from './_test-root.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';

const place = testRoot();
const skip = NEEDS_ROOT ?? false;
const signal = new AbortController().signal;

async function world(): Promise<{ snapshots: OverlaySnapshots; root: string; context: string; diff: (chain: ChainId) => string }> {
  const root = place.fresh();
  const context = join(root, 'context');
  mkdirSync(context);
  return { snapshots: await OverlaySnapshots.open(root, hasher, join(place.path, 'code-cache')), root, context, diff: (chain) => join(root, 'layers', chainHex(chain), 'diff') };
}

const forge = (entries: readonly ForgedEntry[]): Uint8Array<ArrayBuffer> => archive(...entries.map(member));
const names = (path: string): NamePart[] => path.split('/').filter(Boolean).map((name) => ({ name }));
const copy = (pattern: string, destination: string, more: object = {}): TreeAction => ({
  kind: 'copy', source: 0, parts: names(pattern), pattern, destination, rules: [], unpacks: false, isRequired: true, ...more,
} as TreeAction);
/** Names with modes and owners, without times and contents. */
const shape = (directory: string): string[] => describeTree(directory).map((line) => line.split(' ').slice(0, 3).join(' ')).slice(1);

test('directories, files and copies become a layer whose tar hashes to its diff id', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  mkdirSync(join(context, 'src'));
  writeFileSync(join(context, 'src/a.txt'), 'hello');
  chmodSync(join(context, 'src/a.txt'), 0o640);
  utimesSync(join(context, 'src/a.txt'), 1000, 1000);
  symlinkSync('a.txt', join(context, 'src/link'));
  linkSync(join(context, 'src/a.txt'), join(context, 'src/same'));
  const sources = [{ kind: 'directory', path: context }] as const;
  const layer = await snapshots.trees.assemble({
    base: [], sources, actions: [
      { kind: 'directory', path: '/work/dir', mode: 0o755 },
      { kind: 'write', destination: '/etc/passwd', content: 'app:x:12:34::/:/bin/sh\n', mode: 0o644 },
      copy('src', '/app'),
      copy('src/a.txt', '/owned/', { owner: 'app' }),
      copy('src/a.txt', '/renamed', { mode: { kind: 'symbolic', text: 'u=rwX,go=r' } }),
    ],
  }, signal);
  assert.deepEqual(shape(diff(layer.chain)), [
    'app 040755 0:0', 'app/a.txt 0100640 0:0', 'app/link 0120777 0:0', 'app/same 0100640 0:0', 'etc 040755 0:0', 'etc/passwd 0100644 0:0',
    'owned 040755 12:34', 'owned/a.txt 0100640 12:34', 'renamed 0100644 0:0', 'work 040755 0:0', 'work/dir 040755 0:0',
  ]);
  assert.equal(statSync(join(diff(layer.chain), 'app/a.txt')).mtimeMs, 1_000_000);
  assert.equal(statSync(join(diff(layer.chain), 'app/a.txt')).ino, statSync(join(diff(layer.chain), 'app/same')).ino);
  const tar = await collect(snapshots.exportLayer(layer.chain));
  assert.equal(`sha256:${hasher.sha256(tar)}`, layer.diffId);
  assert.equal(tar.length, layer.tarBytes);
});

test('links of the context and of the tree lead nowhere outside', { skip }, async () => {
  const { snapshots, root, context, diff } = await world();
  const victim = join(root, 'victim');
  mkdirSync(victim);
  writeFileSync(join(victim, 'secret'), 'secret');
  symlinkSync(victim, join(context, 'out'));
  symlinkSync('../victim/secret', join(context, 'up'));
  const sources = [{ kind: 'directory', path: context }] as const;
  await assert.rejects(snapshots.trees.assemble({ base: [], sources, actions: [copy('up', '/x')] }, signal), /not found/);
  await assert.rejects(snapshots.trees.assemble({ base: [], sources, actions: [copy('out/secret', '/x')] }, signal), /not found/);
  writeFileSync(join(context, 'f'), 'f');
  const base = await snapshots.trees.assemble({ base: [], sources, actions: [copy('out', '/all/')] }, signal).catch(() => undefined);
  assert.equal(base, undefined, 'a link to nothing in the context is not found');
  const tree = forge([{ name: 'escape', type: 'symlink', linkName: victim }, { name: 'rise', type: 'symlink', linkName: '../../../../../../..' + victim }]);
  const below = await snapshots.unpack({ source: { kind: 'stream', bytes: (async function* () { yield tree; })() } });
  const layer = await snapshots.trees.assemble({ base: [below.chain], sources, actions: [copy('f', '/escape/f'), copy('f', '/rise/g')] }, signal);
  assert.deepEqual(describeTree(victim).length, 2, 'nothing was written outside');
  assert.equal(readFileSync(join(diff(layer.chain), victim, 'f'), 'utf8'), 'f');
});

test('patterns, exclusions and parents', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  for (const path of ['a/b/one.go', 'a/b/two.txt', 'a/c/three.go', 'top.go']) {
    mkdirSync(join(context, path, '..'), { recursive: true });
    writeFileSync(join(context, path), path);
  }
  const sources = [{ kind: 'directory', path: context }] as const;
  const layer = await snapshots.trees.assemble({
    base: [], sources, actions: [
      copy('*.go', '/star/', { parts: [{ regex: '[^/]*\\.go' }] }),
      copy('.', '/rules/', { parts: [], rules: [{ regex: '.*\\.go', excludes: true }, { regex: 'a/c/three\\.go', excludes: false }] }),
      copy('a/*/*.go', '/parents/', { parts: [{ name: 'a' }, { regex: '[^/]*' }, { regex: '[^/]*\\.go' }], keepsFrom: 1 }),
    ],
  }, signal);
  assert.deepEqual(shape(diff(layer.chain)).map((line) => line.split(' ')[0]), [
    'parents', 'parents/b', 'parents/b/one.go', 'parents/c', 'parents/c/three.go', 'rules', 'rules/a', 'rules/a/b', 'rules/a/b/two.txt', 'rules/a/c', 'rules/a/c/three.go', 'star', 'star/top.go',
  ]);
  await assert.rejects(snapshots.trees.assemble({ base: [], sources, actions: [copy('missing', '/x')] }, signal), /"missing": not found/);
});

test('a directory is made for what one holds, with the owner and mode of the copy', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  mkdirSync(join(context, 's/t'), { recursive: true });
  writeFileSync(join(context, 's/t/f'), 'f', { mode: 0o640 });
  for (const [path, mode] of [['s', 0o700], ['s/t', 0o710]] as const) {
    chmodSync(join(context, path), mode);
    chownSync(join(context, path), 5, 6);
  }
  const layer = await snapshots.trees.assemble({
    base: [], sources: [{ kind: 'directory', path: context }], actions: [
      copy('s', '/new'), copy('s', '/octal/x', { mode: { kind: 'octal', mode: 0o2777 } }), copy('s/t/f', '/owned/y/', { owner: '7', mode: { kind: 'symbolic', text: 'go=' } }),
      copy('s/t', '/parents', { keepsFrom: 0 }), { kind: 'write', destination: '/w/z', content: '', mode: 0o644, change: { kind: 'octal', mode: 0o600 } },
    ],
  }, signal);
  assert.deepEqual(shape(diff(layer.chain)), [
    'new 040755 0:0', 'new/t 040710 5:6', 'new/t/f 0100640 0:0', 'octal 040755 0:0', 'octal/x 040755 0:0', 'octal/x/t 042777 5:6', 'octal/x/t/f 0102777 0:0', 'owned 040755 7:7', 'owned/y 040755 7:7', 'owned/y/f 0100600 7:7',
    'parents 040755 0:0', 'parents/s 040700 5:6', 'parents/s/t 040710 5:6', 'parents/s/t/f 0100640 0:0', 'w 040600 0:0', 'w/z 0100600 0:0',
  ]);
});

test('names are text, and a wildcard matches nothing only in a directory that is there', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  mkdirSync(join(context, 'größe'));
  writeFileSync(join(context, 'größe/naïve.txt'), 'x');
  const sources = [{ kind: 'directory', path: context }] as const;
  const wild = (directory: string): Partial<TreeAction> => ({ parts: [...names(directory), { regex: 'n[^/]*' }] });
  const layer = await snapshots.trees.assemble({ base: [], sources, actions: [copy('größe/naïve.txt', '/ü/'), copy('größe/n*', '/w/', wild('größe')), copy('größe/o*', '/none/', { parts: [...names('größe'), { regex: 'o[^/]*' }] })] }, signal);
  assert.equal(readFileSync(join(diff(layer.chain), 'ü/naïve.txt'), 'utf8') + readFileSync(join(diff(layer.chain), 'w/naïve.txt'), 'utf8'), 'xx');
  await assert.rejects(snapshots.trees.assemble({ base: [], sources, actions: [copy('grösse/n*', '/w/', wild('grösse'))] }, signal), /lstat \/grösse: no such file or directory/);
});

test('an archive is unpacked inside its directory', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  writeFileSync(join(context, 'a.tar'), forge([{ name: 'd/', type: 'directory' }, { name: 'd/f', body: 'x' }, { name: 'l', type: 'symlink', linkName: '/etc' }, { name: 'l/inside', body: 'y' }]));
  writeFileSync(join(context, 'plain'), 'no archive');
  const layer = await snapshots.trees.assemble({ base: [], sources: [{ kind: 'directory', path: context }], actions: [copy('a.tar', '/t', { unpacks: true }), copy('plain', '/t/', { unpacks: true })] }, signal);
  assert.deepEqual(shape(diff(layer.chain)).map((line) => line.split(' ')[0]), ['t', 't/d', 't/d/f', 't/etc', 't/etc/inside', 't/l', 't/plain']);
});

test('archives of xz and bzip2 too, and what is only compressed is copied', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  const tarOf = (name: string): Uint8Array<ArrayBuffer> => forge([{ name, body: name }]);
  const packed = (program: string, input: Uint8Array): Buffer => execFileSync(program, ['-c'], { input });
  writeFileSync(join(context, 'a.txz'), packed('xz', tarOf('one')));
  writeFileSync(join(context, 'b.txz'), packed('xz', tarOf('two')));
  writeFileSync(join(context, 'c.tbz'), packed('bzip2', tarOf('three')));
  writeFileSync(join(context, 'd.xz'), packed('xz', new TextEncoder().encode('no archive')));
  writeFileSync(join(context, 'e.xz'), packed('xz', tarOf('lost')).subarray(0, 40));
  const sources = [{ kind: 'directory', path: context }] as const;
  const layer = await snapshots.trees.assemble({ base: [], sources, actions: ['a.txz', 'b.txz', 'c.tbz', 'd.xz', 'e.xz'].map((name) => copy(name, '/t/', { unpacks: true })) }, signal);
  assert.deepEqual(shape(diff(layer.chain)).map((line) => line.split(' ')[0]), ['t', 't/d.xz', 't/e.xz', 't/one', 't/three', 't/two']);
  const long = forge([{ name: 'first', body: 'x' }, { name: 'long', body: randomBytes(100_000).toString('hex') }]);
  writeFileSync(join(context, 'cut.txz'), packed('xz', long).subarray(0, -1000));
  await assert.rejects(snapshots.trees.assemble({ base: [], sources, actions: [copy('cut.txz', '/t/', { unpacks: true })] }, signal), /xz data of the archive is damaged or ends too early/);
  await snapshots.trees.unpack({ directory: context, name: 'c.tbz' }, join(context, '..'), signal);
  assert.equal(readFileSync(join(context, '../three'), 'utf8'), 'three');
});

test('work takes the child that was started for it', { skip }, async () => {
  const { snapshots } = await world();
  const children = (): string[] => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  const others = new Set(children());
  snapshots.trees.warm();
  const [started] = children().filter((pid) => !others.has(pid));
  assert.ok(started !== undefined);
  await snapshots.trees.assemble({ base: [], sources: [], actions: [{ kind: 'directory', path: '/d', mode: 0o755 }] }, signal);
  // It did the work, and ends behind it.
  while (children().includes(started)) await pause(5);
});

test('a layer has no time after the one that it is given, and is else the same', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  writeFileSync(join(context, 'old'), 'old');
  utimesSync(join(context, 'old'), 1000, 1000);
  writeFileSync(join(context, 'new'), 'new');
  chownSync(join(context, 'new'), 3, 4);
  symlinkSync('nowhere', join(context, 'link'));
  const { chain } = await snapshots.trees.assemble({ base: [], sources: [{ kind: 'directory', path: context }], actions: [copy('.', '/d')] }, signal);
  const bounded = await snapshots.trees.retime({ layer: chain, base: [], epochSeconds: 2000 }, signal);
  assert.deepEqual(shape(diff(bounded.chain)), shape(diff(chain)));
  assert.deepEqual(['d', 'd/old', 'd/new', 'd/link'].map((path) => lstatSync(join(diff(bounded.chain), path)).mtimeMs), [2_000_000, 1_000_000, 2_000_000, 2_000_000]);
  assert.equal(`sha256:${hasher.sha256(await collect(snapshots.exportLayer(bounded.chain)))}`, bounded.diffId);
  assert.notEqual(statSync(join(diff(chain), 'd/new')).mtimeMs, 2_000_000, 'the layer itself is as it was');
});

test('a snapshot becomes a layer without what mounts left in it', { skip }, async () => {
  const { snapshots, diff } = await world();
  const base = await snapshots.unpack({ source: { kind: 'stream', bytes: (async function* () { yield forge([{ name: 'etc/', type: 'directory', mode: 0o755 }, { name: 'etc/hosts', body: '' }]); })() } });
  const { upper } = await snapshots.prepare('run', [base.chain]);
  for (const path of ['proc', 'etc', 'made/by']) mkdirSync(join(upper, path), { recursive: true });
  writeFileSync(join(upper, 'etc/resolv.conf'), '');
  writeFileSync(join(upper, 'etc/hosts'), '');
  const unmounted = Promise.withResolvers<void>();
  const sealing = snapshots.seal({ id: 'run', base: [base.chain], stubs: ['/proc', '/etc/resolv.conf', '/etc/hosts', '/made/by'], unmounted: unmounted.promise }, signal);
  // Long enough for a child that does not wait, and so finds it missing.
  await pause(200);
  writeFileSync(join(upper, 'made/file'), 'x');
  unmounted.resolve();
  const layer = await sealing;
  assert.deepEqual(shape(diff(layer.chain)).map((line) => line.split(' ')[0]), ['etc', 'etc/hosts', 'made', 'made/file']);
  assert.equal(layer.parent, base.chain);
  assert.deepEqual(await snapshots.listPrepared(), []);
});

test('what is wanted no more becomes no layer', { skip }, async () => {
  const { snapshots } = await world();
  await snapshots.prepare('run', []);
  for (const digests of [[], [[]]]) {
    const sealing = snapshots.seal({ id: 'run', base: [], stubs: [], digests, unmounted: Promise.reject(new GantryError('interrupted', 'the command failed')) }, signal);
    await assert.rejects(sealing, /the command failed/);
  }
  assert.deepEqual(await snapshots.list(), []);
  assert.deepEqual(await snapshots.listPrepared(), ['run']);
});

test('a digest says what is read, and nothing else', { skip }, async () => {
  const { snapshots, context } = await world();
  const source = { kind: 'directory', path: context } as const;
  const of = (path: string): Promise<string> => snapshots.trees.digest(source, [{ parts: names(path), rules: [], follow: true }], signal);
  mkdirSync(join(context, 'd'));
  writeFileSync(join(context, 'd/f'), 'one');
  writeFileSync(join(context, 'other'), 'x');
  const before = await of('d');
  writeFileSync(join(context, 'other'), 'changed');
  utimesSync(join(context, 'd/f'), 5, 5);
  lutimesSync(join(context, 'd'), 7, 7);
  assert.equal(await of('d'), before);
  writeFileSync(join(context, 'd/f'), 'two');
  const changed = await of('d');
  assert.notEqual(changed, before);
  chownSync(join(context, 'd/f'), 3, 3);
  assert.notEqual(await of('d'), changed);
});

test('whoever makes a layer says what others will read of it, as they would find it', { skip }, async () => {
  const { snapshots, context } = await world();
  const selections = (...paths: string[]) => paths.map((path) => [{ parts: names(path), rules: [], follow: true }]);
  mkdirSync(join(context, 'd'));
  writeFileSync(join(context, 'd/f'), 'one');
  const base = await snapshots.trees.assemble({ base: [], sources: [{ kind: 'directory', path: context }], actions: [copy('d', '/below')] }, signal);
  assert.deepEqual(base.digests, []);
  const read = selections('below', 'above/f', 'nowhere', 'resolv.conf', '.');
  const assembled = await snapshots.trees.assemble({ base: [base.chain], sources: [{ kind: 'directory', path: context }], actions: [copy('d', '/above')], digests: read }, signal);
  const { upper } = await snapshots.prepare('run', [base.chain]);
  mkdirSync(join(upper, 'above'));
  writeFileSync(join(upper, 'above/f'), 'one');
  writeFileSync(join(upper, 'resolv.conf'), '');
  const sealed = await snapshots.seal({ id: 'run', base: [base.chain], stubs: ['/resolv.conf'], unmounted: Promise.resolve(), digests: read }, signal);
  for (const layer of [assembled, sealed]) {
    const source = { kind: 'layers', chain: [base.chain, layer.chain] } as const;
    for (const [index, digest] of layer.digests.entries()) assert.equal(digest, await snapshots.trees.digest(source, read[index] ?? [], signal));
  }
  assert.equal(sealed.digests.length, read.length);
});

test('with a time for what is made, no directory has the time of the build', { skip }, async () => {
  const { snapshots, context, diff } = await world();
  mkdirSync(join(context, 'in'));
  writeFileSync(join(context, 'in/f'), 'f');
  writeFileSync(join(context, 'a.tar'), forge([{ name: 'implied/f', body: 'x' }, { name: 'listed/', type: 'directory', modified: { seconds: 500, nanoseconds: 0 } }, { name: 'listed/f', body: 'y' }]));
  for (const path of ['in/f', 'in', 'a.tar']) utimesSync(join(context, path), 2000, 2000);
  const base = await snapshots.unpack({ source: { kind: 'stream', bytes: (async function* () { yield forge([{ name: 'there/', type: 'directory', mode: 0o755 }]); })() } });
  const { chain } = await snapshots.trees.assemble({
    base: [base.chain], sources: [{ kind: 'directory', path: context }], epochSeconds: 3000, actions: [
      { kind: 'directory', path: '/work/dir', mode: 0o755 },
      { kind: 'write', destination: '/written/to/f', content: 'f', mode: 0o644 },
      copy('in/f', '/there/'),
      copy('in', '/one/two'),
      copy('in/f', '/three/four/'),
      copy('in/f', '/kept/', { keepsFrom: 0 }),
      copy('in', '/later'),
      copy('in/f', '/later/g'),
      copy('a.tar', '/unpacked/', { unpacks: true }),
    ],
  }, signal);
  const times = Object.fromEntries(describeTree(diff(chain)).flatMap((line) => {
    const path = line.split(' ')[0] ?? '';
    const status = lstatSync(join(diff(chain), path));
    return status.isDirectory() && path !== '.' && path !== '' ? [[path, status.mtimeMs / 1000]] : [];
  }));
  assert.deepEqual(times, {
    kept: 3000, 'kept/in': 3000, later: 3000, one: 3000, 'one/two': 2000, there: 3000, three: 3000, 'three/four': 3000,
    unpacked: 3000, 'unpacked/implied': 3000, 'unpacked/listed': 500, work: 3000, 'work/dir': 3000, written: 3000, 'written/to': 3000,
  });
});
