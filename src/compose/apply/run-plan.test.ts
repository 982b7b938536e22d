import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { PlanBuilder, type Plan } from '../plan/plan.ts';
import { runPlan, type Progress } from './run-plan.ts';

const quiet: Progress = { begin: () => {}, done: () => {}, failed: () => {}, warn: () => {} };

/** Networks by name, each after those of the numbers. */
function planOf(...steps: readonly (readonly [name: string, after: readonly number[]])[]): Plan {
  const builder = new PlanBuilder();
  for (const [name, after] of steps) builder.add({ kind: 'remove-network', name }, 'a test', after);
  return builder.build();
}

const nameOf = ({ step }: Plan['nodes'][number]): string => (step.kind === 'remove-network' ? step.name : '');

test('what does not come after another is done beside it, and no more at a time than may be', async () => {
  for (const [parallel, most] of [[-1, 3], [2, 2], [1, 1]] as const) {
    let now = 0;
    let highest = 0;
    const order: string[] = [];
    const done = await runPlan(planOf(['a', []], ['b', []], ['c', []], ['d', [1, 2, 3]]), async (node) => {
      highest = Math.max(highest, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(nameOf(node));
      now--;
    }, { progress: quiet, parallel, isCancelled: () => false });
    assert.deepEqual([done, highest, order.at(-1)], [true, most, 'd']);
  }
});

test('after a failure nothing new begins, and what has begun is waited for', async () => {
  const began: string[] = [];
  const ended: string[] = [];
  await assert.rejects(runPlan(planOf(['bad', []], ['slow', []], ['later', [2]]), async (node) => {
    began.push(nameOf(node));
    await new Promise((resolve) => setImmediate(resolve));
    if (nameOf(node) === 'bad') throw new GantryError('conflict', 'no');
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(nameOf(node));
  }, { progress: quiet, parallel: -1, isCancelled: () => false }), /^GantryError: no$/);
  assert.deepEqual([began, ended], [['bad', 'slow'], ['slow']]);
});

test('an interrupt lets what has begun end, and says that not all was done', async () => {
  let cancelled = false;
  const ended: string[] = [];
  const done = await runPlan(planOf(['a', []], ['b', [1]]), async (node) => {
    cancelled = true;
    ended.push(nameOf(node));
  }, { progress: quiet, parallel: -1, isCancelled: () => cancelled });
  assert.deepEqual([done, ended], [false, ['a']]);
});
