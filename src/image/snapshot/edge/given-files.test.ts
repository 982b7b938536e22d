import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasher } from '../contract.ts';
import type { NamePart } from '../tree-selection.ts';
import type { TreeAction } from '../tree-work.ts';
import { chainHex, type ChainId } from '#image/oci/chain-id.ts';
import { NEEDS_ROOT, testRoot } from './_test-root.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';

const place = testRoot();
const skip = NEEDS_ROOT ?? false;
const signal = new AbortController().signal;

const names = (path: string): NamePart[] => path.split('/').filter(Boolean).map((name) => ({ name }));
const copy = (pattern: string, destination: string, more: object = {}): TreeAction => ({
  kind: 'copy', source: 0, parts: names(pattern), pattern, destination, rules: [], unpacks: false, isRequired: true, ...more,
} as TreeAction);

interface World {
  readonly context: string;
  readonly inode: number;
  readonly diff: (chain: ChainId) => string;
  /** The layer of some copies, where `big` is given; as a tar it is the one that it is where nothing is given. */
  readonly assemble: (actions: readonly TreeAction[], more?: object) => Promise<ChainId>;
}

async function world(): Promise<World> {
  const root = place.fresh();
  const context = join(root, 'context');
  mkdirSync(join(context, 'in'), { recursive: true });
  writeFileSync(join(context, 'in/big'), randomBytes(100_000));
  writeFileSync(join(context, 'small'), 'small');
  chmodSync(join(context, 'in/big'), 0o640);
  utimesSync(join(context, 'in/big'), 1000, 1000);
  utimesSync(join(context, 'in'), 2000, 2000);
  const snapshots = await OverlaySnapshots.open(root, hasher, join(place.path, 'code-cache'));
  return {
    context,
    inode: statSync(join(context, 'in/big')).ino,
    diff: (chain) => join(root, 'layers', chainHex(chain), 'diff'),
    assemble: async (actions, more = { epochSeconds: 3000 }) => {
      const given = await snapshots.trees.assemble({ base: [], sources: [{ kind: 'directory', path: context, gives: ['in/big'] }], actions, ...more }, signal);
      const copied = await snapshots.trees.assemble({ base: [], sources: [{ kind: 'directory', path: context }], actions, ...more }, signal);
      assert.equal(given.diffId, copied.diffId);
      return given.chain;
    },
  };
}

test('a given file moves into the layer, which is the one that a copy makes', { skip }, async () => {
  const { context, inode, diff, assemble } = await world();
  const chain = await assemble([copy('in', '/out/deep')]);
  const made = statSync(join(diff(chain), 'out/deep/big'));
  assert.equal(made.ino, inode);
  assert.equal(made.nlink, 2, 'of the context and of the layer');
  assert.deepEqual([made.mode & 0o7777, made.mtimeMs], [0o640, 1_000_000]);
  assert.equal(statSync(join(diff(chain), 'out/deep')).mtimeMs, 2_000_000, 'the directory has its time still');
  assert.deepEqual(readFileSync(join(context, 'in/big')), readFileSync(join(diff(chain), 'out/deep/big')));
});

test('one that is to get another mode or owner is copied, and stays as it is', { skip }, async () => {
  const { context, inode, diff, assemble } = await world();
  const chain = await assemble([copy('in/big', '/mode', { mode: { kind: 'octal', mode: 0o755 } }), copy('in/big', '/owned', { owner: '12:34' })]);
  for (const name of ['mode', 'owned']) assert.notEqual(statSync(join(diff(chain), name)).ino, inode, name);
  const { mode, uid, nlink } = statSync(join(context, 'in/big'));
  assert.deepEqual([mode & 0o7777, uid, nlink], [0o640, 0, 1]);
});

test('no two layers have one file, nor has it two places in one', { skip }, async () => {
  const { context, inode, diff, assemble } = await world();
  const first = await assemble([copy('in/big', '/a'), copy('in/big', '/b')]);
  const inodes = ['a', 'b'].map((name) => statSync(join(diff(first), name)).ino);
  assert.deepEqual(inodes.map((each) => each === inode), [true, false]);
  for (const name of ['a', 'b']) assert.deepEqual(readFileSync(join(diff(first), name)), readFileSync(join(context, 'in/big')), name);
  const second = await assemble([copy('in/big', '/c')]);
  assert.notEqual(statSync(join(diff(second), 'c')).ino, inode);
});

test('where something else takes its place, or the same again, the last counts', { skip }, async () => {
  const replaced = await world();
  const small = await replaced.assemble([copy('in/big', '/x'), copy('small', '/x')]);
  assert.equal(readFileSync(join(replaced.diff(small), 'x'), 'utf8'), 'small');
  assert.equal(statSync(join(replaced.context, 'in/big')).nlink, 1);
  const again = await world();
  const twice = await again.assemble([copy('in/big', '/x'), copy('in/big', '/x')]);
  assert.equal(statSync(join(again.diff(twice), 'x')).ino, again.inode);
});

test('a file with two names in the source has two in the layer, and is copied', { skip }, async () => {
  const { context, inode, diff, assemble } = await world();
  linkSync(join(context, 'in/big'), join(context, 'in/same'));
  const chain = await assemble([copy('in', '/out')]);
  const [big, same] = ['big', 'same'].map((name) => statSync(join(diff(chain), 'out', name)).ino);
  assert.equal(big, same);
  assert.notEqual(big, inode);
});

test('nothing is given to a child that unpacks, nor where the whole is read at once', { skip }, async () => {
  const { inode, diff, assemble } = await world();
  const unpacking = await assemble([copy('in/big', '/x', { unpacks: true })]);
  assert.notEqual(statSync(join(diff(unpacking), 'x')).ino, inode);
  const read = await assemble([copy('in/big', '/y')], { epochSeconds: 3000, digests: [[{ parts: [{ name: 'y' }], rules: [], follow: true }]] });
  assert.notEqual(statSync(join(diff(read), 'y')).ino, inode);
});
