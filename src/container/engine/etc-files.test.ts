import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '#container/model/sandbox.ts';
import { hostsFile, movedHosts, resolvConf } from './etc-files.ts';
import { request } from './_simulation.ts';

const sandbox = { ...request('web').sandbox, hostname: 'web' };

test('servers that only the host can reach are left out, and there is always one', () => {
  const host = '# a comment\nsearch example.org lan\nnameserver 127.0.0.53\nnameserver 192.0.2.1\noptions ndots:2\n';
  assert.equal(resolvConf(sandbox, host, true), 'nameserver 192.0.2.1\nsearch example.org lan\noptions ndots:2\n');
  assert.match(resolvConf(sandbox, host, false), /127\.0\.0\.53/);
  assert.match(resolvConf(sandbox, 'nameserver ::1\n', true), /^nameserver \d+\.\d+/);
  const asked = { ...sandbox, dns: { servers: ['192.0.2.9'], search: ['.'], options: ['timeout:1'] } };
  assert.equal(resolvConf(asked, host, true), 'nameserver 192.0.2.9\noptions timeout:1\n');
});

test('a sandbox that is served asks us first, then its own servers, and looks in its own domains before the host\'s', () => {
  const served = { ...sandbox, dns: { served: true, servers: ['192.0.2.9'], search: ['shop.svc.cluster.local', 'lan'], options: ['ndots:5'] } } as const;
  assert.equal(resolvConf(served, 'search example.org lan\nnameserver 192.0.2.1\n', true, true), 'nameserver 127.0.0.11\nnameserver 192.0.2.9\nsearch shop.svc.cluster.local lan example.org\noptions ndots:5\n');
});

test('a sandbox knows itself, and the host by its gateway', () => {
  const endpoint = {
    id: '', network: 'bridge', interfaceName: 'eth0', hostLink: 'gv', macAddress: '', gatewayPriority: 0,
    ipv4: { address: '172.17.0.2', prefixLength: 16, gateway: '172.17.0.1' }, ipv6: { address: 'fd00::2', prefixLength: 64, gateway: 'fd00::1' },
  };
  const text = hostsFile({ ...sandbox, domainname: 'example.org', extraHosts: ['db\tdata:192.0.2.5', 'v6:2001:db8::1', 'host.docker.internal:host-gateway'] }, [endpoint]);
  for (const line of ['192.0.2.5\tdb\tdata', '2001:db8::1\tv6', '172.17.0.1\thost.docker.internal', '172.17.0.2\tweb.example.org web', 'fd00::2\tweb.example.org web']) {
    assert.ok(text.split('\n').includes(line), `${line} in\n${text}`);
  }
});

test('what says whose the file is comes first', () => assert.match(hostsFile({ ...sandbox, hostsTitle: '# mine' }, []), /^# mine\n127\.0\.0\.1\tlocalhost\n/));

test('a name of several parts has its first one as a short name', () => {
  const endpoint: Endpoint = { id: '', network: 'bridge', interfaceName: 'eth0', hostLink: '', macAddress: '', gatewayPriority: 0, ipv4: { address: '10.0.0.2', prefixLength: 16 } };
  const namesOf = (hostname: string, domainname: string): string | undefined => hostsFile({ ...sandbox, hostname, domainname }, [endpoint]).split('\n').at(-2);
  assert.equal(namesOf('a.b.c', ''), '10.0.0.2\ta.b.c a');
  assert.equal(namesOf('a.b.c', 'd.e'), '10.0.0.2\ta.b.c.d.e a');
  assert.equal(namesOf('a', ''), '10.0.0.2\ta');
});

test('joining and leaving networks moves a sandbox\'s own lines, and no others', () => {
  const place = (network: string, address: string): Endpoint => ({ id: '', network, interfaceName: 'eth0', hostLink: '', macAddress: '', gatewayPriority: 0, ipv4: { address, prefixLength: 16 } });
  const [one, two] = [place('one', '10.0.0.2'), place('two', '10.1.0.2')];
  const text = `${hostsFile(sandbox, [one])}192.0.2.1\tmine`;
  const joined = movedHosts(text, sandbox, [one], [one, two]);
  assert.equal(joined, `${text}\n10.1.0.2\tweb\n`);
  assert.equal(movedHosts(joined, sandbox, [one, two], [two]), joined.replace('10.0.0.2\tweb\n', ''));
});
