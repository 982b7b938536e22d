import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpareChild } from './spare-child.ts';

test('builds leave one child behind, for the next one or for a minute', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let wanted = 0;
  const spare = new SpareChild({ warm: () => {
    wanted += 1;
    return () => { wanted -= 1; };
  } });
  spare.take();
  spare.leave();
  assert.equal(wanted, 0, 'the client ends first');
  mock.timers.tick(250);
  assert.equal(wanted, 1);
  spare.take();
  assert.equal(wanted, 0, 'its steps want their own');
  spare.leave();
  spare.leave();
  mock.timers.tick(250);
  assert.equal(wanted, 1, 'two that end together leave one');
  mock.timers.tick(60_000);
  assert.equal(wanted, 0);
  spare.leave();
  spare.take();
  mock.timers.tick(60_000);
  assert.equal(wanted, 0, 'what was to be started is not, where the next one has begun');
});
