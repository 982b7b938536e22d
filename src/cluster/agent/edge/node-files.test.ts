import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
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
