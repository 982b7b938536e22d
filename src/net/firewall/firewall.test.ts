import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { parseCidr } from '../cidr.ts';
import { parseIp } from '../ip.ts';
import { formatElement, networkElements, publishElements, wantedElements, type Element } from './elements.ts';
import { bridgeSettings, hostSysctls } from './kernel-settings.ts';
import { CHAINS } from './layout.ts';
import type { FirewallNetwork, PublishedPorts } from './model.ts';
import { parseTable, type ObservedTable } from './observe.ts';
import { formatPlan, planFirewall } from './plan.ts';
import { renderPlan } from './render-nft.ts';
import { renderRemoval } from './render-table.ts';

function network(bridge: string, subnets: string[], change: Partial<FirewallNetwork> = {}): FirewallNetwork {
  return { bridge, subnets: subnets.map(parseCidr), internal: false, masquerade: true, betweenContainers: true, ...change };
}

function ports(hostIp: string, hostPort: number, targetIp: string, targetPort: number, change: Partial<PublishedPorts> = {}): PublishedPorts {
  return { protocol: 'tcp', hostIp: parseIp(hostIp), hostPort, targetIp: parseIp(targetIp), targetPort, count: 1, ...change };
}

const blue = network('gt-blue', ['172.18.0.0/16', 'fd00:b::/64']);
const web = ports('0.0.0.0', 8080, '172.18.0.2', 80);
/** As if the kernel had applied them. */
const applied = (elements: readonly Element[]): ObservedTable => ({
  elements, foreign: [], sets: parseTable(EMPTY_TABLE).sets, ruleCounts: new Map(CHAINS.map(({ name, rules }) => [name, rules.length])),
});
const EMPTY_TABLE = listTable([]);

test('networks and ports become elements', () => {
  const networks = [blue, network('gt-in', ['10.1.0.0/24'], { internal: true }), network('gt-flat', ['10.2.0.0/24'], { masquerade: false, betweenContainers: false })];
  const published = [
    web, ports('127.0.0.1', 53, '172.18.0.2', 53, { protocol: 'udp' }), ports('::', 8080, 'fd00:b::2', 80), ports('::1', 8081, 'fd00:b::2', 80),
    ports('0.0.0.0', 9000, '172.18.0.3', 9000, { count: 1000 }), ports('192.0.2.1', 9000, '172.18.0.3', 9000, { count: 2, protocol: 'sctp' }), ports('0.0.0.0', 7000, '172.18.0.3', 8000, { count: 2 }),
  ];
  assert.equal(wantedElements(networks, published).map(formatElement).join('\n'), `
layout 4
bridges gt-blue
same gt-blue gt-blue
own4 172.18.0.0/16 gt-blue
guarded4 172.18.0.0/16
masquerade4 172.18.0.0/16
own6 fd00:b::/64 gt-blue
guarded6 fd00:b::/64
masquerade6 fd00:b::/64
bridges gt-in
internal gt-in
same gt-in gt-in
own4 10.1.0.0/24 gt-in
guarded4 10.1.0.0/24
bridges gt-flat
own4 10.2.0.0/24 gt-flat
publish4_any tcp 8080 -> 172.18.0.2 80
publish4_at 127.0.0.1 udp 53 -> 172.18.0.2 53
publish6_any tcp 8080 -> fd00:b::2 80
publish6_at ::1 tcp 8081 -> fd00:b::2 80
range4_any tcp 9000-9999 -> 172.18.0.3
range4_at 192.0.2.1 sctp 9000-9001 -> 172.18.0.3
publish4_any tcp 7000 -> 172.18.0.3 8000
publish4_any tcp 7001 -> 172.18.0.3 8001`.trim());
});

test('two claims on one port are a conflict, at different addresses and protocols they are not', () => {
  const range = ports('0.0.0.0', 8000, '172.18.0.3', 8000, { count: 100 });
  const clashes: [PublishedPorts, PublishedPorts][] = [
    [web, ports('0.0.0.0', 8080, '172.18.0.9', 1)], [web, range], [range, ports('0.0.0.0', 8099, '172.18.0.9', 8099, { count: 2 })], [range, ports('0.0.0.0', 8050, '172.18.0.9', 80)],
  ];
  for (const [a, b] of clashes) assert.throws(() => wantedElements([], [a, b]), (error) => isKind(error, 'conflict') && /^port \d+$/.test(error.subject ?? ''));
  wantedElements([], [web, ports('0.0.0.0', 8080, '172.18.0.9', 80, { protocol: 'udp' }), ports('127.0.0.1', 8080, '172.18.0.9', 80), ports('::', 8080, 'fd00:b::2', 80), ports('0.0.0.0', 8081, '172.18.0.9', 80)]);
});

test('ports that make no sense are refused', () => {
  const bad = [
    ports('0.0.0.0', 0, '172.18.0.2', 80), ports('0.0.0.0', 65_536, '172.18.0.2', 80), ports('0.0.0.0', 65_535, '172.18.0.2', 80, { count: 2 }), ports('0.0.0.0', 80, '172.18.0.2', 1.5),
    ports('0.0.0.0', 80, '172.18.0.2', 80, { count: 0 }), ports('::', 80, '172.18.0.2', 80), ports('0.0.0.0', 80, '0.0.0.0', 80),
  ];
  for (const each of bad) assert.throws(() => publishElements(each), (error) => isKind(error, 'invalid'));
});

test('a plan is the difference, and the whole table where a difference is not enough', () => {
  const wanted = wantedElements([blue], [web]);
  const was = applied(wantedElements([blue, network('gt-old', ['10.9.0.0/24'])], [ports('0.0.0.0', 8080, '172.18.0.7', 80), ports('0.0.0.0', 1, '172.18.0.7', 1)]));
  assert.equal(formatPlan(planFirewall(applied(wanted), wanted)), 'nothing to do');
  assert.equal(formatPlan(planFirewall(was, wanted)), `
- bridges gt-old
- same gt-old gt-old
- own4 10.9.0.0/24 gt-old
- guarded4 10.9.0.0/24
- masquerade4 10.9.0.0/24
- publish4_any tcp 8080 -> 172.18.0.7 80
- publish4_any tcp 1 -> 172.18.0.7 1
+ publish4_any tcp 8080 -> 172.18.0.2 80`.trim());
  const replaced = (observed: ObservedTable | undefined): string => formatPlan(planFirewall(observed, wanted)).split('\n')[0]!;
  assert.equal(replaced(undefined), 'replace the table: there is none');
  assert.equal(replaced(applied(wanted.filter(({ set }) => set !== 'layout'))), 'replace the table: its layout is of another version');
  assert.equal(replaced({ ...applied(wanted), ruleCounts: new Map([...applied(wanted).ruleCounts, ['forward', 7]]) }), 'replace the table: its chain forward has 7 rules instead of 12');
  assert.equal(replaced({ ...applied(wanted), ruleCounts: new Map() }), 'replace the table: its chain raw_prerouting is missing');
  assert.equal(replaced({ ...applied(wanted), sets: new Set() }), 'replace the table: its set layout is missing');
  assert.equal(replaced({ ...applied(wanted), foreign: ['chain theirs'] }), 'replace the table: it has what is not ours: chain theirs');
});

test('changes are written as elements only, with protocols as numbers and interfaces in quotes', () => {
  const plan = planFirewall(applied(wantedElements([], [ports('0.0.0.0', 1, '172.18.0.7', 1)])), wantedElements([blue], [web, ports('::1', 53, 'fd00:b::2', 53, { protocol: 'udp' })]));
  assert.equal(renderPlan('gantry', plan), `
delete element inet gantry publish4_any { 6 . 1 }
add element inet gantry bridges { "gt-blue" }
add element inet gantry same { "gt-blue" . "gt-blue" }
add element inet gantry own4 { 172.18.0.0/16 . "gt-blue" }
add element inet gantry guarded4 { 172.18.0.0/16 }
add element inet gantry masquerade4 { 172.18.0.0/16 }
add element inet gantry own6 { fd00:b::/64 . "gt-blue" }
add element inet gantry guarded6 { fd00:b::/64 }
add element inet gantry masquerade6 { fd00:b::/64 }
add element inet gantry publish4_any { 6 . 8080 : 172.18.0.2 . 80 }
add element inet gantry publish6_at { ::1 . 17 . 53 : fd00:b::2 . 53 }
`.trimStart());
  assert.equal(renderPlan('gantry', { kind: 'nothing' }), '');
  assert.equal(renderRemoval('gantry_1a'), 'add table inet gantry_1a\ndelete table inet gantry_1a\n');
});

test('never does a name become syntax', () => {
  const add = (element: Element): string => renderPlan('gantry', { kind: 'change', remove: [], add: [element] });
  const hostile = ['', '"', 'a b', 'a;b', 'a\nflush ruleset', 'a}', '{', '*', 'eth*', '-i', '.', 'a'.repeat(16), '@bridges', 'gt\u00e9', 'a"', 'a\\', '$x', 'a,b'];
  for (const name of hostile) assert.throws(() => add({ set: 'bridges', key: [name] }), (error) => isKind(error, 'invalid'), name);
  for (const text of ['', '1.2.3.4/8', '1.2.3', '::1', '10.0.0.0/8 }', '0.0.0.0/0;', '@x']) assert.throws(() => add({ set: 'guarded4', key: [text] }), (error) => isKind(error, 'invalid'), text);
  for (const [protocol, port] of [['icmp', '1'], ['constructor', '1'], ['tcp', '1-2'], ['tcp', '08'], ['tcp', 'http'], ['tcp', '1}']]) {
    assert.throws(() => add({ set: 'publish4_any', key: [protocol!, port!], data: ['10.0.0.1', '1'] }), (error) => isKind(error, 'invalid'));
  }
  for (const table of ['', 'a b', 'A', '1a', 'a;b', 'a"', 'a'.repeat(32)]) assert.throws(() => renderRemoval(table), (error) => isKind(error, 'invalid'));
  assert.throws(() => add({ set: 'publish4_any', key: ['tcp', '1'] }), (error) => isKind(error, 'internal'));
  assert.throws(() => add({ set: 'bridges', key: ['a', 'b'] }), (error) => isKind(error, 'internal'));
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (name) => {
    try {
      assert.match(add({ set: 'bridges', key: [name] }), /^add element inet gantry bridges \{ "[A-Za-z0-9_.-]{1,15}" \}\n$/);
    } catch (error) {
      if (!isKind(error, 'invalid')) throw error;
    }
  }), { numRuns: 300 });
});

test('a listed table is read, with what is not ours named', () => {
  const json = listTable([
    { map: { name: 'publish4_any', elem: [[{ concat: ['tcp', 8080] }, { concat: ['172.18.0.2', 80] }], [{ concat: [17, 53] }, { concat: ['172.18.0.2', 53] }]] } },
    { map: { name: 'range4_any', elem: [[{ concat: ['tcp', { range: [9000, 9999] }] }, '172.18.0.3']] } },
    { set: { name: 'own6', elem: [{ concat: [{ prefix: { addr: 'FD00:B::', len: 64 } }, 'gt-blue'] }] } },
    { set: { name: 'bridges', elem: ['gt-blue', { elem: { val: 'gt-x', comment: 'by hand' } }] } },
    { set: { name: 'internal', elem: [{ weird: 1 }] } },
    { set: { name: 'theirs', elem: ['x'] } },
    { chain: { name: 'forward' } }, { rule: { chain: 'forward' } }, { rule: { chain: 'forward' } }, { chain: { name: 'theirs' } },
  ]);
  const table = parseTable(json);
  assert.deepEqual(table.elements.map(formatElement), [
    'publish4_any tcp 8080 -> 172.18.0.2 80', 'publish4_any udp 53 -> 172.18.0.2 53', 'range4_any tcp 9000-9999 -> 172.18.0.3', 'own6 fd00:b::/64 gt-blue', 'bridges gt-blue', 'bridges gt-x',
  ]);
  assert.deepEqual(table.foreign, ['element {"weird":1} of internal', 'set theirs', 'chain theirs']);
  assert.equal(table.ruleCounts.get('forward'), 2);
  for (const bad of [null, 1, [], {}, { nftables: 'x' }] as Json[]) assert.throws(() => parseTable(bad), (error) => isKind(error, 'internal'));
});

test('the kernel settings of a bridge', () => {
  assert.deepEqual(hostSysctls([blue, network('gt-in', ['10.1.0.0/24'], { internal: true })]).map(({ path }) => path), ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding']);
  assert.deepEqual(hostSysctls([network('gt-in', ['10.1.0.0/24'], { internal: true })]), []);
  assert.deepEqual(bridgeSettings(blue).sysctls.map(({ path, value }) => `${path}=${value}`), ['net/ipv4/conf/gt-blue/route_localnet=1', 'net/ipv6/conf/gt-blue/accept_ra=0', 'net/ipv6/conf/gt-blue/accept_dad=0']);
});

const unshare = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'nft', '--version']).status === 0;

test('what is rendered, the kernel lists as what was wanted', { skip: unshare ? false : 'needs root, unshare and nft' }, () => {
  const networks = [blue, network('gt-in', ['10.1.0.0/24', '10.1.1.0/25'], { internal: true }), network('g.a_t-0', ['192.168.0.0/20'])];
  const first = wantedElements(networks, [web, ports('127.0.0.1', 1, '172.18.0.2', 65_535, { protocol: 'sctp' }), ports('::1', 1, 'fd00:b::2', 2, { protocol: 'udp' })]);
  const second = wantedElements([blue, network('gt-new', ['10.3.0.0/16'])], [
    ports('0.0.0.0', 8080, '172.18.0.9', 80), ports('::', 1, 'fd00:b::2', 2), ports('0.0.0.0', 8192, '172.18.0.3', 8192, { count: 8192 }), ports('192.0.2.1', 9000, '172.18.0.3', 9000, { count: 10 }),
    ports('::', 10, 'fd00:b::2', 10, { count: 65_000 }), ports('2001:db8::1', 10, 'fd00:b::2', 10, { count: 2 }),
    ...Array.from({ length: 1500 }, (_, index) => ports('0.0.0.0', 20_000 + index, '172.18.0.3', 30_000 - index)),
  ]);
  const third = wantedElements([blue], []);
  const texts = [renderPlan('gantry', planFirewall(undefined, first)), ...[[first, second], [second, third], [third, second]].map(([from, to]) => renderPlan('gantry', planFirewall(applied(from!), to!))), renderPlan('gantry', planFirewall(undefined, first)), renderRemoval('gantry')];
  const script = texts.map((text) => `nft -f - <<'END' || exit 1\n${text}END\nnft -j list table inet gantry 2>/dev/null || echo`).join('\n');
  const { stdout, stderr, status } = spawnSync('unshare', ['-n', 'sh', '-c', script], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(status, 0, stderr);
  const listed = stdout.split('\n');
  for (const [index, wanted] of [first, second, third, second, first].entries()) {
    const observed = parseTable(JSON.parse(listed[index]!) as Json);
    assert.equal(formatPlan(planFirewall(observed, wanted)), 'nothing to do', `after step ${index}`);
  }
  assert.equal(listed[5], '', 'the table is gone');
});

function listTable(items: readonly object[]): Json {
  return JSON.parse(JSON.stringify({ nftables: [{ metainfo: { json_schema_version: 1 } }, { table: { family: 'inet', name: 'gantry' } }, ...emptySets(), ...items] })) as Json;
}

function emptySets(): object[] {
  const names = ['layout', 'bridges', 'internal', 'same', 'guarded4', 'guarded6', 'masquerade4', 'masquerade6', 'own4', 'own6', 'open4', 'open6', 'trusted4', 'trusted6', 'routed4', 'routed6'];
  const maps = ['publish', 'range'].flatMap((what) => [4, 6].flatMap((family) => ['any', 'at'].map((scope) => `${what}${family}_${scope}`)));
  maps.push('source4', 'source6');
  return [...names.map((name) => ({ set: { name } })), ...maps.map((name) => ({ map: { name } }))];
}

test('a network may be open, routed, leave by an address of its own, and trust a link', () => {
  const elements = (change: Partial<FirewallNetwork>): string[] => networkElements(network('gt-x', ['10.3.0.0/24'], change)).map(formatElement).filter((text) => !/^(bridges|same|own4) /.test(text));
  assert.deepEqual(elements({}), ['guarded4 10.3.0.0/24', 'masquerade4 10.3.0.0/24']);
  assert.deepEqual(elements({ modes: { 4: 'nat-unprotected' } }), ['open4 gt-x', 'masquerade4 10.3.0.0/24']);
  assert.deepEqual(elements({ modes: { 4: 'routed' } }), []);
  assert.deepEqual(elements({ sourceAddresses: { 4: parseIp('192.0.2.7') } }), ['guarded4 10.3.0.0/24', 'source4 10.3.0.0/24 -> 192.0.2.7']);
  assert.deepEqual(elements({ trustedLinks: ['wg0'] }), ['guarded4 10.3.0.0/24', 'masquerade4 10.3.0.0/24', 'trusted4 wg0 10.3.0.0/24']);
  assert.deepEqual(elements({ internal: true, trustedLinks: ['wg0'], modes: { 4: 'nat-unprotected' } }), ['internal gt-x', 'guarded4 10.3.0.0/24'], 'internal is stronger than all of it');
  assert.deepEqual(publishElements(ports('0.0.0.0', 8080, '10.3.0.2', 80, { isRouted: true, count: 2 })).map(formatElement), ['routed4 10.3.0.2 tcp 80', 'routed4 10.3.0.2 tcp 81']);
});
