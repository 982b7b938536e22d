import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftBehind, rootOf } from './left-behind.ts';

test('what is new and whose daemon does not run is left behind', () => {
  const before = ['table gantry_00000001', 'bridge gantry-00000001'];
  const now = [...before, 'control group gantry-00000002', 'table gantry_00000003', 'table gantry_00000003_services', 'bridge gantry-00000003'];
  assert.deepEqual(leftBehind(before, now, new Set(['00000002'])), ['bridge gantry-00000003', 'table gantry_00000003', 'table gantry_00000003_services']);
  assert.deepEqual(leftBehind(before, now, new Set(['00000002', '00000003'])), []);
});

test('the root of a daemon is the last that its command line names', () => {
  assert.equal(rootOf(['node', 'cli.ts', 'daemon', '--root', '/one', '--root', '/two']), '/two');
  assert.equal(rootOf(['gantry', 'dockerd', '--data-root', '/three', '-D']), '/three');
  assert.equal(rootOf(['node', 'cli.ts', 'daemon']), undefined);
});
