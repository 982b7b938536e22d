import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import { contains, parseCidr } from '../cidr.ts';
import { formatElement, keyOf } from '../firewall/elements.ts';
import { PROTOCOL_NUMBERS } from '../firewall/table-layout.ts';
import { parseIp } from '../ip.ts';
import type { Direction, Member, PolicyRule, PolicyRules } from './model.ts';
import { isNothing, PolicyTable, type TableChange } from './policy-table.ts';
import { renderChange, renderWhole } from './render.ts';
import { rulesFor } from './rules.ts';

const NAMES = { group: (id: string) => `g_${id}`, port: ({ protocol, name }: { protocol: string; name: string }) => `n_${protocol}_${name}` };
const member = (address: string, more: Partial<Member> = {}): Member => ({ address, isolatedBy: { ingress: [], egress: [] }, groups: [], ports: [], ...more });
const byAddress = (...members: readonly Member[]): Map<string, Member> => new Map(members.map((each) => [each.address, each]));
const NO_POLICIES = new Map<string, PolicyRules | undefined>();
const NO_MEMBERS = new Map<string, Member | undefined>();

test('a rule is one line for each way in which it lets somebody through', () => {
  const rules = (direction: Direction, rule: PolicyRule): readonly string[] => rulesFor(direction, [rule], NAMES);
  assert.deepEqual(rules('ingress', {}), ['accept']);
  assert.deepEqual(rules('ingress', { peers: [{ group: 'web' }], ports: [{ protocol: 'tcp', from: 80 }, { protocol: 'tcp', from: 8000, to: 8010 }, { protocol: 'udp', from: 53 }] }), [
    'ip saddr @g_web meta l4proto 6 th dport { 80, 8000-8010 } accept', 'ip saddr @g_web meta l4proto 17 th dport { 53 } accept',
  ]);
  assert.deepEqual(rules('egress', { peers: [{ group: 'db' }], ports: [{ protocol: 'tcp', name: 'sql' }] }), ['ip daddr @g_db meta l4proto 6 ip daddr . th dport @n_tcp_sql accept']);
  assert.deepEqual(rules('ingress', { ports: [{ protocol: 'sctp' }, { protocol: 'sctp', from: 1 }] }), ['meta l4proto 132 accept']);
});

test('blocks are ranges without their exceptions, none touching another', () => {
  const blocks = (...peers: readonly { cidr: string; except: readonly string[] }[]): string => rulesFor('egress', [{ peers }], NAMES).join('\n');
  assert.equal(blocks({ cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.0.0.0/24', '10.1.2.0/24'] }), 'ip daddr { 10.0.1.0-10.0.255.255, 10.2.0.0-10.255.255.255 } accept');
  assert.equal(blocks({ cidr: '10.0.0.0/24', except: [] }, { cidr: '10.0.1.0/24', except: [] }, { cidr: '10.0.1.7/32', except: [] }, { cidr: '192.0.2.1/32', except: [] }), 'ip daddr { 10.0.0.0-10.0.1.255, 192.0.2.1 } accept');
  assert.equal(blocks({ cidr: '0.0.0.0/0', except: ['128.0.0.0/1'] }), 'ip daddr { 0.0.0.0-127.255.255.255 } accept');
  assert.equal(blocks({ cidr: '2001:db8::/32', except: [] }), '', 'nobody here has such an address');
  assert.equal(blocks({ cidr: '10.0.0.0/24', except: ['10.0.0.0/24'] }), '');
});

const linesOf = ({ newSets, newChains, remove, emptied, filled, add, goneChains, goneSets }: TableChange): string => [
  ...newSets.map((name) => `new set ${name}`), ...newChains.map((name) => `new chain ${name}`), ...remove.map((each) => `- ${formatElement(each)}`), ...emptied.map((name) => `empty ${name}`),
  ...filled.map(({ name, rules }) => `${name}: ${rules.join('; ')}`), ...add.map((each) => `+ ${formatElement(each)}`), ...goneChains.map((name) => `no chain ${name}`), ...goneSets.map((name) => `no set ${name}`),
].join('\n');

test('a change costs what changed', () => {
  const table = new PolicyTable();
  const policies = new Map<string, PolicyRules>([['shop/db', { ingress: [{ peers: [{ group: 'web' }], ports: [{ protocol: 'tcp', name: 'sql' }] }] }]]);
  const db = member('10.1.0.1', { isolatedBy: { ingress: ['shop/db'], egress: [] }, ports: [{ name: 'sql', protocol: 'tcp', port: 5432 }] });
  assert.equal(linesOf(table.put({ policies, members: byAddress(db, member('10.1.0.2', { groups: ['web'] })) })), `
new set g1
new set n1
new chain p1
new chain u1
p1: ip saddr @g1 meta l4proto 6 ip daddr . th dport @n1 accept
u1: jump p1; drop
+ ingress 10.1.0.1 -> u1
+ self 10.1.0.1 10.1.0.1
+ n1 10.1.0.1 5432
+ g1 10.1.0.2`.trim());
  assert.equal(linesOf(table.put({ policies: NO_POLICIES, members: byAddress(member('10.1.0.3', { groups: ['web', 'others'] })) })), '+ g1 10.1.0.3');
  assert.ok(isNothing(table.put({ policies: NO_POLICIES, members: byAddress(member('10.1.0.3', { groups: ['web'] })) })));
  assert.equal(linesOf(table.put({ policies: new Map([['shop/db', { ingress: [{ peers: [{ group: 'others' }] }] }]]), members: byAddress(member('10.1.0.3', { groups: ['others'] })) })), `
new set g2
empty p1
empty u1
p1: ip saddr @g2 accept
u1: jump p1; drop
+ g2 10.1.0.3
no set g1
no set n1`.trim());
  assert.equal(linesOf(table.put({ policies: new Map([['shop/db', undefined]]), members: byAddress(member('10.1.0.1')) })), `
- ingress 10.1.0.1 -> u1
- self 10.1.0.1 10.1.0.1
empty u1
empty p1
no chain u1
no chain p1
no set g2`.trim());
});

test('a group that comes into use has those who were in it before', () => {
  const table = new PolicyTable();
  table.put({ policies: NO_POLICIES, members: byAddress(member('10.1.0.1', { groups: ['web'], ports: [{ name: 'http', protocol: 'tcp', port: 80 }] })) });
  assert.match(linesOf(table.put({ policies: new Map([['a/b', { egress: [{ peers: [{ group: 'web' }], ports: [{ protocol: 'tcp', name: 'http' }] }] }]]), members: NO_MEMBERS })), /\+ g1 10\.1\.0\.1\n\+ n1 10\.1\.0\.1 80$/);
});

test('an isolated member is reached by no other way', () => {
  const table = new PolicyTable();
  const added = linesOf(table.put({ policies: new Map([['a/b', { ingress: [{}] }]]), members: byAddress(member('10.1.0.1', { address6: 'fd00::2', isolatedBy: { ingress: ['a/b'], egress: [] } }), member('10.1.0.2', { address6: 'fd00::3' })) }));
  assert.match(added, /\+ ingress6 fd00::2\n/);
  assert.doesNotMatch(added, /egress6|fd00::3/);
});

/** The kernel, as far as the table goes: what a change makes of it, and what becomes of a new connection. */
class Kernel {
  readonly sets = new Map<string, Map<string, string>>(['ingress', 'egress', 'self', 'ingress6', 'egress6'].map((name) => [name, new Map()]));
  readonly chains = new Map<string, readonly string[]>();

  apply({ newSets, newChains, remove, emptied, filled, add, goneChains, goneSets }: TableChange): void {
    for (const name of newSets) this.sets.set(name, new Map());
    for (const name of newChains) this.chains.set(name, []);
    for (const element of remove) assert.ok(this.#set(element.set).delete(keyOf(element)), `${formatElement(element)} was there`);
    for (const name of emptied) this.chains.set(name, []);
    for (const { name, rules } of filled) {
      assert.deepEqual(this.chains.get(name), [], `${name} is there and empty`);
      this.chains.set(name, rules);
    }
    for (const element of add) {
      assert.ok(!this.#set(element.set).has(keyOf(element)), `${formatElement(element)} was not there`);
      this.#set(element.set).set(keyOf(element), element.data?.[0] ?? '');
    }
    for (const name of goneChains) assert.ok(this.chains.delete(name));
    for (const name of goneSets) assert.ok(this.sets.delete(name));
    const named = [...this.chains.values()].flat().flatMap((rule) => [...rule.matchAll(/@(\w+)/g)].map(([, name = '']) => name));
    assert.deepEqual(named.filter((name) => !this.sets.has(name)), [], 'no rule names a set that is gone');
    const led = [...[...this.chains.values()].flat().flatMap((rule) => /^jump (\w+)$/.exec(rule)?.[1] ?? []), ...['ingress', 'egress'].flatMap((name) => [...this.#set(name).values()])];
    assert.deepEqual(led.filter((name) => !this.chains.has(name)), [], 'nothing leads to a chain that is gone');
  }

  lets(packet: Packet): boolean {
    if (packet.from === packet.to) return true;
    return (['egress', 'ingress'] as const).every((direction) => {
      const chain = this.#set(direction).get(`${direction} ${direction === 'egress' ? packet.from : packet.to}`);
      return chain === undefined || this.#run(chain, packet) === 'accept';
    });
  }

  #set(name: string): Map<string, string> {
    const set = this.sets.get(name);
    assert.ok(set !== undefined, `there is a set ${name}`);
    return set;
  }

  #run(chain: string, packet: Packet): 'accept' | 'drop' | 'on' {
    for (const rule of this.chains.get(chain) ?? []) {
      if (rule === 'drop') return 'drop';
      const [, next] = /^jump (\w+)$/.exec(rule) ?? [];
      const verdict = next !== undefined ? this.#run(next, packet) : this.#matches(rule, packet) ? 'accept' : 'on';
      if (verdict !== 'on') return verdict;
    }
    return 'on';
  }

  #matches(rule: string, { from, to, protocol, port }: Packet): boolean {
    const value = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const isIn = (text: string, ranges: string): boolean => ranges.split(', ').some((range) => {
      const [first = '', last = first] = range.trim().split('-');
      return value(text) >= value(first) && value(text) <= value(last);
    });
    return [...rule.matchAll(/ip (saddr|daddr) @(\w+) /g)].every(([, side, set = '']) => this.#set(set).has(`${set} ${side === 'saddr' ? from : to}`))
      && [...rule.matchAll(/ip (saddr|daddr) \{ ([^}]+) \}/g)].every(([, side, ranges = '']) => isIn(side === 'saddr' ? from : to, ranges))
      && [...rule.matchAll(/meta l4proto (\d+)/g)].every(([, number]) => Number(number) === PROTOCOL_NUMBERS[protocol])
      && [...rule.matchAll(/ip daddr \. th dport @(\w+)/g)].every(([, set = '']) => this.#set(set).has(`${set} ${to} ${port}`))
      && [...rule.matchAll(/ th dport \{ ([^}]+) \}/g)].every(([, ranges = '']) => isIn(String(port), ranges));
  }
}

interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** What the words of the API mean, said directly. */
function allowed(policies: ReadonlyMap<string, PolicyRules>, members: ReadonlyMap<string, Member>, packet: Packet): boolean {
  const isPeer = (rule: PolicyRule, address: string): boolean => rule.peers?.some((peer) => ('group' in peer ? members.get(address)?.groups.includes(peer.group) === true
    : contains(parseCidr(peer.cidr), parseIp(address)) && !peer.except.some((hole) => contains(parseCidr(hole), parseIp(address))))) ?? true;
  const isPort = (rule: PolicyRule): boolean => rule.ports?.some((match) => match.protocol === packet.protocol && ('name' in match ? members.get(packet.to)?.ports.some(({ name, protocol, port }) => name === match.name && protocol === match.protocol && port === packet.port) === true
    : match.from === undefined || (packet.port >= match.from && packet.port <= (match.to ?? match.from)))) ?? true;
  return packet.from === packet.to || (['ingress', 'egress'] as const).every((direction) => {
    const keys = members.get(direction === 'ingress' ? packet.to : packet.from)?.isolatedBy[direction] ?? [];
    return keys.length === 0 || keys.some((key) => policies.get(key)?.[direction]?.some((rule) => isPort(rule) && isPeer(rule, direction === 'ingress' ? packet.from : packet.to)) === true);
  });
}

const ADDRESSES = ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.130'];
const KEYS = ['a/x', 'a/y', 'b/z'];
const some = <T>(...values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values]);
const peer = fc.oneof(fc.record({ group: fc.constantFrom('web', 'db') }), fc.record({ cidr: fc.constantFrom('10.1.0.0/24', '0.0.0.0/0', '10.1.0.2/32'), except: some('10.1.0.128/25', '10.1.0.2/31').map((holes) => holes) }).map((block) => (block.cidr === '10.1.0.2/32' ? { ...block, except: [] } : block)));
const port = fc.oneof(fc.constantFrom<NonNullable<PolicyRule['ports']>[number]>({ protocol: 'tcp' }, { protocol: 'udp', from: 53 }, { protocol: 'tcp', from: 80, to: 90 }, { protocol: 'tcp', from: 85 }, { protocol: 'tcp', name: 'http' }));
const rules = fc.option(fc.array(fc.record({ peers: fc.array(peer, { minLength: 1, maxLength: 3 }), ports: fc.array(port, { minLength: 1, maxLength: 3 }) }, { requiredKeys: [] }), { maxLength: 2 }), { nil: undefined });
const change = fc.record({
  policies: fc.array(fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.record({ ingress: rules, egress: rules }), { nil: undefined })), { maxLength: 2 }),
  members: fc.array(fc.tuple(fc.constantFrom(...ADDRESSES), fc.option(fc.record({ ingress: some(...KEYS), egress: some(...KEYS), groups: some('web', 'db'), ports: some({ name: 'http', protocol: 'tcp' as const, port: 80 }, { name: 'http', protocol: 'tcp' as const, port: 8080 }) }), { nil: undefined })), { maxLength: 3 }),
});

test('whatever changes one after another, a connection is let through when the policies that select its ends allow it', () => {
  fc.assert(fc.property(fc.array(change, { maxLength: 8 }), fc.constantFrom<Packet['protocol']>('tcp', 'udp'), fc.constantFrom(53, 80, 85, 8080), (steps, protocol, number) => {
    const [table, kernel] = [new PolicyTable(), new Kernel()];
    const [policies, members] = [new Map<string, PolicyRules>(), new Map<string, Member>()];
    for (const step of steps) {
      const changed = {
        policies: new Map(step.policies.map(([key, rule]) => [key, rule === undefined ? undefined : { ...(rule.ingress === undefined ? {} : { ingress: rule.ingress as readonly PolicyRule[] }), ...(rule.egress === undefined ? {} : { egress: rule.egress as readonly PolicyRule[] }) }] as const)),
        members: new Map(step.members.map(([address, one]) => [address, one === undefined ? undefined : member(address, { isolatedBy: { ingress: one.ingress, egress: one.egress }, groups: one.groups, ports: one.ports })] as const)),
      };
      for (const [key, value] of changed.policies) if (value === undefined) policies.delete(key); else policies.set(key, value);
      for (const [key, value] of changed.members) if (value === undefined) members.delete(key); else members.set(key, value);
      kernel.apply(table.put(changed));
    }
    for (const from of [...ADDRESSES, '192.0.2.9']) for (const to of [...ADDRESSES, '192.0.2.9']) {
      const packet = { from, to, protocol, port: number };
      assert.equal(kernel.lets(packet), allowed(policies, members, packet), JSON.stringify(packet));
    }
    const { sets, elements } = table.whole();
    assert.deepEqual([...kernel.sets.keys()].filter((name) => /^[gn]\d/.test(name)).sort(), [...sets].sort());
    assert.deepEqual([...kernel.sets.values()].flatMap((set) => [...set.keys()]).sort(), elements.map(keyOf).sort(), 'the whole is what the changes came to');
  }));
});

test('nothing that comes from outside becomes syntax', () => {
  const bad = (rule: PolicyRule): void => assert.throws(() => new PolicyTable().put({ policies: new Map([['a/b', { ingress: [rule] }]]), members: NO_MEMBERS }), (error) => isKind(error, 'invalid'));
  bad({ peers: [{ cidr: '10.0.0.0/8 } accept; drop', except: [] }] });
  bad({ peers: [{ cidr: '10.0.0.0/8', except: ['10.0.0.0'] }] });
  const table = new PolicyTable();
  assert.throws(() => renderChange('t', table.put({ policies: NO_POLICIES, members: byAddress(member('10.0.0.1 }; flush ruleset', { isolatedBy: { ingress: ['a/b'], egress: [] } })) })), (error) => isKind(error, 'invalid'));
  const text = renderChange('t', table.put({ policies: new Map([['a/b" }', { ingress: [{ peers: [{ group: '"; drop' }], ports: [{ protocol: 'tcp', name: '; drop' }] }] }]]), members: NO_MEMBERS }));
  assert.doesNotMatch(text, /"|; drop/, 'names are ours');
});

const nft = spawnSync('unshare', ['-n', 'nft', '--version']).status === 0;
test('the kernel takes the table and its changes', { skip: nft ? false : 'needs nft and the right to make network namespaces' }, () => {
  const table = new PolicyTable();
  const db: PolicyRules = { ingress: [{ peers: [{ group: 'web' }, { cidr: '10.0.0.0/8', except: ['10.2.0.0/16'] }], ports: [{ protocol: 'tcp', name: 'sql' }, { protocol: 'tcp', from: 1, to: 9 }] }], egress: [] };
  const isolated = member('10.1.0.1', { address6: 'fd00::2', isolatedBy: { ingress: ['a/db'], egress: ['a/db'] }, ports: [{ name: 'sql', protocol: 'tcp', port: 5432 }] });
  const texts = [
    renderWhole('t', table), renderChange('t', table.put({ policies: new Map([['a/db', db]]), members: byAddress(isolated, member('10.1.0.2', { groups: ['web'] })) })),
    renderChange('t', table.put({ policies: new Map([['a/db', { ingress: [{}] }], ['a/other', db]]), members: byAddress({ ...isolated, isolatedBy: { ingress: ['a/db', 'a/other'], egress: ['a/other'] } }) })),
    renderWhole('t', table), renderChange('t', table.put({ policies: new Map([['a/db', undefined], ['a/other', undefined]]), members: new Map([['10.1.0.1', undefined], ['10.1.0.2', undefined]]) })), 'list table inet t\n',
  ];
  const { status, stderr, stdout } = spawnSync('unshare', ['-n', 'sh', '-c', texts.map((text) => `nft -f - <<'E' || exit 1\n${text}E`).join('\n')], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout, /chain [pu]\d|set [gn]\d|elements/, 'nothing is left of policies that are gone');
});
