import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import { compareIp, formatIp, isLoopback, isUnspecified, parseIp, tryParseIp, type Ip } from './ip.ts';

const anyIp: fc.Arbitrary<Ip> = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value): Ip => ({ family: 4, value })),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value): Ip => ({ family: 6, value })),
  // Sparse groups, where the shortening rules are.
  fc.array(fc.constantFrom<bigint>(0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 })
    .map((groups): Ip => ({ family: 6, value: groups.reduce((value: bigint, group) => (value << 16n) | group, 0n) })),
);

test('addresses are printed canonically (RFC 5952 section 4 and 5)', () => {
  const table: [string, string][] = [
    ['0.0.0.0', '0.0.0.0'], ['255.255.255.255', '255.255.255.255'], ['10.0.1.2', '10.0.1.2'],
    ['::', '::'], ['::1', '::1'], ['1::', '1::'], ['2001:0DB8:0:0:0:0:0:0001', '2001:db8::1'], ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::FFFF:c000:201', '::ffff:192.0.2.1'], ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'], ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'], ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ];
  for (const [text, canonical] of table) assert.equal(formatIp(parseIp(text)), canonical, text);
});

test('what is no address is refused', () => {
  for (const text of ['', '1', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', '1.2.3.-4', '1.2.3.4 ', '0x1.2.3.4', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::', '::12345', '::g', 'fe80::1%eth0', '1.2.3.4::', '::1.2.3', '::1.2.3.4:5', '[::1]', '1.2.3.4/8', '\u0661.2.3.4', ':1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:']) {
    assert.equal(tryParseIp(text), undefined, text);
    assert.throws(() => parseIp(text), (error) => isKind(error, 'invalid'));
  }
});

test('reading undoes printing, and the platform agrees', () => {
  fc.assert(fc.property(anyIp, (ip) => {
    const text = formatIp(ip);
    assert.deepEqual(parseIp(text), ip);
    assert.equal(isIP(text), ip.family);
    // The URL parser prints IPv6 by the same RFC, but never in the mixed form.
    if (ip.family === 6 && !text.includes('.')) assert.equal(new URL(`http://[${text}]`).hostname, `[${text}]`);
  }), { numRuns: 500 });
  fc.assert(fc.property(fc.stringMatching(/^[0-9a-f:.]{1,20}$/), (text) => {
    assert.equal(tryParseIp(text)?.family ?? 0, isIP(text), text);
  }), { numRuns: 1000 });
});

test('order and kinds', () => {
  const sorted = ['10.0.0.9', '10.0.0.10', '::1', 'fd00::'].map(parseIp);
  assert.deepEqual(sorted.toReversed().sort(compareIp), sorted);
  assert.ok(isLoopback(parseIp('127.9.9.9')) && isLoopback(parseIp('::1')) && !isLoopback(parseIp('126.0.0.1')) && !isLoopback(parseIp('::2')));
  assert.ok(isUnspecified(parseIp('0.0.0.0')) && isUnspecified(parseIp('::')) && !isUnspecified(parseIp('::1')));
});
