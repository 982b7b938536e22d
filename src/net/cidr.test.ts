import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import { compareCidr, contains, containsCidr, firstAddress, formatCidr, formatLinkAddress, lastAddress, nthAddress, nthSubnet, overlaps, parseCidr, parseLinkAddress, sizeOf, subnetOf } from './cidr.ts';
import { formatIp, parseIp } from './ip.ts';

test('subnets are read and printed', () => {
  for (const text of ['0.0.0.0/0', '172.17.0.0/16', '10.1.2.3/32', '::/0', 'fd00:1::/64', '2001:db8::1/128']) assert.equal(formatCidr(parseCidr(text)), text);
  assert.equal(formatLinkAddress(parseLinkAddress('172.17.0.1/16')), '172.17.0.1/16');
  for (const text of ['', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/8/8', 'fd00::/129', 'x/8', '172.17.0.1/16']) {
    assert.throws(() => parseCidr(text), (error) => isKind(error, 'invalid'), text);
  }
  assert.throws(() => parseCidr('172.17.0.1/16'), (error) => isKind(error, 'invalid') && error.hint === 'Write 172.17.0.0/16.');
});

test('containment, overlap and arithmetic', () => {
  const table: [string, string, boolean][] = [
    ['10.0.0.0/8', '10.9.0.0/16', true], ['10.9.0.0/16', '10.0.0.0/8', true], ['10.0.0.0/8', '11.0.0.0/8', false],
    ['0.0.0.0/0', '192.168.0.0/20', true], ['0.0.0.0/0', '::/0', false], ['fd00::/64', 'fd00::/64', true], ['fd00::/64', 'fd00:0:0:1::/64', false],
  ];
  for (const [a, b, expected] of table) assert.equal(overlaps(parseCidr(a), parseCidr(b)), expected, `${a} ${b}`);
  const subnet = parseCidr('192.168.16.0/20');
  assert.equal(sizeOf(subnet), 4096n);
  assert.equal(formatIp(lastAddress(subnet)), '192.168.31.255');
  assert.equal(formatIp(nthAddress(subnet, 257)), '192.168.17.1');
  assert.equal(formatIp(nthAddress(parseCidr('fd00::/64'), (1n << 64n) - 1n)), 'fd00::ffff:ffff:ffff:ffff');
  assert.equal(formatCidr(nthSubnet(parseCidr('172.20.0.0/14'), 16, 3)), '172.23.0.0/16');
  assert.throws(() => nthAddress(subnet, 4096), (error) => isKind(error, 'invalid'));
  assert.throws(() => nthSubnet(parseCidr('172.20.0.0/14'), 16, 4), (error) => isKind(error, 'invalid'));
  assert.ok(!contains(subnet, parseIp('192.168.32.0')) && !contains(subnet, parseIp('::c0a8:1000')));
  assert.ok(compareCidr(parseCidr('10.0.0.0/8'), parseCidr('10.0.0.0/16')) < 0);
});

test('a subnet holds its first and last address, and no other', () => {
  fc.assert(fc.property(fc.boolean(), fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.nat(128), (wide, bits, length) => {
    const family = wide ? 6 : 4;
    const width = wide ? 128n : 32n;
    const subnet = subnetOf({ family, value: bits & ((1n << width) - 1n) }, length % (Number(width) + 1));
    assert.deepEqual(parseCidr(formatCidr(subnet)), subnet);
    const [first, last] = [firstAddress(subnet), lastAddress(subnet)];
    assert.ok(contains(subnet, first) && contains(subnet, last) && containsCidr(subnet, subnet));
    if (first.value > 0n) assert.ok(!contains(subnet, { family, value: first.value - 1n }));
    if (last.value < (1n << width) - 1n) assert.ok(!contains(subnet, { family, value: last.value + 1n }));
  }));
});
