import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DirectoryPlan } from '../volumes.ts';
import { NodeFiles } from './node-files.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-volumes-'));
after(() => rmSync(root, { recursive: true, force: true }));
const mounted: string[] = [];
const files = new NodeFiles({ pods: join(root, 'pods'), claimVolumes: join(root, 'volumes'), profiles: join(root, 'seccomp'), images: root, mounts: { mountMemory: (path, options) => void mounted.push(`${path.slice(root.length)} ${options}`), unmount: () => {} } });

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
  const plan = (mode: number, ...names: readonly string[]): DirectoryPlan => ({ kind: 'files', name: 'f', files: new Map(names.map((name) => [name, { bytes, mode }])) });
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

const skip = process.getuid?.() !== 0 && 'only root gives files away';

test('a directory of a pod is open to who runs there; one in memory is mounted with its size', async () => {
  const path = await files.provideVolume('e', { kind: 'empty', name: 'd', memory: false });
  assert.equal(statSync(path).mode & 0o7777, 0o777);
  await files.provideVolume('e', { kind: 'empty', name: 'm', memory: true, sizeBytes: 4096 });
  assert.deepEqual(mounted, ['/pods/e/m mode=777,size=4096']);
});

test('a group gets all of a volume, once, and what links lead to is not touched', { skip }, async () => {
  const outside = join(root, 'outside');
  writeFileSync(outside, '', { mode: 0o600 });
  const plan = { kind: 'host', name: 'c', path: join(root, 'volumes', 'pvc-2'), create: true, mode: 0o777, group: { gid: 4321, onlyWhereRootDiffers: false } } as const;
  const path = await files.provideVolume('g', { ...plan, group: undefined } as unknown as DirectoryPlan);
  mkdirSync(join(path, 'd'), { mode: 0o700 });
  writeFileSync(join(path, 'd/f'), '', { mode: 0o600 });
  symlinkSync(outside, join(path, 'link'));
  const seen = (name: string): readonly unknown[] => { const { gid, mode } = statSync(join(path, name)); return [gid, (mode & 0o7777).toString(8)]; };
  await files.provideVolume('g', plan);
  assert.deepEqual([seen(''), seen('d'), seen('d/f')], [[4321, '2777'], [4321, '2770'], [4321, '660']]);
  assert.deepEqual([statSync(outside).gid, statSync(outside).mode & 0o777], [process.getgid?.(), 0o600]);
  writeFileSync(join(path, 'later'), '', { mode: 0o600 });
  chownSync(join(path, 'later'), 0, 0);
  await files.provideVolume('g', plan);
  assert.deepEqual(seen('later'), [0, '600'], 'a container that starts again changes nothing');
  await files.removeVolumes('g');
  await files.provideVolume('g2', { ...plan, group: { ...plan.group, onlyWhereRootDiffers: true } });
  assert.deepEqual(seen('later'), [0, '600'], 'nor does a pod that is content with the root');
  await files.provideVolume('g3', plan);
  assert.deepEqual(seen('later'), [4321, '660']);
});

test('files that a volume shows are of the group from the first moment', { skip }, async () => {
  const path = await files.provideVolume('h', { kind: 'files', name: 'f', group: { gid: 4321, onlyWhereRootDiffers: false }, files: new Map([['a', { bytes: Uint8Array.of(1), mode: 0o440 }]]) });
  assert.deepEqual([statSync(join(path, 'a')).gid, statSync(join(path, 'a')).mode & 0o777], [4321, 0o440]);
});

test('a seccomp profile is one of the node, or the reason says where it is looked for', async () => {
  mkdirSync(join(root, 'seccomp/team'), { recursive: true });
  writeFileSync(join(root, 'seccomp/team/ok.json'), '{"defaultAction":"SCMP_ACT_ALLOW"}');
  writeFileSync(join(root, 'seccomp/bad.json'), '{');
  assert.equal(await files.seccompProfile('team/ok.json'), '{"defaultAction":"SCMP_ACT_ALLOW"}');
  await assert.rejects(files.seccompProfile('none.json'), { kind: 'not-found', hint: `put it into ${root}/seccomp` });
  await assert.rejects(files.seccompProfile('bad.json'), /is no JSON/);
  for (const path of ['../secret', '/etc/passwd', 'a/../../b', '']) await assert.rejects(files.seccompProfile(path), /is no path below/, path);
});
