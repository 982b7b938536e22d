import type { Definitions, Schema } from '../contract/schema.ts';
import type { Chance } from './chance.ts';
import { hostileValue, HOSTILE_WORDS } from './hostile.ts';

const DEEPEST = 8;

/**
 * Fields whose value could reach something that is not the daemon's own: paths, ports and addresses of the machine,
 * programs, registries. They are drawn from what is harmless, and else from words that have to be refused.
 */
const TAME: Readonly<Record<string, readonly unknown[]>> = {
  Image: ['busybox', 'busybox', 'busybox', 'fuzz-image:1', 'nosuch'], Cmd: [['true'], ['sleep', '5'], ['sh', '-c', 'echo out; echo err >&2; exit 3'], 'true', []], Entrypoint: [null, [], ['sh', '-c', 'true']], Shell: [[]],
  Binds: [[], ['fuzz-volume-0:/data'], ['fuzz-volume-1:/data:ro'], ['relative:/x:nonsense'], [':/x'], ['fuzz-volume-0:relative']], Source: ['fuzz-volume-0', 'fuzz-volume-1', 'bad/name', '../x', ''], Target: ['/data', '/a/b', 'relative', '/', '/data/../x'],
  Volumes: [{}, { '/data': {} }, { relative: {} }, { '/data/../../x': {} }], VolumesFrom: [[], ['fuzz-0'], ['fuzz-1:ro'], ['nosuch'], ['fuzz-0:nonsense']], Tmpfs: [{}, { '/tmp': '' }, { '/tmp': 'size=1m' }, { relative: 'size=x' }], MaskedPaths: [null, [], ['/proc/x']], ReadonlyPaths: [null, []],
  PathOnHost: ['nosuch', '../x'], PathInContainer: ['/dev/x', 'x'], Devices: [[], null], DeviceRequests: [[], null, [{ Driver: 'nosuch', Count: -1 }]], DeviceCgroupRules: [[], ['c 1:3 r'], ['nonsense']], Path: ['nosuch', '../x'],
  CgroupParent: ['', '../x', 'a/../..'], UTSMode: ['', 'nonsense'], PidMode: ['', 'private', 'container:fuzz-0', 'container:nosuch', 'nonsense'], IpcMode: ['', 'private', 'none', 'shareable', 'container:fuzz-0', 'nonsense'], NetworkMode: ['', 'bridge', 'none', 'none', 'container:fuzz-0', 'fuzz-net-0', 'nosuch'], UsernsMode: ['', 'host', 'nonsense'], CgroupnsMode: ['', 'private', 'nonsense'],
  Sysctls: [{}, { 'net.core.somaxconn': '77' }, { 'kernel.nosuch': '1' }, { 'net.ipv4.ip_forward=1\nkernel.x': '1' }, { '../x': '1' }], SecurityOpt: [null, [], ['no-new-privileges'], ['seccomp=unconfined'], ['nonsense'], ['label=x', 'seccomp={']], Runtime: ['', 'crun', 'nosuch', '../x'], Init: [null, true, false], Privileged: [false],
  PortBindings: [{}, { '80/tcp': [{ HostPort: '' }] }, { '80/tcp': [{ HostPort: '99999' }] }, { '80/tcp': [{ HostIp: 'x', HostPort: '0' }] }, { nonsense: [{}] }, { '80/tcp': null }], PublishAllPorts: [false, false, true],
  RestartPolicy: [{ Name: '' }, { Name: 'no' }, { Name: 'on-failure', MaximumRetryCount: 1 }, { Name: 'sometimes' }, { Name: 'always', MaximumRetryCount: 3 }], LogConfig: [{}, { Type: 'json-file', Config: { 'max-size': '1m' } }, { Type: 'none' }, { Type: 'nosuch' }, { Type: 'json-file', Config: { 'max-size': 'x' } }],
  Healthcheck: [null, {}, { Test: ['CMD', 'true'], Interval: 1e9 }, { Test: ['NONE'] }, { Test: ['nonsense'] }, { Test: ['CMD', 'true'], Interval: 1 }], Links: [[], ['fuzz-0:alias'], ['nosuch:x'], [':']], ExtraHosts: [[], ['other:10.0.0.1'], ['nonsense'], ['a:b:c']], Dns: [[], ['127.0.0.1'], ['x']],
  IPAM: [{}, { Driver: 'default', Config: [{ Subnet: '172.28.77.0/24' }] }, { Config: [{ Subnet: '172.28.77.0/24', Gateway: '10.0.0.1' }] }, { Config: [{ Subnet: 'x' }] }, { Config: [{ Subnet: '172.28.78.0/33' }] }, { Driver: 'nosuch' }], EnableIPv6: [false, false, true],
  Subnet: ['172.28.77.0/24', 'x'], Gateway: ['172.28.77.1', 'x'], IPRange: ['172.28.77.0/25', 'x'], Driver: ['', 'local', 'bridge', 'bridge', 'null', 'host', '../x'], Options: [{}, { 'com.docker.network.driver.mtu': '1400' }, { 'com.docker.network.driver.mtu': 'x' }], DriverOpts: [{}, { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' }, { type: 'nosuch' }, { __proto__x: 'y' }],
  Name: ['fuzz-net-0', 'fuzz-net-1', 'fuzz-volume-0', 'fuzz-volume-1', '.bad', 'bad/name', 'host', '-'], Container: ['fuzz-0', 'fuzz-1', 'fuzz-2', 'nosuch'], serveraddress: ['127.0.0.1:1'], Memory: [0, 1 << 26, 1, -1, 2 ** 53], NanoCpus: [0, 5e8, -1, 1e18], PidsLimit: [null, 0, 100, -1], CpusetCpus: ['', '0', '0-9999999999', 'x'], OomScoreAdj: [0, 500, 2000], ShmSize: [0, 1 << 20, -1],
  User: ['', 'user', 'root', '1000:1000', 'nosuch', '-1', '4294967296'], WorkingDir: ['', '/tmp', 'relative', '/proc/self/fd/7'], RemoteAddrs: [[]], ListenAddr: ['x:99999'], AdvertiseAddr: [''], DataPathAddr: [''], DetachKeys: ['', 'ctrl-p,ctrl-q', 'ctrl-', 'nonsense'],
};

/** A value that nearly fits: most of it does, now and then a part is anything. */
export function makeValue(schema: Schema, definitions: Definitions, chance: Chance, name = '', depth = 0): unknown {
  if (Object.hasOwn(TAME, name)) return chance.percent(92) ? chance.pick(TAME[name] as readonly unknown[]) : tamed(chance);
  if (depth > 0 && chance.percent(4)) return hostileValue(chance);
  if (schema.$ref !== undefined) return depth > DEEPEST ? null : makeValue(definitions[schema.$ref.slice('#/definitions/'.length)] ?? {}, definitions, chance, name, depth + 1);
  if (schema.enum !== undefined && chance.percent(90)) return chance.pick(schema.enum);
  if (schema.allOf !== undefined || schema.properties !== undefined) return makeObject(schema, definitions, chance, depth);
  switch (schema.type) {
    case 'array': return depth > DEEPEST ? [] : Array.from({ length: chance.below(3) }, () => makeValue(schema.items ?? {}, definitions, chance, '', depth + 1));
    case 'object': return Object.fromEntries(Array.from({ length: chance.below(3) }, () => [chance.pick(HOSTILE_WORDS), typeof schema.additionalProperties === 'object' ? makeValue(schema.additionalProperties, definitions, chance, '', depth + 1) : {}]));
    case 'boolean': return chance.percent(50);
    case 'integer': return chance.pick([0, 0, 1, -1, 10, 1000, 2 ** 31, 2 ** 53]);
    case 'number': return chance.pick([0, 0.5, 1e9]);
    default: return chance.pick(HOSTILE_WORDS);
  }
}

/** Anything but text, which alone could name something of the machine. */
function tamed(chance: Chance): unknown {
  const value = hostileValue(chance);
  return typeof value === 'string' ? chance.pick(['', '..', '__proto__', '\u0000']) : value;
}

function makeObject(schema: Schema, definitions: Definitions, chance: Chance, depth: number): unknown {
  if (depth > DEEPEST) return {};
  const parts = (schema.allOf ?? []).map((part) => makeValue(part, definitions, chance, '', depth + 1)).filter((part) => typeof part === 'object' && part !== null);
  const often = depth <= 1 ? 50 : 25;
  const own = Object.entries(schema.properties ?? {}).filter(([name]) => name === 'Image' || chance.percent(often)).map(([name, property]) => [name, makeValue(property, definitions, chance, name, depth + 1)]);
  return Object.assign({}, ...parts, Object.fromEntries(own)) as unknown;
}
