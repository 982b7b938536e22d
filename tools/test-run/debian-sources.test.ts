import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { debianSources } from './debian-sources.ts';

test('what is unpacked is not fetched again, and what no package has is a reason to skip', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-sources-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, '.cache/debian-sources/known'), { recursive: true });
  const before = process.env['PATH'];
  process.env['PATH'] = root;
  t.after(() => { process.env['PATH'] = before; });
  assert.deepEqual(debianSources(root, 'known'), { path: join(root, '.cache/debian-sources/known'), missing: false });
  const { missing } = debianSources(root, 'unknown');
  assert.match(String(missing), /^unknown of Debian sid: apt-get is not there/);
  assert.ok(!existsSync(join(root, '.cache/debian-sources/unknown')));
});
