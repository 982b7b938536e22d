import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { placeClient } from './docker-client.ts';

test('a client that is given is copied to the state, ready to run; otherwise it is the side root\'s', (t) => {
  const state = mkdtempSync(join(tmpdir(), 'gantry-client-'));
  t.after(() => rmSync(state, { recursive: true }));
  writeFileSync(join(state, 'given'), 'program', { mode: 0o600 });
  assert.equal(placeClient({ state }), 'docker');
  for (const _ of ['first', 'again']) assert.equal(placeClient({ state, client: join(state, 'given') }), '/mnt/state/client/docker');
  assert.equal(readFileSync(join(state, 'client/docker'), 'utf8'), 'program');
  assert.equal(statSync(join(state, 'client/docker')).mode & 0o777, 0o755);
  assert.throws(() => placeClient({ state, client: join(state, 'missing') }), /--client takes the path of a docker program: ENOENT/);
});
