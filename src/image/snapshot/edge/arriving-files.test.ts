import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, futimesSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GantryError } from '#base/error.ts';
import { chainHex, type ChainId } from '#image/oci/chain-id.ts';
import { hasher } from '../contract.ts';
import type { SealedLayer } from '../port.ts';
import type { Arrival, TreeAction } from '../tree-work.ts';
import { NEEDS_ROOT, testRoot } from './_test-root.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';

const place = testRoot();
const skip = NEEDS_ROOT ?? false;
const never = new AbortController().signal;
const CONTENT = randomBytes(3_000_001);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
/** More digits than a double has. */
const MODIFIED = 1_600_000_000.999_999_9;

const copy = (from: string, destination: string, more: object = {}): TreeAction => ({
  kind: 'copy', source: 0, parts: from.split('/').map((name) => ({ name })), pattern: from, destination, rules: [], unpacks: false, isRequired: true, ...more,
} as TreeAction);

interface World {
  readonly root: string;
  readonly snapshots: OverlaySnapshots;
  readonly path: string;
  /** Those that are told of its content. */
  readonly digests: readonly Promise<string>[];
  readonly diff: (layer: SealedLayer) => string;
  /** So many more bytes of the file are there. */
  readonly write: (bytes: number) => void;
  /** All of it is there. */
  readonly end: () => void;
  readonly fail: (reason: Error) => void;
  readonly begin: (actions: readonly TreeAction[], wanted: Promise<void>, signal?: AbortSignal) => Promise<SealedLayer>;
  /** What the same makes of the whole file. */
  readonly copied: (actions: readonly TreeAction[]) => Promise<SealedLayer>;
}

/** A context in which `in/big` comes bit by bit, in the place of something that was as long. */
async function world(): Promise<World> {
  const root = place.fresh();
  const context = join(root, 'context');
  const path = join(context, 'in/big');
  mkdirSync(join(context, 'in'), { recursive: true });
  writeFileSync(join(context, 'in/small'), 'small');
  writeFileSync(path, Buffer.alloc(CONTENT.length, 'old'));
  chmodSync(path, 0o640);
  const descriptor = openSync(path, 'r+');
  futimesSync(descriptor, MODIFIED, MODIFIED);
  utimesSync(join(context, 'in'), 2000, 2000);
  const snapshots = await OverlaySnapshots.open(root, hasher, join(place.path, 'code-cache'));
  const whole = Promise.withResolvers<void>();
  whole.promise.catch(() => undefined);
  let tell: Parameters<Arrival['follow']>[0] = () => undefined;
  let at = 0;
  const digests: Promise<string>[] = [];
  const arriving: Arrival = {
    files: [{ path: 'in/big', size: CONTENT.length, modifiedNs: lstatSync(path, { bigint: true }).mtimeNs }],
    follow: (told) => {
      tell = told;
      told(0, at, false);
      return () => { tell = () => undefined; };
    },
    isAllElseThere: true,
    digest: (index, sha256) => {
      assert.equal(index, 0);
      digests.push(sha256.catch((thrown: unknown) => String(thrown)));
    },
    whole: whole.promise,
  };
  const write = (bytes: number): void => {
    at += writeSync(descriptor, CONTENT, at, Math.min(bytes, CONTENT.length - at), at);
    tell(0, at, true);
  };
  const common = { base: [], epochSeconds: 3000 };
  return {
    root, snapshots, path, write, digests,
    diff: ({ chain }) => join(root, 'layers', chainHex(chain as ChainId), 'diff'),
    end: () => {
      write(CONTENT.length);
      futimesSync(descriptor, MODIFIED, MODIFIED);
      closeSync(descriptor);
      whole.resolve();
    },
    fail: (reason) => whole.reject(reason),
    begin: (actions, wanted, signal = never) => snapshots.trees.assemble({ ...common, sources: [{ kind: 'directory', path: context, gives: ['in/big'], arriving }], actions, wanted }, signal),
    copied: (actions) => snapshots.trees.assemble({ ...common, sources: [{ kind: 'directory', path: context }], actions }, never),
  };
}

for (const [what, actions, isMoved] of [
  ['a directory with it', [copy('in', '/out/deep')], true],
  ['itself, for another owner', [copy('in/big', '/owned', { owner: '12:34' })], false],
  ['it twice', [copy('in/big', '/a'), copy('in/big', '/b')], true],
  ['something that takes its place', [copy('in/big', '/x'), copy('in/small', '/x')], false],
  ['something else', [copy('in/small', '/x')], false],
] as const) {
  test(`a layer of a file that is still coming is the one of the whole file: ${what}`, { skip }, async () => {
    const { path, write, end, begin, copied, diff, digests } = await world();
    const inode = statSync(path).ino;
    const layer = begin(actions, Promise.resolve());
    for (let piece = 0; piece < 3; piece += 1) {
      write(900_000);
      await sleep(60);
    }
    end();
    const made = await layer;
    const files = readdirSync(diff(made), { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(diff(made), name))).filter((status) => status.isFile());
    assert.equal(files.some(({ ino }) => ino === inode), isMoved);
    for (const file of files) assert.ok(file.size === CONTENT.length || file.size === 'small'.length);
    assert.equal(made.diffId, (await copied(actions)).diffId);
    assert.deepEqual(await Promise.all(digests), isMoved ? [SHA256] : []);
  });
}

test('where more than contents is coming, nothing is looked at before it is whole', { skip }, async () => {
  const { root, snapshots, copied } = await world();
  const context = join(root, 'context');
  const whole = Promise.withResolvers<void>();
  const arriving: Arrival = { files: [{ path: 'in/new', size: 3, modifiedNs: 0n }], isAllElseThere: false, follow: () => () => undefined, digest: () => undefined, whole: whole.promise };
  const actions = [copy('in/new', '/new'), copy('in', '/out')];
  const layer = snapshots.trees.assemble({ base: [], epochSeconds: 3000, sources: [{ kind: 'directory', path: context, arriving }], actions, wanted: Promise.resolve() }, never);
  await sleep(200);
  writeFileSync(join(context, 'in/new'), 'new');
  whole.resolve();
  const { diffId, chain } = await layer;
  assert.ok('crc32' in JSON.parse(readFileSync(join(root, 'layers', chainHex(chain), 'meta.json'), 'utf8')), 'a push of it is checked as that of any other');
  assert.equal(diffId, (await copied(actions)).diffId);
});

test('whoever follows a file stays behind those who bring it, until all is there', { skip }, async () => {
  const { write, end, begin } = await world();
  const children = (): number[] => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const before = new Set(children());
  const wanted = Promise.withResolvers<void>();
  const layer = begin([copy('in', '/out')], wanted.promise);
  write(1000);
  const [child = 0] = children().filter((pid) => !before.has(pid));
  assert.equal(getPriority(child), 19);
  end();
  assert.equal(getPriority(child), getPriority());
  wanted.resolve();
  await layer;
});

test('a layer that nobody wants after all never is, and leaves nothing', { skip }, async () => {
  const { root, path, end, begin } = await world();
  const stop = new AbortController();
  const layer = begin([copy('in', '/out')], new Promise(() => undefined), stop.signal);
  end();
  assert.equal(await Promise.race([layer, sleep(400, 'waits')]), 'waits');
  stop.abort();
  await assert.rejects(layer);
  assert.deepEqual(readdirSync(join(root, 'layers')), []);
  await sleep(100);
  assert.equal(statSync(path).nlink, 1);
  assert.deepEqual(readFileSync(path), CONTENT);
});

test('a file that does not come is the end of its layer, and so is a path that is not there, at once', { skip }, async () => {
  const broken = await world();
  const layer = broken.begin([copy('in', '/out')], Promise.resolve());
  broken.write(1000);
  await eventuallyTold(broken.digests);
  broken.fail(new GantryError('interrupted', 'the context did not come'));
  await assert.rejects(layer, /the context did not come/);
  assert.match(await broken.digests[0] ?? '', /given up/);
  const { begin } = await world();
  await assert.rejects(begin([copy('in/none', '/out')], new Promise(() => undefined)), /"in\/none": not found/);
});

async function eventuallyTold(digests: readonly unknown[]): Promise<void> {
  while (digests.length === 0) await sleep(5);
}
