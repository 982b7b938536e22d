import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import { AddressAllocator, type AllocatorOptions } from './address-allocator.ts';
import { parseCidr } from './cidr.ts';
import { formatIp, parseIp } from './ip.ts';

function allocator(subnet: string, options: Partial<AllocatorOptions> = {}): AddressAllocator {
  return AddressAllocator.of({ subnet: parseCidr(subnet), ...options });
}

function take(from: AddressAllocator, count: number): { given: string[]; allocator: AddressAllocator } {
  const given: string[] = [];
  let current = from;
  for (let index = 0; index < count; index++) {
    const { ip, allocator: after } = current.next();
    given.push(formatIp(ip));
    current = after;
  }
  return { given, allocator: current };
}

test('addresses are given one after the other, the first is the gateway', () => {
  const start = allocator('172.17.0.0/16');
  assert.equal(formatIp(start.gateway!), '172.17.0.1');
  assert.deepEqual(take(start, 3).given, ['172.17.0.2', '172.17.0.3', '172.17.0.4']);
  assert.deepEqual(take(start, 1).given, ['172.17.0.2'], 'the allocator did not change');
  assert.deepEqual(take(allocator('fd00:1::/64'), 2).given, ['fd00:1::2', 'fd00:1::3']);
});

test('a released address rests until the round is over, or is next at once', () => {
  const { allocator: three } = take(allocator('10.0.0.0/29'), 3);
  assert.deepEqual(take(three.release(parseIp('10.0.0.3')), 3).given, ['10.0.0.5', '10.0.0.6', '10.0.0.3']);
  const { allocator: lowest } = take(allocator('10.0.0.0/29', { order: 'lowest' }), 3);
  assert.deepEqual(take(lowest.release(parseIp('10.0.0.3')), 2).given, ['10.0.0.3', '10.0.0.5']);
});

test('requests', () => {
  const asked = allocator('10.0.0.0/24').claim(parseIp('10.0.0.200'));
  assert.deepEqual(take(asked, 1).given, ['10.0.0.2'], 'a request does not move the automatic choice');
  const refused: [string, 'conflict' | 'invalid'][] = [['10.0.0.200', 'conflict'], ['10.0.0.1', 'conflict'], ['10.0.1.1', 'invalid'], ['10.0.0.0', 'invalid'], ['10.0.0.255', 'invalid'], ['fd00::1', 'invalid']];
  for (const [text, kind] of refused) assert.throws(() => asked.claim(parseIp(text)), (error) => isKind(error, kind), text);
  assert.deepEqual(take(allocator('10.0.0.0/24').claim(parseIp('10.0.0.2')), 1).given, ['10.0.0.3']);
});

test('a full subnet says so, and the gateway is not given back', () => {
  const { given, allocator: full } = take(allocator('10.0.0.0/30'), 1);
  assert.deepEqual(given, ['10.0.0.2']);
  assert.throws(() => full.next(), (error) => isKind(error, 'exhausted'));
  assert.throws(() => full.release(parseIp('10.0.0.1')).next(), (error) => isKind(error, 'exhausted'));
  assert.deepEqual(take(full.release(parseIp('10.0.0.2')), 1).given, ['10.0.0.2']);
  assert.deepEqual(take(allocator('10.0.0.0/31', { gateway: null }), 2).given, ['10.0.0.0', '10.0.0.1']);
});

test('the automatic choice is held to a range, and a named gateway is kept', () => {
  const ranged = allocator('10.0.0.0/16', { range: parseCidr('10.0.5.0/30'), gateway: parseIp('10.0.5.2') });
  assert.deepEqual(take(ranged, 3).given, ['10.0.5.0', '10.0.5.1', '10.0.5.3']);
  assert.throws(() => take(ranged, 4), (error) => isKind(error, 'exhausted'));
  assert.ok(ranged.claim(parseIp('10.0.9.9')).isUsed(parseIp('10.0.9.9')));
  assert.throws(() => allocator('10.0.0.0/16', { range: parseCidr('10.1.0.0/24') }), (error) => isKind(error, 'invalid'));
  assert.throws(() => allocator('10.0.0.0/16', { gateway: parseIp('10.1.0.1') }), (error) => isKind(error, 'invalid'));
});

test('after a restart it goes on from the addresses in use', () => {
  const used = ['10.0.0.2', '10.0.0.7', '10.0.0.3', '10.0.0.1'].map(parseIp);
  assert.deepEqual(take(allocator('10.0.0.0/24', { used }), 2).given, ['10.0.0.8', '10.0.0.9']);
  assert.deepEqual(take(allocator('10.0.0.0/24', { used, last: parseIp('10.0.0.3') }), 4).given, ['10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.8']);
  assert.deepEqual(take(allocator('10.0.0.0/29', { used: [parseIp('10.0.0.6')] }), 1).given, ['10.0.0.2'], 'and starts again behind the last');
});

test('never gives an address twice, and gives every one', () => {
  fc.assert(fc.property(fc.array(fc.nat(40), { maxLength: 120 }), fc.constantFrom('lowest' as const, 'after-last' as const), (choices, order) => {
    let current = allocator('10.0.0.0/28', { order });
    const held = new Set<string>(['10.0.0.1']);
    for (const choice of choices) {
      if (choice < 20) {
        const address = `10.0.0.${choice % 14 + 1}`;
        if (address !== '10.0.0.1') held.delete(address);
        current = current.release(parseIp(address));
      } else if (held.size === 14) {
        assert.throws(() => current.next(), (error) => isKind(error, 'exhausted'));
      } else {
        const { ip, allocator: after } = current.next();
        assert.ok(!held.has(formatIp(ip)), formatIp(ip));
        held.add(formatIp(ip));
        current = after;
      }
      assert.equal(current.usedCount(), BigInt(held.size));
    }
  }));
});

test('a whole /16 is filled and emptied quickly', () => {
  const started = performance.now();
  const { allocator: full } = take(allocator('10.0.0.0/16'), 65_533);
  assert.throws(() => full.next(), (error) => isKind(error, 'exhausted'));
  assert.ok(performance.now() - started < 5000);
});
