import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isOnPath } from './on-path.ts';

test('a program is on the path when a folder of it has an executable of that name', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-programs-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/tool'), '');
  const path = `/no/such/folder:${root}/bin`;
  chmodSync(join(root, 'bin/tool'), 0o644);
  assert.equal(isOnPath('tool', path), false);
  chmodSync(join(root, 'bin/tool'), 0o755);
  assert.equal(isOnPath('tool', path), true);
  assert.equal(isOnPath('other', path), false);
});
