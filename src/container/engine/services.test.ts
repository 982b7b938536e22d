import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import type { Frontend } from '#net/service/model.ts';
import { Services } from './services.ts';

const RANGE = '10.96.0.0/16';
const layout = { root: '/r', run: '/run', bridge: 'gantry0', table: 'gantry', cgroup: '/gantry' };
const backends = [{ address: '10.1.0.1', port: 8080 }];
const at = (address: string): Frontend => ({ protocol: 'tcp', address, port: 80, backends });
const nodePort = (port: number): Frontend => ({ protocol: 'tcp', port, backends });

/** A host that says which ports it holds, and may refuse a transaction. */
class Host extends FakeHost {
  readonly held = new Set<string>();
  used: readonly string[] = [];
  isRefusing = false;
  readonly ranges = new Set<string>();

  override async claimRange(range: string = ''): Promise<void> { this.ranges.add(range); }
  override async releaseRange(range: string = ''): Promise<void> { this.ranges.delete(range); }
  override async holdPort(owner: string, protocol: string, port: number): Promise<boolean> {
    if (!await super.holdPort(owner, protocol, port)) return false;
    this.held.add(owner);
    return true;
  }

  override async releasePort(owner?: string): Promise<void> { this.held.delete(owner ?? ''); }
  override async usedSubnets(): Promise<readonly string[]> { return this.used; }
  override async applyFirewall(commands: string): Promise<void> {
    if (this.isRefusing) {
      this.isRefusing = false;
      throw new Error('no such table');
    }
    await super.applyFirewall(commands);
  }
}

function open(): { host: Host; services: Services; said: string[] } {
  const host = new Host(new ManualClock());
  const said: string[] = [];
  return { host, services: new Services({ host, layout, timers: new ManualClock(), log: (line) => said.push(line) }), said };
}
const last = ({ firewall }: Host): string => firewall.at(-1) ?? '';

test('all services are one transaction, and a change is what changed', async () => {
  const { host, services } = open();
  await services.replace(RANGE, new Map([['d/a', [at('10.96.0.1')]], ['d/b', [at('10.96.0.2')]]]));
  assert.match(last(host), /^add table inet gantry_services\ndelete table inet gantry_services\ntable inet gantry_services \{/);
  await services.put(new Map([['d/a', []]]));
  assert.equal(last(host), 'delete element inet gantry_services frontend_at { 10.96.0.1 . 6 . 80 }\ndelete element inet gantry_services backend_at { 10.96.0.1 . 6 . 80 . 0:1 }\n');
  const { length } = host.firewall;
  await services.put(new Map([['d/b', [at('10.96.0.2')]]]));
  assert.equal(host.firewall.length, length, 'what is so already costs nothing');
});

test('a table that others took away is made anew, by the next change or when it is noticed', async () => {
  const { host, services } = open();
  await services.restore();
  assert.deepEqual(host.firewall, [], 'there is none to make');
  await services.replace(RANGE, new Map([['d/a', [at('10.96.0.1')]]]));
  host.isRefusing = true;
  await services.put(new Map([['d/b', [at('10.96.0.2')]]]));
  assert.match(last(host), /delete table[^]*10\.96\.0\.1 [^]*10\.96\.0\.2 /);
  await services.restore();
  assert.match(last(host), /delete table[^]*10\.96\.0\.2 /);
  await services.remove();
  assert.equal(last(host), 'add table inet gantry_services\ndelete table inet gantry_services\n');
});

test('a port of the host is held while a service has it, and one that is taken is left to who has it', async () => {
  const { host, services } = open();
  host.ports.taken.add(30_001);
  const refused = await services.replace(RANGE, new Map([['d/a', [nodePort(30_000), nodePort(30_001)]]]));
  assert.deepEqual([...host.held], ['d/a 30000/tcp']);
  assert.doesNotMatch(last(host), /30001/);
  assert.deepEqual([...refused], [['d/a', ['30001/tcp']]], 'and its owner is told');
  assert.deepEqual([...await services.put(new Map([['d/a', [nodePort(30_002)]]]))], []);
  assert.deepEqual([...host.held], ['d/a 30002/tcp']);
  await services.remove();
  assert.deepEqual([...host.held], []);
});

test('a range that the host uses is not for services', async () => {
  const { host, services } = open();
  host.used = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7/24', '10.97.3.0/24'];
  await assert.rejects(services.claim(RANGE), (error) => isKind(error, 'conflict') && /overlaps 10\.0\.0\.0\/8/.test(error.message));
  host.used = host.used.slice(1);
  await services.claim(RANGE);
  await assert.rejects(services.claim('10.97.0.0/16'), (error) => isKind(error, 'conflict') && /overlaps 10\.97\.3\.0\/24/.test(error.message));
  await assert.rejects(services.claim('10.96.0.1/16'), (error) => isKind(error, 'invalid'));
});

test('a range that was taken is given back, also where nothing in it was ever served', async () => {
  const { host, services } = open();
  await services.claim(RANGE);
  assert.deepEqual([...host.ranges], [RANGE]);
  await services.remove();
  assert.deepEqual([...host.ranges], []);
});
