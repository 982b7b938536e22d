import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { check, libc } from './libc.ts';
import { errnoOf } from './system-error.ts';

test('a failed call becomes an error with the errno, the action and its subject', () => {
  assert.throws(
    () => check('umount2', libc.umount2('/no/such/path', 0), { action: 'unmount /no/such/path', subject: 'mount /no/such/path' }),
    (thrown: unknown) => {
      assert.ok(thrown instanceof GantryError);
      assert.match(thrown.message, /^could not unmount \/no\/such\/path: \(umount2: E(NOENT|PERM): /);
      assert.equal(thrown.subject, 'mount /no/such/path');
      assert.match(errnoOf(thrown) ?? '', /^E(NOENT|PERM)$/);
      return true;
    });
});

test('the result of a successful call passes through, also when it is a bigint', () => {
  assert.equal(check('x', 0, { action: 'x' }), 0);
  assert.equal(check('x', 7n, { action: 'x' }), 7);
});

test("errnoOf also reads Node's own errors, and nothing else", () => {
  assert.equal(errnoOf(captured(() => readFileSync('/no/such/path'))), 'ENOENT');
  assert.equal(errnoOf('ENOENT'), undefined);
  assert.equal(errnoOf(undefined), undefined);
});

function captured(run: () => unknown): unknown {
  try {
    return run();
  } catch (thrown) {
    return thrown;
  }
}
