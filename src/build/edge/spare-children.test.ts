import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpareChildren } from './spare-children.ts';

test('builds leave two children behind, for the next one or for a minute', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let wanted = 0;
  const spare = new SpareChildren({ warm: () => {
    wanted += 1;
    return () => { wanted -= 1; };
  } });
  spare.take();
  spare.leave();
  assert.equal(wanted, 0, 'the client ends first');
  mock.timers.tick(100);
  assert.equal(wanted, 2);
  spare.take();
  assert.equal(wanted, 0, 'its steps want their own');
  spare.leave();
  spare.leave();
  mock.timers.tick(100);
  assert.equal(wanted, 2, 'two that end together leave no more');
  mock.timers.tick(60_000);
  assert.equal(wanted, 0);
  spare.leave();
  spare.take();
  mock.timers.tick(60_000);
  assert.equal(wanted, 0, 'what was to be started is not, where the next one has begun');
});
