import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { whyNoGuest } from '../tools/guest/boot.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const skip = process.env['GANTRY_GUEST'] === '1' ? whyNoGuest() ?? false : 'takes about two minutes: set GANTRY_GUEST=1, or run ./gantry dev guest';

test('what depends on control groups of version 2, in a guest that has no other', { skip, timeout: 600_000 }, () => {
  const ran = spawnSync(LAUNCHER, ['dev', 'guest'], { encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stdout);
  assert.match(ran.stdout, /guest: [1-9]\d* passed, 0 failed/);
});
