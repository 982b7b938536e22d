import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { drained } from './drained.ts';

for (const event of ['drain', 'close'] as const) {
  test(`a wait for a reader ends with ${event}, and leaves no listener behind`, async () => {
    const stream = new EventEmitter();
    const waiting = drained(stream);
    assert.equal(stream.listenerCount('drain') + stream.listenerCount('close'), 2);
    stream.emit(event);
    await waiting;
    assert.equal(stream.listenerCount('drain') + stream.listenerCount('close'), 0);
  });
}
