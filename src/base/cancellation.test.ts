import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancellation } from './cancellation.ts';

test('listeners hear of a cancellation once, also where it is past, and not where they stopped listening', () => {
  const cancellation = new Cancellation();
  const heard: string[] = [];
  cancellation.onCancel(() => heard.push('early'));
  cancellation.onCancel(() => heard.push('stopped'))();
  assert.equal(cancellation.isCancelled, false);
  cancellation.cancel();
  cancellation.cancel();
  cancellation.onCancel(() => heard.push('late'));
  assert.deepEqual(heard, ['early', 'late']);
  assert.equal(cancellation.isCancelled, true);
});
