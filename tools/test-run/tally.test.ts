import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, renderCounts } from './result.ts';
import { tally, type Ending, type TestEvent } from './tally.ts';

const ended: Ending = { code: 0, timedOut: false, durationMs: 12, output: 'printed' };
const good: TestEvent = { name: 'a', passed: true, suite: false };

test('tests count, suites do not', () => {
  const { passed, failures, skips } = tally('x.test.ts', [good, { ...good, name: 's', suite: true }], ended);
  assert.deepEqual([passed, failures, skips], [1, [], []]);
});

test('a failure counts once, where it happened', () => {
  const { passed, failures } = tally('x.test.ts', [
    { name: 's > a', passed: false, suite: false, failureType: 'testCodeFailure', error: 'E' },
    { name: 's', passed: false, suite: true, failureType: 'subtestsFailed' },
  ], { ...ended, code: 1 });
  assert.deepEqual([passed, failures], [0, [{ name: 's > a', detail: 'E' }]]);
});

test('a hook that throws fails its suite', () => {
  const { failures } = tally('x.test.ts', [good, { name: 's', passed: false, suite: true, failureType: 'hookFailed', error: 'E' }], { ...ended, code: 1 });
  assert.equal(failures.length, 1);
});

test('a skipped test says why', () => {
  const { passed, skips } = tally('x.test.ts', [{ ...good, skip: 'needs root' }, { ...good, skip: true }, { ...good, passed: false, todo: 'later' }], ended);
  assert.deepEqual([passed, skips.map(({ reason }) => reason)], [0, ['needs root', 'no reason is given', 'to do: later']]);
});

test('a file that dies, hangs or tests nothing fails', () => {
  const names = (events: TestEvent[], ending: Partial<Ending>) => tally('x.test.ts', events, { ...ended, ...ending }).failures.map(({ name }) => name);
  assert.deepEqual(names([good], { code: 7 }), ['the file ended with 7']);
  assert.deepEqual(names([good], { code: null }), ['the file ended with a signal']);
  assert.deepEqual(names([good], { code: null, timedOut: true, durationMs: 240_000 }), ['the file did not end within 240 s and was stopped']);
  assert.deepEqual(names([], {}), ['the file holds no test']);
});

test('counts add up over files', () => {
  const results = [tally('a', [good, good], ended), tally('b', [{ ...good, skip: 'x' }], ended), tally('c', [], ended)];
  assert.equal(renderCounts(count(results)), '2 passed, 1 failed, 1 skipped');
});
