import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, renderCounts, type Result } from './result.ts';
import { afterSecondLook, forSecondLook } from './second-look.ts';

const failure = { name: 'a', detail: 'E' };
const passed = (path: string): Result => ({ path, passed: 1, failures: [], skips: [], durationMs: 1 });
const failed = (path: string): Result => ({ ...passed(path), passed: 0, failures: [failure] });

test('a few files that failed are looked at once more', () => {
  assert.deepEqual(forSecondLook([passed('test/a.test.ts'), failed('test/b.test.ts'), failed('test/c.test.ts')]), ['test/b.test.ts', 'test/c.test.ts']);
  assert.deepEqual(forSecondLook(['a', 'b', 'c'].map((name) => failed(`test/${name}.test.ts`))), [], 'many have a reason');
});

test('what chance found is found', () => {
  for (const path of ['test/security/runtime.test.ts', 'test/crash/kill-under-load.test.ts', 'test/fuzz-api.test.ts']) assert.deepEqual(forSecondLook([failed(path)]), []);
});

test('what fails twice has failed, what fails once is unsteady and told', () => {
  const results = [passed('a'), failed('b'), failed('c')];
  const held = afterSecondLook(results, [passed('b'), failed('c')]);
  assert.deepEqual(held, [passed('a'), { ...passed('b'), unsteady: [failure] }, failed('c')]);
  assert.equal(count(held).unsteady, 1);
  assert.equal(renderCounts(count(held)), '2 passed, 1 failed, 0 skipped');
  assert.equal(renderCounts(count(results.slice(0, 1))), '1 passed, 0 failed, 0 skipped');
});
