import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import { formatElement, keyOf as elementKey } from '../firewall/elements.ts';
import { chooser, serviceTable } from './layout.ts';
import type { Backend, Frontend } from './model.ts';
import { arrange, chooserOf, elementsOf } from './plan.ts';
import { renderChange, ServiceTable, type TableChange } from './service-table.ts';

const RANGE = '10.96.0.0/16';
const at = (...numbers: readonly number[]): Backend[] => numbers.map((number) => ({ address: `10.1.${number >> 8}.${number & 255}`, port: 8080 }));
const frontend = (backends: readonly Backend[], more: Partial<Frontend> = {}): Frontend => ({ protocol: 'tcp', address: '10.96.0.1', port: 80, backends, ...more });
const lines = ({ chains, remove, add }: TableChange): string => [...chains.map((name) => `chain ${name}`), ...remove.map((element) => `- ${formatElement(element)}`), ...add.map((element) => `+ ${formatElement(element)}`)].join('\n');

test('a service is an element for its frontend and one for each backend', () => {
  const table = new ServiceTable();
  assert.equal(lines(table.put('default/web', [frontend(at(1, 2)), { protocol: 'udp', port: 30053, backends: at(9) }])), `
chain pick_at_2
chain pick_any_1
+ frontend_at 10.96.0.1 tcp 80 -> pick_at_2
+ backend_at 10.96.0.1 tcp 80 0:1 -> 10.1.0.1 8080
+ backend_at 10.96.0.1 tcp 80 0:2 -> 10.1.0.2 8080
+ frontend_any udp 30053 -> pick_any_1
+ backend_any udp 30053 0:1 -> 10.1.0.9 8080`.trim());
});

test('a change costs what changed: the last backend takes the place of one that leaves', () => {
  const table = new ServiceTable();
  table.put('a', [frontend(at(1, 2, 3, 4))]);
  assert.equal(lines(table.put('a', [frontend(at(4, 3, 1))])), `
chain pick_at_3
- frontend_at 10.96.0.1 tcp 80 -> pick_at_4
- backend_at 10.96.0.1 tcp 80 0:2 -> 10.1.0.2 8080
- backend_at 10.96.0.1 tcp 80 0:4 -> 10.1.0.4 8080
+ frontend_at 10.96.0.1 tcp 80 -> pick_at_3
+ backend_at 10.96.0.1 tcp 80 0:2 -> 10.1.0.4 8080`.trim());
  assert.equal(lines(table.put('a', [frontend(at(1, 3, 4))])), '', 'the order in which backends are told means nothing');
  assert.equal(lines(table.put('a', [])).split('\n').length, 4);
  assert.deepEqual(table.owners(), []);
});

test('without backends clients are refused, or wait where that is asked for', () => {
  const table = new ServiceTable();
  assert.equal(lines(table.put('a', [frontend([])])), '');
  assert.equal(lines(table.put('a', [frontend([], { isSilent: true })])), '+ frontend_at 10.96.0.1 tcp 80 -> silent');
});

test('a client with affinity finds its backend by a class that stays whoever comes and goes', () => {
  const classes = (backends: readonly Backend[]): Map<string, string> => new Map(elementsOf(frontend(backends, { affinitySeconds: 60 })).filter(({ set }) => set === 'kept_at').map(({ key, data }) => [data?.[0] ?? '', key.at(-1) ?? '']));
  const [before, after] = [classes(at(1, 2, 3)), classes(at(3, 7))];
  assert.equal(after.get('10.1.0.3'), before.get('10.1.0.3'));
  assert.equal(new Set(before.values()).size, 3);
  assert.equal(chooserOf(frontend(at(1), { affinitySeconds: 60 })), 'keep_at_1_60');
});

test('clients may be let in from certain subnets alone, and others pay nothing for that', () => {
  const table = new ServiceTable();
  assert.equal(lines(table.put('a', [{ protocol: 'tcp', port: 80, backends: at(1), sources: ['192.0.2.0/24', '198.51.100.7/32'] }])), `
chain from_pick_any_1
+ frontend_any tcp 80 -> from_pick_any_1
+ source_any tcp 80 192.0.2.0/24
+ source_any tcp 80 198.51.100.7/32
+ backend_any tcp 80 0:1 -> 10.1.0.1 8080`.trim());
  assert.deepEqual(chooser('from_pick_any_1').rules[0], 'fib saddr type != local meta l4proto . th dport . ip saddr != @source_any drop');
  assert.match(chooser('from_keep_at_2_60').rules[0] ?? '', /@source_at drop$/);
  assert.equal(lines(table.put('a', [{ protocol: 'tcp', port: 80, backends: at(1), sources: ['192.0.2.0/24'] }])), '- source_any tcp 80 198.51.100.7/32');
});

test('an address that goes to another owner is not taken away with the first', () => {
  const table = new ServiceTable();
  table.put('old', [frontend(at(1))]);
  table.put('new', [frontend(at(2))]);
  assert.equal(lines(table.put('old', [])), '');
});

test('datagrams to those who left are forgotten, and so are those to nobody once there is somebody', () => {
  const table = new ServiceTable();
  const udp = (backends: readonly Backend[]): Frontend => frontend(backends, { protocol: 'udp' });
  assert.deepEqual(table.put('a', [udp(at(1))]).stale, [{ frontend: { address: '10.96.0.1', port: 80 } }]);
  assert.deepEqual(table.put('a', [udp(at(2))]).stale, [{ frontend: { address: '10.96.0.1', port: 80 }, backend: at(1)[0] }]);
  assert.deepEqual(table.put('b', [frontend(at(1), { port: 81 })]).stale, []);
});

test('those who stay keep their slots as long as there are enough, and all wanted ones have one', () => {
  const set = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });
  fc.assert(fc.property(set, set, (before, after) => {
    const [old, next] = [at(...before), arrange(at(...before), at(...after))];
    assert.deepEqual(next.map(({ address }) => address).sort(), at(...after).map(({ address }) => address).sort());
    const moved = next.filter(({ address }, slot) => old.some((each) => each.address === address) && old[slot]?.address !== address);
    assert.ok(moved.length <= Math.max(0, before.length - after.length), 'only who stood beyond the end has to move');
  }));
});

test('changes one after another come to what the whole is', () => {
  const owners = ['a', 'b', 'c'];
  const step = fc.record({ owner: fc.constantFrom(...owners), backends: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), affinity: fc.boolean(), isGone: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const table = new ServiceTable();
    const kernel = new Map<string, string>();
    for (const { owner, backends, affinity, isGone } of steps) {
      const { remove, add } = table.put(owner, isGone ? [] : [frontend(at(...backends), { address: `10.96.0.${owners.indexOf(owner) + 1}`, ...(affinity ? { affinitySeconds: 60 } : {}) })]);
      for (const element of remove) assert.ok(kernel.delete(elementKey(element)), `${formatElement(element)} was there`);
      for (const element of add) {
        assert.ok(!kernel.has(elementKey(element)), `${formatElement(element)} was not there`);
        kernel.set(elementKey(element), formatElement(element));
      }
    }
    const whole = [...table.renderAll('t', RANGE)].join('');
    assert.equal(kernel.size, whole.split('\n').filter((line) => line.startsWith('add element')).flatMap((line) => line.split(', ')).length);
  }));
});

test('nothing that comes from outside becomes syntax', () => {
  const table = new ServiceTable();
  for (const backends of [[{ address: '10.0.0.1 }; flush ruleset', port: 1 }], [{ address: '::1', port: 1 }], [{ address: '10.0.0.1', port: 0 }], [{ address: '10.0.0.1', port: 1.5 }]]) {
    assert.throws(() => renderChange('t', table.put('a', [frontend(backends)])), (error) => isKind(error, 'invalid'));
  }
  assert.throws(() => serviceTable('10.96.0.0/16; drop'), (error) => isKind(error, 'invalid'));
  assert.throws(() => chooser('pick_at_2; drop'), (error) => isKind(error, 'internal'));
});

const nft = spawnSync('unshare', ['-n', 'nft', '--version']).status === 0;
test('the kernel takes the table and its changes', { skip: nft ? false : 'needs nft and the right to make network namespaces' }, () => {
  const table = new ServiceTable();
  table.put('a', [frontend(at(1, 2, 3)), frontend(at(1), { port: 81, affinitySeconds: 10 }), { protocol: 'udp', port: 30000, backends: at(1, 2), affinitySeconds: 10 }, { protocol: 'tcp', port: 30001, backends: [], isSilent: true }, { protocol: 'tcp', port: 80, backends: at(1, 2), sources: ['192.0.2.0/24', '198.51.100.7/32'] }, frontend(at(1), { port: 82, affinitySeconds: 10, sources: ['0.0.0.0/0'] })]);
  const texts = [[...table.renderAll('t', RANGE)].join(''), renderChange('t', table.put('a', [frontend(at(3)), frontend(at(1, 2), { port: 81, affinitySeconds: 20 })])), renderChange('t', table.put('a', [])), [...table.renderAll('t', RANGE)].join('')];
  for (const [index] of texts.entries()) {
    const { status, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', texts.slice(0, index + 1).map((text) => `nft -f - <<'E' || exit 1\n${text}E`).join('\n')], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
});
