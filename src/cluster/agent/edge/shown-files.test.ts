import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NodeFiles } from './node-files.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-node-files-'));
after(() => rmSync(root, { recursive: true }));
const node = new NodeFiles({ pods: join(root, 'pods'), claimVolumes: join(root, 'claims'), profiles: join(root, 'profiles'), images: root, mounts: { mountMemory: () => {}, unmount: () => {} } });
const filesOf = (texts: Readonly<Record<string, string>>, mode = 0o640): Parameters<NodeFiles['provideVolume']>[1] =>
  ({ kind: 'files', name: 'v', files: new Map(Object.entries(texts).map(([name, text]) => [name, { bytes: new TextEncoder().encode(text), mode }])) }) as Parameters<NodeFiles['provideVolume']>[1];
const shown = (path: string): Record<string, string> => Object.fromEntries(readdirSync(path).filter((name) => !name.startsWith('..')).sort().map((name) => [name, statSync(join(path, name)).isDirectory() ? readdirSync(join(path, name)).join() : readFileSync(join(path, name), 'utf8')]));

test('a volume shows its files through one link, which changes where they do and not where they stay', async () => {
  const path = await node.provideVolume('pod-1', filesOf({ a: '1', 'deep/er/b': '2' }));
  assert.deepEqual(shown(path), { a: '1', deep: 'er' });
  assert.equal(readFileSync(join(path, 'deep/er/b'), 'utf8'), '2');
  assert.equal(statSync(join(path, 'a')).mode & 0o7777, 0o640);
  assert.equal(readlinkSync(join(path, 'a')), '..data/a');
  const version = readlinkSync(join(path, '..data'));
  assert.equal(await node.provideVolume('pod-1', filesOf({ a: '1', 'deep/er/b': '2' })), path);
  assert.equal(readlinkSync(join(path, '..data')), version);
  await node.provideVolume('pod-1', filesOf({ a: '3', c: '4' }));
  assert.deepEqual(shown(path), { a: '3', c: '4' }, 'what is gone is not shown any more');
  assert.notEqual(readlinkSync(join(path, '..data')), version);
  assert.deepEqual(readdirSync(path).filter((name) => name.startsWith('..')).length, 2, 'the old files are gone: the link and what it leads to is there');
  await node.provideVolume('pod-1', filesOf({ a: '3', c: '4' }, 0o600));
  assert.equal(statSync(join(path, 'c')).mode & 0o7777, 0o600, 'a mode is a change too');
  await node.removeVolumes('pod-1');
  assert.deepEqual(await node.podsWithVolumes(), []);
});

test('the loop goes on between the files of a volume that has many, and a volume may show none', async () => {
  let turns = 0;
  let goesOn = true;
  const count = (): void => {
    turns += 1;
    if (goesOn) setImmediate(count);
  };
  setImmediate(count);
  const path = await node.provideVolume('pod-2', filesOf(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, 'x']))));
  goesOn = false;
  assert.ok(turns >= 6, `${turns} turns for 200 files, 32 at a time`);
  assert.equal(Object.keys(shown(path)).length, 200);
  assert.deepEqual(shown(await node.provideVolume('pod-3', filesOf({}))), {});
  const told = await node.terminationFile('pod-3', 'c-0');
  assert.equal(statSync(told).mode & 0o7777, 0o666);
  assert.equal((await node.readTermination('pod-3', 'c-0', 100)).length, 0);
});
