import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { isKind } from '#base/error.ts';
import { chooseSubnet, DEFAULT_POOLS, deriveSubnet6, refuseOverlap } from './address-pool.ts';
import { formatCidr, overlaps, parseCidr, type Cidr } from './cidr.ts';

function chooseMany(count: number, routes: readonly string[]): string[] {
  const taken: Cidr[] = routes.map(parseCidr);
  return Array.from({ length: count }, () => {
    const subnet = chooseSubnet(taken);
    taken.push(subnet);
    return formatCidr(subnet);
  });
}

test("subnets come in Docker's order, and go on where Docker ends", () => {
  const chosen = chooseMany(15 + 16 + 256, []);
  assert.deepEqual(chosen.slice(0, 4), ['172.17.0.0/16', '172.18.0.0/16', '172.19.0.0/16', '172.20.0.0/16']);
  assert.deepEqual(chosen.slice(14, 17), ['172.31.0.0/16', '192.168.0.0/20', '192.168.16.0/20']);
  assert.deepEqual(chosen.slice(30, 32), ['192.168.240.0/20', '10.128.0.0/16']);
  assert.equal(chosen.at(-1), '10.127.0.0/16');
  const subnets = chosen.map(parseCidr);
  assert.ok(subnets.every((a, index) => subnets.every((b, other) => index === other || !overlaps(a, b))));
});

test('routes of the host are kept clear of, default routes are not routes', () => {
  const routes = ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '::/0', '172.16.0.0/12', '192.168.1.0/24', '192.168.20.5/32', '10.0.0.0/8'];
  assert.deepEqual(chooseMany(2, routes), ['192.168.32.0/20', '192.168.48.0/20']);
  assert.throws(() => chooseMany(1, [...routes, '192.168.0.0/16']), (error) => isKind(error, 'exhausted') && /hint|routes/.test(error.message));
});

test('a large pool behind one route is not walked', () => {
  const pools = [{ range: parseCidr('10.0.0.0/8'), prefix: 30 }];
  const started = performance.now();
  assert.equal(formatCidr(chooseSubnet([parseCidr('10.0.0.0/9'), parseCidr('10.128.0.4/30')], pools)), '10.128.0.0/30');
  assert.throws(() => chooseSubnet([parseCidr('10.0.0.0/8')], pools), (error) => isKind(error, 'exhausted'));
  assert.ok(performance.now() - started < 1000);
});

test('choosing among the defaults is quick with many routes', () => {
  const routes = Array.from({ length: 2000 }, (_, index) => parseCidr(`203.${index % 250}.${Math.trunc(index / 250)}.0/24`));
  const started = performance.now();
  assert.equal(formatCidr(chooseSubnet(routes, DEFAULT_POOLS)), '172.17.0.0/16');
  assert.ok(performance.now() - started < 1000);
});

test('an IPv6 subnet depends on its seed, and avoids what is taken', () => {
  const hasher = new SystemHasher();
  const first = deriveSubnet6('machine network', hasher, [parseCidr('::/0')]);
  assert.match(formatCidr(first), /^fd[0-9a-f:]+::\/64$/);
  assert.deepEqual(deriveSubnet6('machine network', hasher, []), first);
  assert.notDeepEqual(deriveSubnet6('machine other', hasher, []), first);
  const second = deriveSubnet6('machine network', hasher, [first]);
  assert.ok(!overlaps(first, second));
  assert.throws(() => deriveSubnet6('machine network', hasher, [parseCidr('fc00::/7')]), (error) => isKind(error, 'exhausted'));
});

test('a named subnet that overlaps a network is refused with its name', () => {
  const networks = new Map([['bridge', [parseCidr('172.17.0.0/16')]], ['blue', [parseCidr('10.0.0.0/24'), parseCidr('fd00::/64')]]]);
  refuseOverlap(parseCidr('10.0.1.0/24'), networks);
  assert.throws(() => refuseOverlap(parseCidr('10.0.0.0/16'), networks), (error) => isKind(error, 'conflict') && error.subject === 'network blue');
});
