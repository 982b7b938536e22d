import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import type { Member, PolicyChanges, PolicyRules } from '#net/policy/model.ts';
import { Policies } from './policies.ts';

const layout = { root: '/r', run: '/run', bridge: 'gantry0', table: 'gantry', cgroup: '/gantry' };
const GONE = 'add table inet gantry_policies\ndelete table inet gantry_policies\n';
const isolated = (address: string): Member => ({ address, isolatedBy: { ingress: ['d/p'], egress: [] }, groups: [], ports: [] });

function changes(policies: Readonly<Record<string, PolicyRules | undefined>>, ...members: readonly Member[]): PolicyChanges {
  return { policies: new Map(Object.entries(policies)), members: new Map(members.map((member) => [member.address, member])) };
}

class Host extends FakeHost {
  readonly filtered: string[] = [];
  canFilter = true;
  refusals = 0;

  override async filterBridged(name: string): Promise<boolean> {
    this.filtered.push(name);
    return this.canFilter;
  }

  override async applyFirewall(commands: string): Promise<void> {
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw new Error('no such table');
    }
    await super.applyFirewall(commands);
  }
}

function open(): { host: Host; policies: Policies; said: string[]; last: () => string } {
  const host = new Host(new ManualClock());
  const said: string[] = [];
  return { host, policies: new Policies({ host, layout, log: (line) => said.push(line) }), said, last: () => host.firewall.at(-1) ?? '' };
}

test('there is a table as long as there is a policy, and bridged frames pass it', async () => {
  const { host, policies, last } = open();
  await policies.replace(changes({}));
  assert.equal(last(), GONE, 'what an earlier life may have left');
  await policies.put(changes({}, isolated('10.1.0.1')));
  assert.deepEqual([host.firewall.length, host.filtered], [1, []]);
  await policies.put(changes({ 'd/p': { ingress: [{}] } }));
  assert.match(last(), /^add table inet gantry_policies\ndelete table[^]*ingress \{ 10\.1\.0\.1 : goto u1 \}/);
  assert.deepEqual(host.filtered, ['gantry0']);
  await policies.put(changes({}, isolated('10.1.0.2')));
  assert.equal(last(), 'add element inet gantry_policies ingress { 10.1.0.2 : goto u1 }\nadd element inet gantry_policies self { 10.1.0.2 . 10.1.0.2 }\n');
  await policies.put(changes({ 'd/p': undefined }));
  assert.equal(last(), GONE);
  await policies.restore();
  assert.equal(last(), GONE, 'there is none to make');
});

test('a table that others took away is made anew, and what could not be said once is said with the next change', async () => {
  const { host, policies, said, last } = open();
  await policies.replace(changes({ 'd/p': { ingress: [] } }, isolated('10.1.0.1')));
  host.refusals = 1;
  await policies.put(changes({}, isolated('10.1.0.2')));
  assert.match(last(), /^add table[^]*10\.1\.0\.1 [^]*10\.1\.0\.2 /);
  assert.match(said.join(), /made anew: Error: no such table/);
  host.refusals = 2;
  await assert.rejects(policies.put(changes({}, isolated('10.1.0.3'))));
  await policies.put(changes({}));
  assert.match(last(), /^add table[^]*10\.1\.0\.3 /);
  await policies.restore();
  assert.match(last(), /^add table[^]*10\.1\.0\.3 /);
  await policies.remove();
  assert.equal(last(), GONE);
});

test('where the kernel shows no bridged frames, the log says what does not hold', async () => {
  const { host, policies, said } = open();
  host.canFilter = false;
  await policies.put(changes({ 'd/p': { ingress: [] } }));
  assert.match(said.join(), /do not hold between two pods of gantry0 .* br_netfilter/);
  assert.equal(host.firewall.length, 1, 'and the rest holds');
});
