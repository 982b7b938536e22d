import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { TestDaemon } from './world/daemon.ts';
import { wordOf } from '../tools/test-run/docker-cli.ts';
import { dockerScenarios } from './world/scenarios.ts';

const world = dockerScenarios('network-scenarios');
const { scenario, ok, fails } = world;

const addressOf = (container: string, network: string): string => ok('inspect', '-f', `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`, container);
const networkId = (name: string): string => ok('network', 'inspect', '-f', '{{slice .Id 0 12}}', name);
const linksOf = (container: string): string => ok('exec', container, 'ls', '/sys/class/net').split(/\s+/).filter((name) => name !== 'lo').sort().join(' ');
const defaultRouteOf = (container: string): string => ok('exec', container, 'ip', 'route').split('\n').filter((line) => line.startsWith('default')).join();

scenario('networks are made, inspected and removed', () => {
  const id = ok('network', 'create', '--subnet', '10.211.1.0/24', '--label', 'tier=back', 'made');
  assert.equal(ok('network', 'inspect', '-f', '{{.Id}} {{(index .IPAM.Config 0).Subnet}} {{.Labels.tier}} {{.Driver}}', 'made'), `${id} 10.211.1.0/24 back bridge`);
  assert.ok(ok('network', 'ls', '--format', '{{.Name}}').split('\n').includes('made'));
  fails(1, /network with name made already exists/, 'network', 'create', 'made');
  fails(1, /Pool overlaps with other one on this address space/, 'network', 'create', '--subnet', '10.211.1.128/25', 'other');
  fails(1, /bridge is a pre-defined network and cannot be removed/, 'network', 'rm', 'bridge');
  ok('network', 'rm', 'made');
  fails(1, /there is a link lo on this host already/, 'network', 'create', '-o', 'com.docker.network.bridge.name=lo', 'made');
  fails(1, wordOf({ newest: /network made not found/, debian: /No such network: made/ }), 'network', 'inspect', 'made');
});

scenario('networks are made from a configuration, which is none itself', () => {
  ok('network', 'create', '--config-only', '--subnet', '10.211.9.0/24', '--label', 'tier=back', '-o', 'com.docker.network.driver.mtu=1400', 'settings');
  ok('network', 'create', '--config-from', 'settings', 'made');
  const inspect = (name: string): string => ok('network', 'inspect', '-f', '{{.Driver}} {{.ConfigOnly}} {{.ConfigFrom.Network}} {{(index .IPAM.Config 0).Subnet}} {{.Labels.tier}}', name);
  assert.equal(inspect('settings'), 'null true  10.211.9.0/24 back');
  assert.equal(inspect('made'), 'bridge false settings 10.211.9.0/24 back');
  assert.match(ok('run', '--rm', '--network', 'made', 'busybox', 'ip', 'address', 'show', 'eth0'), /mtu 1400[^]*10\.211\.9\.2\/24/);
  fails(125, /cannot create endpoint on configuration-only network/, 'run', '--rm', '--network', 'settings', 'busybox', 'true');
  fails(1, /configuration network "settings" is in use/, 'network', 'rm', 'settings');
  ok('network', 'prune', '-f');
  assert.deepEqual(ok('network', 'ls', '-q', '--filter', 'name=settings', '--filter', 'name=made').split('\n').length, 1, 'prune leaves configurations');
  ok('network', 'rm', 'settings');
});

scenario('containers of one network reach each other, those of two do not', () => {
  ok('network', 'create', 'left');
  ok('network', 'create', 'right');
  ok('run', '-d', '--name', 'one', '--network', 'left', 'busybox', 'sleep', '60');
  ok('run', '-d', '--name', 'two', '--network', 'left', 'busybox', 'sleep', '60');
  ok('run', '-d', '--name', 'far', '--network', 'right', 'busybox', 'sleep', '60');
  ok('exec', 'one', 'ping', '-c1', '-W2', addressOf('two', 'left'));
  fails(1, /^$/, 'exec', 'one', 'ping', '-c1', '-W1', addressOf('far', 'right'));
  fails(1, /network left has active endpoints \(name:"(one|two)" id:"[0-9a-f]{12}"/, 'network', 'rm', 'left');
  ok('rm', '-f', 'one', 'two', 'far');
  ok('network', 'rm', 'left', 'right');
});

scenario('a running container joins and leaves networks', () => {
  ok('network', 'create', '--subnet', '10.211.2.0/24', 'extra');
  ok('run', '-d', '--name', 'one', 'busybox', 'sleep', '60');
  ok('run', '-d', '--name', 'two', '--network', 'extra', 'busybox', 'sleep', '60');
  ok('network', 'connect', '--ip', '10.211.2.77', '--alias', 'uno', 'extra', 'one');
  assert.equal(addressOf('one', 'extra'), '10.211.2.77');
  assert.equal(linksOf('one'), 'eth0 eth1');
  ok('exec', 'two', 'ping', '-c1', '-W2', '10.211.2.77');
  fails(1, /endpoint with name one already exists in network extra/, 'network', 'connect', 'extra', 'one');
  fails(1, /Address already in use/, 'network', 'connect', '--ip', '10.211.2.77', 'extra', ok('run', '-d', 'busybox', 'sleep', '60'));
  assert.match(ok('exec', 'one', 'cat', '/etc/hosts'), /^10\.211\.2\.77\t/m);
  assert.match(ok('exec', 'one', 'cat', '/etc/resolv.conf'), /^nameserver 127\.0\.0\.11$/m, 'it asks for names from its first network on');
  assert.match(ok('exec', 'one', 'nslookup', '-type=a', 'two'), new RegExp(`Address: ${addressOf('two', 'extra').replaceAll('.', '\\.')}`));
  ok('network', 'disconnect', 'extra', 'one');
  assert.equal(linksOf('one'), 'eth0');
  assert.doesNotMatch(ok('exec', 'one', 'cat', '/etc/hosts'), /10\.211\.2\.77/);
  fails(1, /is not connected to network extra/, 'network', 'disconnect', 'extra', 'one');
  ok('rm', '-f', 'one', 'two');
  ok('network', 'rm', 'extra');
});

scenario('a container is created in several networks, and one of them has the way out', () => {
  ok('network', 'create', '--subnet', '10.211.3.0/24', 'first');
  ok('network', 'create', '--subnet', '10.211.4.0/24', 'second');
  ok('network', 'create', '--internal', '--subnet', '10.211.5.0/24', 'inside');
  ok('run', '-d', '--name', 'one', '--network', 'first', '--network', 'name=second,ip=10.211.4.9,gw-priority=5', '--network', 'inside', 'busybox', 'sleep', '60');
  assert.equal(linksOf('one'), 'eth0 eth1 eth2');
  assert.equal(addressOf('one', 'second'), '10.211.4.9');
  assert.match(defaultRouteOf('one'), /via 10\.211\.4\.1 /);
  ok('network', 'disconnect', 'second', 'one');
  assert.match(defaultRouteOf('one'), /via 10\.211\.3\.1 /);
  ok('network', 'disconnect', 'first', 'one');
  assert.equal(defaultRouteOf('one'), '');
  ok('rm', '-f', 'one');
  ok('network', 'rm', 'first', 'second', 'inside');
}, 28);

scenario('a stopped container joins, and is there when it starts', () => {
  ok('network', 'create', 'later');
  ok('create', '--name', 'one', 'busybox', 'sleep', '60');
  ok('network', 'connect', 'later', 'one');
  ok('network', 'disconnect', 'bridge', 'one');
  ok('start', 'one');
  assert.equal(linksOf('one'), 'eth0');
  assert.notEqual(addressOf('one', 'later'), '');
  ok('rm', '-f', 'one');
  ok('network', 'prune', '-f');
  fails(1, wordOf({ newest: /network later not found/, debian: /No such network: later/ }), 'network', 'inspect', 'later');
});

scenario('a bridge that somebody deletes is there again with its containers when the daemon is', async () => {
  ok('network', 'create', '--subnet', '10.211.6.0/24', 'fragile');
  ok('run', '-d', '--name', 'one', '--network', 'fragile', 'busybox', 'sleep', '60');
  ok('run', '-d', '--name', 'two', '--network', 'fragile', 'busybox', 'sleep', '60');
  const ping = (): string => ok('exec', 'one', 'ping', '-c1', '-W2', addressOf('two', 'fragile'));
  const bridge = `br-${networkId('fragile')}`;
  ping();
  await world.daemon.crash();
  execFileSync('ip', ['link', 'delete', bridge]);
  await world.daemon.up();
  ping();
  assert.match(ok('exec', 'one', 'nslookup', '-type=a', 'two'), /Address: 10\.211\.6\./);
  ok('rm', '-f', 'one', 'two');
  ok('network', 'rm', 'fragile');
});

scenario('a network without IPv4, and one without IPv6', () => {
  ok('network', 'create', '--ipv4=false', '--ipv6', 'six');
  ok('network', 'create', '--ipv6=false', 'four');
  ok('network', 'create', 'both');
  ok('network', 'create', '--subnet', '10.211.7.0/24', 'chosen');
  ok('run', '-d', '--name', 'one', '--network', 'six', '-p', '18086:80', 'busybox', 'sleep', '60');
  ok('run', '-d', '--name', 'two', '--network', 'six', '--network', 'four', 'busybox', 'sleep', '60');
  const six = (container: string): string => ok('inspect', '-f', '{{(index .NetworkSettings.Networks "six").GlobalIPv6Address}}', container);
  assert.match(six('one'), /^fd/);
  assert.equal(addressOf('one', 'six'), '');
  ok('exec', 'two', 'ping', '-6', '-c1', '-W2', six('one'));
  assert.match(ok('exec', 'two', 'nslookup', '-type=aaaa', 'one'), new RegExp(six('one')));
  assert.match(ok('port', 'one'), /80\/tcp -> \[::\]:18086/);
  assert.equal(ok('network', 'inspect', '-f', '{{.EnableIPv4}} {{.EnableIPv6}} {{len .IPAM.Config}}', 'six', 'four', 'both', 'chosen'), 'false true 1\ntrue false 1\ntrue true 2\ntrue false 1');
  fails(1, /IPv4 or IPv6 must be enabled/, 'network', 'create', '--ipv4=false', '--ipv6=false', 'nothing');
  ok('rm', '-f', 'one', 'two');
  ok('network', 'rm', 'six', 'four', 'both', 'chosen');
}, 28);

scenario('what is taken off a machine takes its bridges along', async () => {
  const other = await TestDaemon.start();
  const bridge = `br-${other.ok('network', 'create', 'left').slice(0, 12)}`;
  assert.ok(existsSync(`/sys/class/net/${bridge}`));
  await other.destroy();
  assert.ok(!existsSync(`/sys/class/net/${bridge}`));
});
