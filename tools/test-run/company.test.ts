import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inCompany, named } from './company.ts';
import { scenarioTests } from './test-files.ts';

test('those that measure are kept apart, those that wait go beside the others, and those that take longest begin first', () => {
  assert.deepEqual(inCompany(['test/a.test.ts', 'test/health.test.ts', 'test/crash/kill-under-load.test.ts', 'test/compose.test.ts', 'test/shop.test.ts']), {
    together: ['test/shop.test.ts', 'test/compose.test.ts', 'test/a.test.ts'], patient: ['test/health.test.ts'], alone: ['test/crash/kill-under-load.test.ts'],
  });
});

test('each file that is named is there', () => {
  const there = scenarioTests(new URL('../..', import.meta.url).pathname);
  assert.deepEqual(named.filter((path) => !there.includes(path)), []);
});
