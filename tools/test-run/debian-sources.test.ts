import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { debianSources, mirrorIn } from './debian-sources.ts';

test('the mirror is the first Debian archive of either form of source list', () => {
  assert.equal(mirrorIn('Types: deb\n# https://snapshot.test/debian\nURIs: http://one.test/debian-security\nURIs: http://two.test/debian/\nSuites: x\n'), 'http://two.test/debian');
  assert.equal(mirrorIn('# deb http://old.test/debian x main\ndeb [arch=amd64] https://three.test/pub/debian x main\n'), 'https://three.test/pub/debian');
  assert.equal(mirrorIn('deb http://four.test/ubuntu x main\n'), undefined);
});

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
