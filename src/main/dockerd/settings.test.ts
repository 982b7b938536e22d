import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '#base/json.ts';
import { readConfig } from './config.ts';
import { parseListenAddress, printListenAddress } from './listen-address.ts';
import { directiveOf, OPTIONS } from './options.ts';
import { checkEffects, mergeSettings } from './settings.ts';

const merge = (flags: Record<string, readonly string[]>, file: Json): ReturnType<typeof mergeSettings> => mergeSettings(new Map(Object.entries(flags)), file);
const config = (flags: Record<string, readonly string[]>, file: Json = {}): ReturnType<typeof readConfig> => readConfig(merge(flags, file));

describe('the settings of dockerd', () => {
  test('no flag and no directive is there twice', () => {
    for (const names of [OPTIONS.map(({ flag }) => flag), OPTIONS.map(directiveOf).filter((name) => name !== undefined)]) assert.equal(names.length, new Set(names).size);
  });

  test('a file\'s directives are read as its flags are', () => {
    const merged = merge({ host: ['unix:///a'] }, {
      debug: true, mtu: 1400, labels: ['a=b'], 'log-opts': { 'max-size': '1m', 'max-file': 3 }, 'default-ulimits': { nofile: { Name: 'nofile', Soft: 1, Hard: 2 }, core: { Hard: 5 } },
      'default-address-pools': [{ base: '10.9.0.0/16', size: 24 }], proxies: { 'http-proxy': 'http://x' }, features: { x: true },
    });
    assert.deepEqual(Object.fromEntries(merged), {
      host: ['unix:///a'], debug: ['true'], mtu: ['1400'], label: ['a=b'], 'log-opt': ['max-size=1m', 'max-file=3'], 'default-ulimit': ['nofile=1:2', 'core=5:5'],
      'default-address-pool': ['base=10.9.0.0/16,size=24'], 'http-proxy': ['http://x'], feature: ['x=true'],
    });
  });

  test('unknown directives, wrong types, and what is said twice are refused', () => {
    assert.throws(() => merge({}, { foo: 1, 'tls-verify': true }), { message: "the following directives don't match any configuration option: foo, tls-verify" });
    assert.throws(() => merge({}, JSON.parse('{"__proto__": 1, "host": []}') as Json), { message: "the following directives don't match any configuration option: __proto__, host" });
    assert.throws(() => merge({ host: ['unix:///a'], debug: ['true'] }, { hosts: ['unix:///b'], debug: true }), {
      message: 'the following directives are specified both as a flag and in the configuration file: hosts: (from flag: [unix:///a], from file: [unix:///b]), debug: (from flag: true, from file: true)',
    });
    for (const file of [[], 'x', 3, null, { debug: 'yes' }, { mtu: '1' }, { mtu: 1.5 }, { hosts: 'x' }, { 'log-opts': [] }, { bip: {} }]) assert.throws(() => merge({}, file as Json), { kind: 'invalid' });
  });

  test('what changes nothing is told, and what can\'t be had is refused', () => {
    assert.deepEqual(checkEffects(merge({ 'userland-proxy': ['false'] }, { 'live-restore': true })).map((line) => line.split(':')[0]), ['--userland-proxy changes nothing', '--live-restore changes nothing']);
    assert.deepEqual(checkEffects(merge({ iptables: ['true'], icc: ['false'] }, {})), []);
    assert.equal(checkEffects(merge({ 'storage-driver': ['vfs'] }, { 'exec-opts': ['native.cgroupdriver=systemd'] })).length, 2);
    for (const flags of [{ iptables: ['false'] }, { 'userns-remap': ['default'] }, { 'authorization-plugin': ['x'] }, { rootless: ['true'] }]) {
      assert.throws(() => checkEffects(merge(flags, {})), { kind: 'unimplemented' });
    }
  });

  test('TCP is only for those whose certificates are verified, also on the loopback', () => {
    for (const host of ['tcp://0.0.0.0:2375', 'tcp://127.0.0.1:2375', 'tcp://[::1]:2375', '127.0.0.1:2375']) {
      assert.throws(() => config({ host: [host] }), /needs --tlsverify/);
      assert.throws(() => config({ host: [host], tls: ['true'] }), /needs --tlsverify/);
    }
    assert.deepEqual(config({ host: ['tcp://:2376'], tlsverify: ['true'], tlscacert: ['/c'] }).tls, { ca: '/c', cert: '/etc/docker/cert.pem', key: '/etc/docker/key.pem' });
    assert.throws(() => config({}, { hosts: ['tcp://127.0.0.1:2375'] }), /needs --tlsverify/);
  });

  test('addresses to listen on', () => {
    for (const [text, printed] of [['unix:///run/x.sock', 'unix:///run/x.sock'], ['unix://', 'unix:///var/run/docker.sock'], ['tcp://1.2.3.4:5', 'tcp://1.2.3.4:5'], ['tcp://[::1]:5', 'tcp://[::1]:5'], ['tcp://:5', 'tcp://:5'], ['tcp://host', 'tcp://host:2376']]) {
      assert.equal(printListenAddress(parseListenAddress(text ?? '')), printed);
    }
    for (const text of ['fd://', 'fd://*', 'ssh://x', 'npipe://x', '', 'unix://rel', 'tcp://a:b:c', 'tcp://h:99999', 'tcp://h/p', 'http://x']) assert.throws(() => parseListenAddress(text), { kind: 'invalid' });
  });

  test('what containers get that ask for nothing', () => {
    const { defaults, network } = config({ 'log-driver': ['local'], 'log-opt': ['max-size=1m'], 'default-ulimit': ['nofile=10:20'], bip: ['10.99.0.1/24'], 'fixed-cidr': ['10.99.0.128/25'], mtu: ['1400'] }, { 'default-shm-size': '1M', init: true });
    assert.deepEqual([defaults.logDriver, { ...defaults.logOptions }, defaults.ulimits, defaults.shmSizeBytes, defaults.init], ['local', { 'max-size': '1m' }, [{ Name: 'nofile', Soft: 10, Hard: 20 }], 1_048_576, true]);
    assert.deepEqual(network, { bridge: { mtu: 1400, ipv4: { cidr: '10.99.0.0/24', gateway: '10.99.0.1', range: '10.99.0.128/25' } } });
    assert.deepEqual(config({ icc: ['false'], 'ip-masq': ['false'], ip: ['127.0.0.1'] }).network, { bridge: { policy: { betweenContainers: false, masquerade: { ipv4: false, ipv6: false }, hostBinding: { ipv4: '127.0.0.1', ipv6: '::1' } } } });
    for (const flags of [{ 'log-driver': ['nosuch'] }, { ip: ['x'] }, { 'log-opt': ['nosuch=1'] }, { 'log-opt': ['x'] }, { 'log-level': ['loud'] }, { 'default-ipc-mode': ['host'] }, { 'default-runtime': ['kata'] }, { 'default-shm-size': ['x'] },
      { 'default-ulimit': ['nofile'] }, { bip: ['x'] }, { mtu: ['-1'] }, { label: ['x'] }, { 'default-address-pool': ['base=10.0.0.0/8,size=4'] }]) {
      assert.throws(() => config(flags as unknown as Record<string, readonly string[]>), Error, JSON.stringify(flags));
    }
  });
});
