import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpareProcesses } from './_spare-processes.ts';

function pool(): { readonly spare: SpareProcesses<number>; readonly started: () => number; readonly ended: number[]; readonly died: Set<number> } {
  let started = 0;
  const ended: number[] = [];
  const died = new Set<number>();
  const spare = new SpareProcesses<number>({ start: () => started += 1, end: (process) => void ended.push(process), hasEnded: (process) => died.has(process) });
  return { spare, started: () => started, ended, died };
}

test('as many wait as are wanted, four at most, and those are taken first that began first', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { spare, started, died } = pool();
  for (let count = 0; count < 6; count += 1) spare.warm();
  assert.equal(started(), 4);
  died.add(1);
  assert.deepEqual([spare.take(), spare.take(), spare.take(), spare.take()], [2, 3, 4, undefined]);
});

test('what is wanted no more waits for two seconds', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { spare, started, ended } = pool();
  const cool = spare.warm();
  cool();
  cool();
  mock.timers.tick(1999);
  assert.deepEqual(ended, []);
  spare.warm();
  assert.equal(started(), 1, 'the one that waits is enough');
  mock.timers.tick(1);
  assert.deepEqual(ended, []);
  assert.equal(spare.take(), 1);
});

test('the end of an earlier while does not end what the next work is about to take', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { spare, ended } = pool();
  spare.warm()();
  mock.timers.tick(1900);
  spare.warm()();
  mock.timers.tick(200);
  assert.deepEqual(ended, []);
  mock.timers.tick(1800);
  assert.deepEqual(ended, [1]);
});
