import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { ImageTrouble } from './pod-image.ts';
import { troubleOf, type Trouble } from './trouble.ts';

/** Reasons and waits of so many failures in a row. */
function failing(thrown: unknown, times: number, container = 'c'): string[] {
  let before: Trouble | undefined;
  return Array.from({ length: times }, () => {
    before = troubleOf(thrown, container, 'CreateContainerError', before, 0);
    return `${before.reason} ${before.untilMs}`;
  });
}

test('what can not be made is tried later each time, up to five minutes', () => {
  assert.deepEqual(failing(new GantryError('internal', 'x'), 9).map((text) => Number(text.split(' ')[1])), [4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
});

test('its reason is that of the image, of the configuration, or of what was tried', () => {
  assert.deepEqual(failing(new ImageTrouble('ErrImagePull', 'x'), 2), ['ErrImagePull 4000', 'ImagePullBackOff 8000']);
  assert.deepEqual(failing(new ImageTrouble('ErrImageNeverPull', 'x'), 2), ['ErrImageNeverPull 4000', 'ErrImageNeverPull 8000'], 'nobody pulls that later');
  assert.deepEqual(failing(new GantryError('not-found', 'secret "s" not found'), 1), ['CreateContainerConfigError 4000']);
  assert.deepEqual(failing(new GantryError('not-found', 'x'), 1, 'POD'), ['CreateContainerError 4000']);
  assert.deepEqual(failing(new GantryError('internal', 'x'), 1), ['CreateContainerError 4000']);
});
