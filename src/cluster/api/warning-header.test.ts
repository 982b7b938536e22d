import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningHeaders } from './warning-header.ts';

test('warnings are told once each, and are a header whatever they say', () => {
  assert.deepEqual(warningHeaders(['a "b"', 'a "b"', 'c\r\nx: y é']), ['299 - "a \\"b\\""', '299 - "c??x: y ?"']);
});

test('what is too much for a header is cut', () => {
  const headers = warningHeaders(Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(5000, 'x')));
  assert.equal(headers.length, 16);
  assert.ok(headers.every(({ length }) => length < 300));
  assert.equal(warningHeaders(['x'.repeat(4000)])[0]?.length, 4008);
});
