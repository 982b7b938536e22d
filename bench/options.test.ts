import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from './options.ts';

test('defaults and what overrides them', () => {
  assert.deepEqual(parseOptions([], {}), { runs: 20, containers: 50, crowd: 500, suites: ['commands', 'api', 'compose', 'load', 'memory'], format: 'markdown', state: '/var/tmp/gantry-bench', peers: '/var/tmp/gantry-peers' });
  assert.equal(parseOptions(['--client', '/usr/bin/docker'], {}).client, '/usr/bin/docker');
  assert.deepEqual(parseOptions(['--runs', '50', '--containers=3', '--crowd', '9', '--format', 'json', '--state', '/x'], { GANTRY_PEERS_ROOT: '/p' }),
    { runs: 50, containers: 3, crowd: 9, suites: ['commands', 'api', 'compose', 'load', 'memory'], format: 'json', state: '/x', peers: '/p' });
});

test('what is measured', () => {
  assert.deepEqual(parseOptions(['--images'], {}).suites, ['commands', 'api', 'compose', 'load', 'memory', 'images']);
  assert.deepEqual(parseOptions(['--only', 'builds,load'], {}).suites, ['builds', 'load']);
  assert.throws(() => parseOptions(['--only', 'speed'], {}), /--only takes some of commands,.*, not "speed"/);
});

test('what makes no sense is refused', () => {
  assert.throws(() => parseOptions(['--runs', '0'], {}), /--runs takes a whole number above 0/);
  assert.throws(() => parseOptions(['--format', 'xml'], {}), /markdown or json/);
  assert.throws(() => parseOptions(['--round', '5'], {}), /--round/);
});
