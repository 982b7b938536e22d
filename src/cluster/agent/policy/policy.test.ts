import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { FakeObjectCache } from '#cluster/loop/fake-object-cache.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { Member, PolicyChanges } from '#net/policy/model.ts';
import { PolicyKeeper } from './policy-keeper.ts';
import { readPolicy } from './read-policy.ts';

/** What the kernel has been told, one change after the other. */
class FakePolicies {
  readonly members = new Map<string, Member>();
  readonly policies = new Set<string>();
  readonly puts: PolicyChanges[] = [];
  failures = 0;

  async remove(): Promise<void> {}
  async replace(all: PolicyChanges): Promise<void> {
    this.members.clear();
    this.policies.clear();
    this.#take(all);
  }

  async put(changes: PolicyChanges): Promise<void> {
    this.puts.push(changes);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the kernel would not');
    }
    this.#take(changes);
  }

  #take({ policies, members }: PolicyChanges): void {
    for (const [key, rules] of policies) if (rules === undefined) this.policies.delete(key); else this.policies.add(key);
    for (const [address, member] of members) if (member === undefined) this.members.delete(address); else this.members.set(address, member);
  }
}

interface PodWords { readonly labels?: Record<string, string>; readonly node?: string; readonly ip?: string; readonly phase?: string; readonly uid?: string; readonly spec?: object; readonly created?: string }
function pod(name: string, { labels = {}, node = 'here', ip, phase = 'Running', uid = `uid-${name}`, spec = {}, created = '2026-01-01T00:00:00Z' }: PodWords = {}, namespace = 'shop'): KubeObject {
  return { kind: 'Pod', metadata: { name, namespace, uid, labels, creationTimestamp: created }, spec: { nodeName: node, containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 1 }] }], ...spec }, status: { phase, ...(ip === undefined ? {} : { podIP: ip }) } } as unknown as KubeObject;
}
const space = (name: string, labels: Record<string, string> = {}): KubeObject => ({ kind: 'Namespace', metadata: { name, labels } }) as unknown as KubeObject;
const policy = (name: string, spec: object, namespace = 'shop'): KubeObject => ({ kind: 'NetworkPolicy', metadata: { name, namespace }, spec }) as unknown as KubeObject;
const of = (label: string): object => ({ matchLabels: { app: label } });
const settle = async (): Promise<void> => { for (let turn = 0; turn < 30; turn += 1) await Promise.resolve(); };

async function open(): Promise<{ pods: FakeObjectCache; namespaces: FakeObjectCache; policies: FakeObjectCache; engine: FakePolicies; clock: ManualClock; keeper: PolicyKeeper; said: string[]; groupsOf: (address: string) => number }> {
  const [pods, namespaces, policies, engine, clock] = [new FakeObjectCache(), new FakeObjectCache(), new FakeObjectCache(), new FakePolicies(), new ManualClock()];
  const said: string[] = [];
  const keeper = new PolicyKeeper({ nodeName: 'here', pods: pods as unknown as ObjectCache, namespaces: namespaces as unknown as ObjectCache, policies: policies as unknown as ObjectCache, address6Of: (uid) => (uid === 'uid-six' ? 'fd00::6' : undefined), engine, timers: clock, log: (line) => said.push(line) });
  namespaces.put(space('shop', { team: 'a' }));
  namespaces.put(space('other', { team: 'b' }));
  pods.put(pod('db', { labels: { app: 'db' }, ip: '10.1.0.1' }));
  pods.put(pod('web', { labels: { app: 'web' }, ip: '10.1.0.2' }));
  pods.put(pod('web', { labels: { app: 'web' }, ip: '10.1.0.3' }, 'other'));
  await keeper.open();
  return { pods, namespaces, policies, engine, clock, keeper, said, groupsOf: (address) => engine.members.get(address)?.groups.length ?? -1 };
}

test('a policy is its rules, with the pods that it speaks of as groups', () => {
  const { rules, groups, selects } = readPolicy(policy('p', {
    podSelector: of('db'), policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: of('web') }, { namespaceSelector: {}, podSelector: of('web') }, { ipBlock: { cidr: '10.9.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 5432 }, { protocol: 'UDP', port: 1, endPort: 9 }, { port: 'http' }, { protocol: 'SCTP' }] }, {}],
  }));
  assert.deepEqual(selects, [{ key: 'app', operator: 'in', values: ['db'] }]);
  assert.deepEqual(rules.egress, [], 'nothing is allowed out');
  assert.deepEqual(rules.ingress?.[0]?.ports, [{ protocol: 'tcp', from: 5432, to: 5432 }, { protocol: 'udp', from: 1, to: 9 }, { protocol: 'tcp', name: 'http' }, { protocol: 'sctp' }]);
  assert.deepEqual(rules.ingress?.[1], {}, 'everything is allowed in');
  assert.deepEqual(rules.ingress?.[0]?.peers?.at(-1), { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] });
  assert.deepEqual(groups.map(({ namespaces }) => namespaces), ['shop', []]);
  const again = readPolicy(policy('q', { podSelector: {}, ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] } }] }] }));
  assert.equal(again.groups[0]?.id, groups[0]?.id, 'the same pods are the same group, whoever says it and how');
  assert.deepEqual(Object.keys(again.rules), ['ingress'], 'without types it is about what comes in');
  assert.deepEqual(Object.keys(readPolicy(policy('q', { podSelector: {}, egress: [{}] })).rules), ['ingress', 'egress']);
});

test('without policies nobody hears of pods; with the first one of all, with the last one no more', async () => {
  const { pods, policies, engine } = await open();
  pods.put(pod('db', { labels: { app: 'db', more: 'x' }, ip: '10.1.0.1' }));
  await settle();
  assert.deepEqual([engine.puts, [...engine.members]], [[], []]);
  const one = policy('p', { podSelector: of('db'), policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: of('web') }] }] });
  policies.put(one);
  await settle();
  assert.deepEqual([...engine.policies], ['shop/p']);
  assert.deepEqual(engine.members.get('10.1.0.1')?.isolatedBy, { ingress: ['shop/p'], egress: [] });
  assert.deepEqual(engine.members.get('10.1.0.1')?.ports, [{ name: 'http', protocol: 'tcp', port: 8080 }]);
  assert.deepEqual(engine.members.get('10.1.0.2')?.groups.length, 1);
  assert.deepEqual(engine.members.get('10.1.0.3')?.groups, [], 'of another namespace');
  policies.remove(one);
  await settle();
  assert.deepEqual([[...engine.policies], [...engine.members]], [[], []]);
});

test('labels of pods and namespaces decide, as they change', async () => {
  const { pods, namespaces, policies, engine, groupsOf } = await open();
  policies.put(policy('p', { podSelector: of('db'), ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } }, podSelector: of('web') }] }] }));
  await settle();
  assert.deepEqual([groupsOf('10.1.0.2'), groupsOf('10.1.0.3')], [0, 1]);
  const { length } = engine.puts;
  pods.put(pod('web', { labels: { app: 'web' }, ip: '10.1.0.2', phase: 'Pending' }));
  namespaces.put(space('shop', { team: 'a' }));
  await settle();
  assert.equal(engine.puts.length, length, 'what means nothing to a policy costs nothing');
  namespaces.put(space('shop', { team: 'b' }));
  namespaces.put(space('other', { team: 'c' }));
  await settle();
  assert.deepEqual([groupsOf('10.1.0.2'), groupsOf('10.1.0.3')], [1, 0]);
  pods.put(pod('web', { labels: { app: 'db' }, ip: '10.1.0.2' }));
  await settle();
  assert.deepEqual([groupsOf('10.1.0.2'), engine.members.get('10.1.0.2')?.isolatedBy.ingress], [0, ['shop/p']]);
  assert.deepEqual([...engine.puts.at(-1)?.members.keys() ?? []], ['10.1.0.2'], 'only of the one whose labels changed');
});

test('a policy that changes tells of those whom it spoke of and speaks of', async () => {
  const { policies, engine, groupsOf } = await open();
  policies.put(policy('p', { podSelector: of('db') }));
  policies.put(policy('q', { podSelector: of('web'), policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] }));
  await settle();
  assert.deepEqual([groupsOf('10.1.0.1'), groupsOf('10.1.0.2')], [1, 1]);
  policies.put(policy('p', { podSelector: of('web'), ingress: [{ from: [{ podSelector: of('db') }] }] }));
  await settle();
  assert.deepEqual(engine.members.get('10.1.0.1'), { address: '10.1.0.1', isolatedBy: { ingress: [], egress: [] }, groups: engine.members.get('10.1.0.1')?.groups, ports: [{ name: 'http', protocol: 'tcp', port: 8080 }] });
  assert.deepEqual(engine.members.get('10.1.0.2')?.isolatedBy, { ingress: ['shop/p'], egress: ['shop/q'] });
  assert.deepEqual([groupsOf('10.1.0.1'), groupsOf('10.1.0.2')], [2, 1]);
});

test('what a pod has of IPv6 is known of those of the node', async () => {
  const { pods, policies, engine } = await open();
  policies.put(policy('p', { podSelector: {} }));
  pods.put(pod('six', { ip: '10.1.0.6' }));
  await settle();
  assert.deepEqual([engine.members.get('10.1.0.6')?.address6, engine.members.get('10.1.0.1')?.address6], ['fd00::6', undefined]);
});

test('a pod elsewhere is a peer, and one of the host, or that has ended, is nobody', async () => {
  const { pods, policies, engine } = await open();
  policies.put(policy('p', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }));
  pods.put(pod('far', { node: 'there', ip: '10.2.0.1' }));
  pods.put(pod('host', { ip: '192.0.2.1', spec: { hostNetwork: true } }));
  pods.put(pod('over', { ip: '10.1.0.9', phase: 'Succeeded' }));
  await settle();
  assert.deepEqual([engine.members.get('10.2.0.1')?.isolatedBy.ingress, engine.members.get('10.2.0.1')?.groups.length], [[], 1]);
  assert.deepEqual([engine.members.has('192.0.2.1'), engine.members.has('10.1.0.9')], [false, false]);
  pods.put(pod('next', { ip: '10.1.0.9', created: '2026-01-02T00:00:00Z' }));
  await settle();
  pods.remove(pod('over', { ip: '10.1.0.9', phase: 'Succeeded' }));
  await settle();
  assert.ok(engine.members.has('10.1.0.9'), 'the address has gone over to another');
});

test('a pod is isolated before a program of it runs, and told of no more than once', async () => {
  const { pods, policies, engine, keeper } = await open();
  const fresh = pod('db-2', { labels: { app: 'db' } });
  pods.put(fresh);
  assert.equal(keeper.admit(fresh, '10.1.0.7'), undefined, 'there is no policy');
  policies.put(policy('p', { podSelector: of('db') }));
  const admitted = keeper.admit(fresh, '10.1.0.7');
  assert.ok(admitted !== undefined);
  await admitted;
  assert.deepEqual(engine.members.get('10.1.0.7')?.isolatedBy.ingress, ['shop/p']);
  assert.equal(keeper.admit(fresh, '10.1.0.7'), undefined, 'it is so already');
  pods.put(pod('db-2', { labels: { app: 'db' }, ip: '10.1.0.7' }));
  await settle();
  assert.deepEqual(engine.members.get('10.1.0.7')?.isolatedBy.ingress, ['shop/p']);
  const moved = keeper.admit(pod('db-2', { labels: { app: 'db' }, ip: '10.1.0.7' }), '10.1.0.8');
  await moved;
  assert.deepEqual([engine.members.has('10.1.0.7'), engine.members.has('10.1.0.8')], [false, true], 'its next sandbox has another address');
  pods.remove(pod('db-2', { labels: { app: 'db' }, ip: '10.1.0.7' }));
  await settle();
  assert.equal(engine.members.has('10.1.0.8'), false);
});

test('a kernel that would not is asked again, and no pod starts meanwhile', async () => {
  const { pods, policies, engine, keeper, clock, said } = await open();
  engine.failures = 2;
  const fresh = pod('db-2', { labels: { app: 'db' } });
  pods.put(fresh);
  policies.put(policy('p', { podSelector: of('db') }));
  await assert.rejects(keeper.admit(fresh, '10.1.0.7') ?? Promise.resolve(), /the kernel would not/);
  assert.match(said.join(), /could not be changed: the kernel would not; trying again in 100 ms/);
  await clock.advance(100);
  await settle();
  await clock.advance(200);
  await settle();
  assert.deepEqual(engine.members.get('10.1.0.7')?.isolatedBy.ingress, ['shop/p']);
  assert.deepEqual([...engine.policies], ['shop/p']);
});
