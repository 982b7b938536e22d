import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeInTurn, type Subject } from './time-in-turn.ts';

test('each subject is tried, warmed up, and measured in turn; who fails is left out', async () => {
  const done: string[] = [];
  const subject = (engine: string): Subject => ({ what: 'act', engine, attempt: () => done.push(engine) });
  const failing: Subject = { what: 'act', engine: 'c', attempt: () => Promise.reject(new Error('cannot')) };
  const refused: string[] = [];
  const timings = await timeInTurn([subject('a'), failing, subject('b')], 2, (message) => refused.push(message), 3, 0);
  assert.deepEqual(refused, ['c, act: cannot']);
  assert.equal(done.join(''), 'ab' + 'abbaab' + 'baab');
  assert.deepEqual(timings, [{ what: 'act', engine: 'a', ms: [10, 11] }, { what: 'act', engine: 'b', ms: [9, 12] }]);
});
