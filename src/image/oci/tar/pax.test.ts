import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesToByteString } from './byte-string.ts';
import { formatPax, parsePax, paxTime, textRecord } from './pax.ts';

test('records survive format and parse byte for byte', () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => bytesToByteString(bytes.map((byte) => (byte === 0x3d ? 0x41 : byte))));
  const record = fc.record({ key, value: fc.uint8Array({ maxLength: 1200 }) });
  fc.assert(fc.property(fc.array(record, { maxLength: 5 }), (records) => {
    assert.deepEqual(parsePax(formatPax(records)), records.map(({ key: name, value }) => ({ key: name, value: Uint8Array.from(value) })));
  }));
});

test('the length counts its own digits', () => {
  for (const size of [0, 1, 4, 5, 6, 91, 92, 93, 94, 95, 990, 991, 992, 993]) {
    const bytes = Buffer.from(formatPax([textRecord('k', 'v'.repeat(size))]));
    assert.equal(Number(bytes.toString().split(' ')[0]), bytes.length);
  }
});

test('times before and after the epoch', () => {
  const time = (text: string) => paxTime(textRecord('mtime', text));
  assert.deepEqual(time('1700000000.123456789999'), { seconds: 1700000000, nanoseconds: 123456789 });
  assert.deepEqual(time('5'), { seconds: 5, nanoseconds: 0 });
  assert.deepEqual(time('-1.25'), { seconds: -2, nanoseconds: 750_000_000 });
  assert.deepEqual(time('-0'), { seconds: 0, nanoseconds: 0 });
  for (const text of ['', '.5', '1e5', '1.2.3', '99999999999999999']) assert.throws(() => time(text));
});
