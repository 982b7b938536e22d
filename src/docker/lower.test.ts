import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CreateRequest } from '#container/engine/port.ts';
import { FakeEngine } from './fake-engine.ts';
import { fakeImage } from './fake-images.ts';
import { ImageConfigs, type ImageConfig } from './image-config.ts';
import { lowerCreate } from './lower.ts';
import { isAddress } from './lower/ip-address.ts';
import { foreignPlatform } from './lower/platform.ts';
import { NEWEST } from './version.ts';
import { decodeCreateBody } from './wire/create-request.ts';

const engine = new FakeEngine();
engine.imageRows.push(fakeImage('app:1', { Env: ['PATH=/bin', 'A=image'], Entrypoint: ['/app'], Cmd: ['serve'], WorkingDir: '/srv', User: '9', ExposedPorts: { '80/tcp': {} }, Volumes: { '/data': {} } }, 'aa'));
const configs = new ImageConfigs();

function lower(body: object, options: { version?: number; platform?: string; name?: string } = {}): { request: CreateRequest; warnings: readonly string[] } {
  let volumes = 0;
  return lowerCreate({
    body: decodeCreateBody({ Image: 'app:1', ...body } as never),
    name: options.name ?? '', version: options.version ?? NEWEST, platform: options.platform ?? '',
    findImage: (reference) => {
      const image = engine.images.find(reference);
      return { image, config: configs.of(image) };
    },
    findContainer: (reference) => engine.containers.find(reference),
    newVolumeName: () => `drawn-${++volumes}`,
    facts: engine.info.facts, networkName: (name) => name,
    gateway: '172.17.0.1',
  });
}

const lowered = (body: object, options = {}): CreateRequest => lower(body, options).request;
const host = (HostConfig: object): CreateRequest => lowered({ HostConfig });

describe('lowering a create request', () => {
  test('takes from the image what the request leaves out', () => {
    const { process, mounts, sandbox } = lowered({ Env: ['A=own'] });
    assert.deepEqual(process.args, ['/app', 'serve']);
    assert.deepEqual(process.env, ['A=own', 'PATH=/bin']);
    assert.equal(process.cwd, '/srv');
    assert.equal(process.user, '9');
    assert.deepEqual(sandbox.exposed, [{ protocol: 'tcp', port: 80 }]);
    assert.deepEqual(mounts, [{ kind: 'volume', volume: 'drawn-1', anonymous: true, target: '/data', readonly: false, copyUp: true }]);
  });

  test('an entrypoint of its own gets no command of the image', () => {
    assert.deepEqual(lowered({ Entrypoint: ['x'] }).process.args, ['x']);
    assert.deepEqual(lowered({ Cmd: ['y'] }).process.args, ['/app', 'y']);
  });

  test('mounts, of every kind and in their order of precedence', () => {
    const { mounts } = host({
      Binds: ['/a:/b:ro,rslave', 'named:/data:nocopy', '/drawn'], Tmpfs: { '/run/': 'size=1m,ro,exec' },
      Mounts: [{ Type: 'bind', Source: '/s', Target: '/t', BindOptions: { NonRecursive: true, CreateMountpoint: true } }, { Type: 'tmpfs', Target: '/m', TmpfsOptions: { SizeBytes: 5, Mode: 0o1777 } }],
    });
    assert.deepEqual(mounts, [
      { kind: 'bind', source: '/a', target: '/b', readonly: true, readonlyBelow: true, propagation: 'rslave', recursive: true, createSource: true },
      { kind: 'volume', volume: 'named', anonymous: false, target: '/data', readonly: false, copyUp: false },
      { kind: 'volume', volume: 'drawn-1', anonymous: true, target: '/drawn', readonly: false, copyUp: true },
      { kind: 'bind', target: '/t', readonly: false, source: '/s', recursive: false, propagation: 'rprivate', createSource: true },
      { kind: 'tmpfs', target: '/m', readonly: false, options: [], sizeBytes: 5, mode: 0o1777 },
      { kind: 'tmpfs', target: '/run', readonly: true, options: ['size=1m', 'exec'] },
    ]);
  });

  test('volumes from another container, whose names stay', async () => {
    await engine.containers.create({ ...lowered({}, { name: 'source' }), name: 'source' });
    const { mounts } = host({ VolumesFrom: ['source:ro'] });
    assert.deepEqual(mounts, [{ kind: 'volume', volume: 'drawn-1', anonymous: true, target: '/data', readonly: true, copyUp: false }]);
  });

  test('ports', () => {
    const { sandbox } = lowered({
      ExposedPorts: { '90-91/udp': {} },
      HostConfig: { PublishAllPorts: true, PortBindings: { '80/tcp': [{ HostPort: '8080' }, { HostIp: '::1' }], '81': [{ HostPort: '90-95' }], '82/sctp': null } },
    });
    assert.deepEqual(sandbox.ports, [
      { protocol: 'tcp', containerPort: 81, hostAddress: '', hostPort: 90, hostPortEnd: 95 },
      { protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort: 8080 },
      { protocol: 'tcp', containerPort: 80, hostAddress: '::1', hostPort: 0 },
    ]);
    assert.deepEqual(sandbox.exposed, [{ protocol: 'tcp', port: 80 }, { protocol: 'udp', port: 90 }, { protocol: 'udp', port: 91 }]);
    assert.equal(sandbox.publishAll, true);
  });

  test('a container in the network of the host publishes nothing, and says so', () => {
    const { request, warnings } = lower({ HostConfig: { NetworkMode: 'host', PortBindings: { '80/tcp': [{}] } } });
    assert.deepEqual(request.sandbox.ports, []);
    assert.deepEqual(warnings, ['Published ports are discarded when using host network mode']);
  });

  test('namespaces, names and addresses', () => {
    const { sandbox } = host({ PidMode: 'host', IpcMode: 'container:source', ExtraHosts: ['gw:host-gateway', 'v6=[::1]'], Dns: ['9.9.9.9'], Sysctls: { 'net.core.somaxconn': '5' } });
    assert.deepEqual(sandbox.pid, { kind: 'host' });
    assert.deepEqual(sandbox.ipc, { kind: 'container', id: engine.containers.find('source').spec.id });
    assert.deepEqual(sandbox.network, { kind: 'network', name: 'bridge' });
    assert.deepEqual(sandbox.cgroup, { kind: 'private' });
    assert.deepEqual(sandbox.extraHosts, ['gw:172.17.0.1', 'v6:::1']);
    assert.deepEqual(lowered({ NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: '02-42-AC-11-00-02' } } } }).sandbox.endpoints[0]?.macAddress, '02:42:ac:11:00:02');
  });

  test('security', () => {
    const { security } = host({ CapAdd: ['net_admin'], CapDrop: ['all'], SecurityOpt: ['no-new-privileges:true', 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'label=disable'], DeviceCgroupRules: ['c 1:3 rwm'] });
    assert.deepEqual(security.capabilitiesAdd, ['CAP_NET_ADMIN']);
    assert.deepEqual(security.capabilitiesDrop, ['ALL']);
    assert.equal(security.noNewPrivileges, true);
    assert.equal(security.seccomp.kind, 'profile');
    assert.equal(security.maskedPaths, undefined, 'the engine has a list of its own');
    assert.deepEqual(host({ MaskedPaths: ['/proc/kcore'] }).security.maskedPaths, ['/proc/kcore']);
    const open = host({ Privileged: true }).security;
    assert.deepEqual([open.seccomp, open.maskedPaths, open.readonlyPaths], [{ kind: 'unconfined' }, [], []]);
  });

  test('limits; what is zero is no limit', () => {
    assert.deepEqual(host({}).resources, {});
    assert.deepEqual(host({ Memory: 8e6, NanoCpus: 5e8, PidsLimit: 7 }).resources, { memoryBytes: 8e6, memorySwapBytes: 16e6, nanoCpus: 5e8, pidsLimit: 7 });
    assert.deepEqual(host({ Ulimits: [{ Name: 'NoFile', Soft: 1, Hard: -1 }] }).ulimits, [{ name: 'nofile', soft: 1, hard: -1 }]);
  });

  test('health, stop, restart, logs', () => {
    const request = lowered({ Healthcheck: { Test: ['CMD', 'check'], Interval: 2_500_000_000 }, StopTimeout: 0, HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 }, LogConfig: { Type: 'local' } } });
    assert.deepEqual(request.probe, { command: { kind: 'exec', words: ['check'] }, intervalMs: 2500, timeoutMs: 30_000, startPeriodMs: 0, startIntervalMs: 5000, retries: 3 });
    assert.deepEqual(request.stop, { signal: 'SIGTERM', timeoutSeconds: 0 });
    assert.deepEqual(request.restart, { kind: 'on-failure', maximumRetries: 2 });
    assert.deepEqual(request.logging, { driver: 'local', options: {}, keep: { bytes: 20_000_000, files: 5, compress: true } });
    assert.deepEqual(host({ LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } }).logging.keep, { bytes: 1_000_000, files: 1, compress: false });
    assert.equal(lowered({ Healthcheck: { Test: ['NONE'] } }).probe, undefined);
  });

  test('S-207: labels and variables of an image are data: only a request gives orders by them', () => {
    engine.imageRows.push(fakeImage('orders:1', { Cmd: ['x'], Env: ['NODE_OPTIONS=--require=/x', 'LD_PRELOAD=/x'], Labels: { 'gantry.on-unhealthy': 'stop', 'containerd.io/restart.loguri': 'binary:///x', 'run.oci.handler': 'krun', 'com.docker.volume.anonymous': '' } }, 'bb'));
    engine.imageRows.push(fakeImage('plain:1', { Cmd: ['x'] }, 'cc'));
    const [ordered, plain] = [lowered({ Image: 'orders:1' }), lowered({ Image: 'plain:1' })];
    assert.equal(ordered.labels['gantry.on-unhealthy'], 'stop', 'it is shown');
    const same = { image: plain.image, labels: plain.labels, front: plain.front, process: { ...ordered.process, env: [] } };
    assert.deepEqual({ ...ordered, ...same }, { ...plain, process: { ...plain.process, env: [] } }, 'and changes nothing');
    assert.equal(lowered({ Image: 'orders:1', Labels: { 'gantry.on-unhealthy': 'restart' } }).onUnhealthy, 'restart');
    for (const value of ['', 'Restart', 'nonsense', 'toString']) assert.equal(lowered({ Labels: { 'gantry.on-unhealthy': value } }).onUnhealthy, undefined, value);
  });

  test('an annotation never leaves what an inspect shows', () => {
    const request = host({ Annotations: { 'run.oci.hooks.stdout': '/x', '__proto__x': 'y' } });
    const { front, ...spec } = request;
    assert.ok(!JSON.stringify(spec).includes('run.oci'));
    assert.ok(JSON.stringify(front).includes('run.oci'));
  });

  for (const [body, message] of [
    [{ HostConfig: { SecurityOpt: ['seccomp={bad'] } }, 'Decoding seccomp profile failed: it is neither `unconfined`, `builtin` nor the JSON of a profile'],
    [{ HostConfig: { Ulimits: [{ Name: 'nofile', Soft: 5, Hard: 1 }] } }, 'ulimit soft limit must be less than or equal to hard limit: 5 > 1'],
    [{ HostConfig: { Ulimits: [{ Name: 'foo', Soft: 1, Hard: 1 }] } }, 'invalid ulimit type: foo'],
    [{ HostConfig: { Sysctls: { 'kernel.panic': '1' } } }, 'sysctl "kernel.panic" is not in a separate kernel namespace'],
    [{ HostConfig: { NetworkMode: 'host', Sysctls: { 'net.core.somaxconn': '1' } } }, 'sysctl "net.core.somaxconn" is not in a separate kernel namespace'],
    [{ HostConfig: { Sysctls: { 'kernel/../vm.x': '1' } } }, 'sysctl "kernel/../vm.x" is not in a separate kernel namespace'],
    [{ HostConfig: { Tmpfs: { '/a': 'foo' } } }, 'invalid tmpfs option "foo"'],
    [{ HostConfig: { PortBindings: { '80/tcp': [{ HostIp: 'foo' }] } } }, 'invalid IP address: foo'],
    [{ Volumes: { '/': {} } }, "invalid specification: destination can't be '/'"],
  ] as const) {
    test(`refused: ${message}`, () => assert.throws(() => lower(body), { kind: 'invalid', message }));
  }

  test('platforms', () => {
    assert.equal(lowered({}, { platform: 'linux/x86_64' }).image.reference, 'app:1');
    assert.throws(() => lower({}, { platform: 'linux/arm64' }), { kind: 'not-found', message: 'image with reference app:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)' });
    assert.throws(() => lower({}, { platform: 'a/b/c/d' }), { kind: 'invalid' });
  });

  test('an image of another platform is told of, where nobody asked for that', () => {
    engine.imageRows.push(fakeImage('other:1', { Cmd: ['x'] }, 'bb', 'arm64'));
    assert.deepEqual(lower({ Image: 'other:1' }).warnings, ["The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64) and no specific platform was requested"]);
    assert.deepEqual(lower({ Image: 'other:1' }, { platform: 'linux/arm64' }).warnings, []);
    assert.deepEqual(lower({}).warnings, []);
    const image = { architecture: '386', os: 'linux', variant: '' } as ImageConfig;
    assert.deepEqual([foreignPlatform(image, 'amd64'), foreignPlatform({ ...image, architecture: '' }, 'amd64')], [undefined, undefined]);
    assert.match(foreignPlatform({ ...image, architecture: 'amd64', os: 'windows' }, 'amd64') ?? '', /platform \(windows\/amd64\)/);
  });
});

test('addresses', () => {
  for (const good of ['1.2.3.4', '::', '::1', 'fe80::1:2', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4']) assert.ok(isAddress(good), good);
  for (const bad of ['', '1.2.3', '1.2.3.256', '01.2.3.4', ':::', '1::2::3', '1:2:3:4:5:6:7', 'g::', '1:2:3:4:5:6:7:8:9']) assert.ok(!isAddress(bad), bad);
});
