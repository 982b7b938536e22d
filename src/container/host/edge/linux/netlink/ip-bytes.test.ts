import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIp, parseIp, parseIpPrefix } from './ip-bytes.ts';

test('the short form of RFC 5952', () => {
  for (const [written, short] of [
    ['10.0.0.1', '10.0.0.1'], ['::', '::'], ['::1', '::1'], ['fd00:0:0:0:0:0:0:2', 'fd00::2'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'], ['FE80::A', 'fe80::a'], ['1::', '1::'],
  ] as const) assert.equal(formatIp(parseIp(written).bytes), short, written);
});

test('formatting and parsing are inverse', () => {
  const length = fc.constantFrom(4, 16);
  // Many zeros, as in real addresses.
  const bytes = length.chain((count) => fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), { minLength: count, maxLength: count }));
  fc.assert(fc.property(bytes, (values) => {
    assert.deepEqual([...parseIp(formatIp(Uint8Array.from(values))).bytes], values);
  }));
});

test('what is no address is refused', () => {
  for (const text of ['', '10.0.0', '10.0.0.256', 'fe80::1%eth0', ':::', 'localhost']) {
    assert.throws(() => parseIp(text), { kind: 'invalid' }, text);
  }
  for (const text of ['10.0.0.1', '10.0.0.1/33', '::1/129', '10.0.0.1/-1', '/24']) {
    assert.throws(() => parseIpPrefix(text), { kind: 'invalid' }, text);
  }
  assert.equal(parseIpPrefix('fd00::/64').prefixLength, 64);
});
