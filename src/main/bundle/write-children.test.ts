import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import vm from 'node:vm';
import { CHILD_PROGRAMS, ChildCode, readManifest, type ChildManifest } from '#image/snapshot/edge/child-code.ts';
import { OverlaySnapshots } from '#image/snapshot/edge/overlay-snapshots.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { writeChildren } from './write-children.ts';

const root = mkdtempSync(`${tmpdir()}/gantry-children-test-`);
const bundle = `${root}/bundle`;
const skip = process.getuid?.() === 0 ? false : 'needs root: these programs confine themselves';
const signal = new AbortController().signal;

before(async () => {
  mkdirSync(`${root}/context`);
  writeFileSync(`${root}/context/a`, 'a');
  await writeChildren(bundle);
});
after(() => rmSync(root, { recursive: true, force: true }));

const manifest = (): ChildManifest => readManifest(bundle) as ChildManifest;
const layerOf = async (name: string): Promise<{ readonly chain: string; readonly tar: string; readonly gzip: string }> => {
  const snapshots = await OverlaySnapshots.open(`${root}/${name}`, new SystemHasher(), `${root}/code-cache`, bundle);
  const { chain } = await snapshots.trees.assemble({
    base: [], sources: [{ kind: 'directory', path: `${root}/context` }], epochSeconds: 1,
    actions: [{ kind: 'copy', destination: '/b', source: 0, parts: [{ name: 'a' }], pattern: 'a', rules: [], unpacks: false, isRequired: true }],
  }, signal);
  const tar: Uint8Array[] = [];
  for await (const piece of snapshots.exportLayer(chain)) tar.push(piece);
  const again = await snapshots.unpack({ source: { kind: 'stream', bytes: (async function* () { yield* tar; })() } });
  assert.equal(again.chain, chain);
  const compressed = snapshots.compressLayer(chain);
  const gzip: Uint8Array[] = [];
  for await (const piece of compressed.bytes) gzip.push(Uint8Array.from(piece));
  await snapshots.settled();
  return { chain, tar: Buffer.concat(tar).toString('latin1'), gzip: Buffer.concat(gzip).toString('latin1') };
};

test('every script comes with all of its code compiled', () => {
  for (const program of CHILD_PROGRAMS) {
    const filename = `${bundle}/${manifest().name}-${program}.js`;
    const script = new vm.Script(readFileSync(filename, 'latin1'), { filename, cachedData: readFileSync(`${filename}.cache`) });
    assert.equal(script.cachedDataRejected, false, program);
  }
});

test('the scripts do what the modules do, and run while they fit the sources', { skip }, async () => {
  const fromScripts = await layerOf('scripts');
  const { name, sources } = manifest();
  const started = ChildCode.open(`${root}/code-cache`, bundle).startOf('tree-child');
  assert.deepEqual(started, { args: [`${bundle}/start.cjs`, `${bundle}/${name}-tree-child.js`], env: {} });
  const [first, ...rest] = sources;
  assert.ok(first !== undefined && first[0].startsWith('src/'));
  writeFileSync(`${bundle}/manifest.json`, JSON.stringify({ name, sources: [[first[0], first[1], first[2] - 1], ...rest] }));
  assert.match(ChildCode.open(`${root}/code-cache`, bundle).startOf('tree-child').args[0] ?? '', /tree-child\.ts$/);
  assert.deepEqual(await layerOf('modules'), fromScripts);
});

test('a daemon whose scripts have been taken away goes on with the modules', async () => {
  await writeChildren(bundle);
  const code = ChildCode.open(`${root}/code-cache`, bundle);
  assert.match(code.startOf('tree-child').args[0] ?? '', /start\.cjs$/);
  rmSync(`${bundle}/${manifest().name}-tree-child.js`);
  assert.match(code.startOf('tree-child').args[0] ?? '', /tree-child\.ts$/);
});
