import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { VolumePlan } from '../volumes.ts';
import { NodeFiles } from './node-files.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-volumes-'));
after(() => rmSync(root, { recursive: true, force: true }));
const files = new NodeFiles(join(root, 'pods'), join(root, 'volumes'));

test('a volume of a claim is made open to who runs in the pod, keeps what is in it, and goes with all of it', async () => {
  const path = join(root, 'volumes', 'pvc-1');
  const plan = { kind: 'host', name: 'd', path, create: true, mode: 0o777 } as const;
  assert.equal(await files.provideVolume('u', plan), path);
  assert.equal(statSync(path).mode & 0o777, 0o777);
  writeFileSync(join(path, 'f'), 'x');
  await files.provideVolume('u', plan);
  await files.removeVolumes('u');
  assert.ok(existsSync(join(path, 'f')));
  await files.removeClaimVolume(path);
  assert.ok(!existsSync(path));
});

test('nothing but volumes of claims is removed as one', async () => {
  for (const path of [join(root, 'volumes'), join(root, 'pods'), `${root}/volumes/../pods`, `${root}/volumes/a/b`, '/etc', '', 'volumes/x']) {
    await assert.rejects(files.removeClaimVolume(path), /is not removed/, path);
  }
});

test('files change all at once, only where they changed, whatever bytes and modes they have', async () => {
  const bytes = Uint8Array.of(0xff, 0x00, 0x80);
  const plan = (mode: number, ...names: readonly string[]): VolumePlan => ({ kind: 'files', name: 'f', files: new Map(names.map((name) => [name, { bytes, mode }])) });
  const path = await files.provideVolume('v', plan(0o666, 'a', 'd/b'));
  const current = (): string => readlinkSync(join(path, '..data'));
  const first = current();
  assert.deepEqual([readFileSync(join(path, 'd/b')), statSync(join(path, 'a')).mode & 0o777], [Buffer.from(bytes), 0o666]);
  await files.provideVolume('v', plan(0o666, 'a', 'd/b'));
  assert.equal(current(), first, 'nothing changed');
  await files.provideVolume('v', plan(0o400, 'a', 'c'));
  assert.notEqual(current(), first);
  assert.deepEqual(readdirSync(path).filter((name) => !name.startsWith('..')).toSorted(), ['a', 'c']);
  assert.ok(!existsSync(join(path, first)), 'the old ones are gone');
  // A life of the agent that ended between two steps leaves its link behind.
  symlinkSync('nowhere', join(path, '..data_tmp'));
  await files.provideVolume('v', plan(0o444, 'a'));
  assert.deepEqual(readdirSync(path).filter((name) => !name.startsWith('..')), ['a']);
});

test('a run of a container has a file for its last word, that anybody may write, and goes with the pod', async () => {
  const path = await files.terminationFile('t', 'c.0');
  assert.equal(statSync(path).mode & 0o777, 0o666);
  writeFileSync(path, `${'x'.repeat(10)}end`);
  assert.equal(await files.terminationFile('t', 'c.0'), path, 'what is in it stays');
  assert.equal(new TextDecoder().decode(await files.readTermination('t', 'c.0', 5)), 'xxend');
  assert.equal((await files.readTermination('t', 'c.0', 4096)).length, 13);
  assert.equal((await files.readTermination('t', 'none', 4096)).length, 0);
  await files.removeVolumes('t');
  assert.ok(!existsSync(path));
});
