import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createDockerServer, type DockerServer } from './edge/server.ts';
import { FakeEngine } from './fake-engine.ts';
import { fakeImage } from './fake-images.ts';

/** The reference engine, started apart from the tests. */
const PEER = process.env['GANTRY_REFERENCE_SOCKET'] ?? '/run/peers/docker.sock';
const IMAGE = `gantry-differential-${process.pid}:1`;

interface Reply {
  readonly status: number;
  readonly text: string;
}

function call(socketPath: string, method: string, path: string, body?: string | Buffer, type = 'application/json'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const req = request({ socketPath, method, path, headers, agent: false }, (res) => {
      const pieces: Buffer[] = [];
      res.on('data', (piece: Buffer) => pieces.push(piece));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
    });
    req.on('error', reject);
    req.end(body);
  });
}

const isUp = await call(PEER, 'GET', '/_ping').then(({ text }) => text === 'OK', () => false);
const skip = isUp ? false : `no reference dockerd answers at ${PEER}`;

const CHANGES = [
  'CMD ["serve","--all"]', 'ENTRYPOINT ["/bin/app"]', 'ENV A=image B=image', 'LABEL who=image only=image', 'EXPOSE 80 53/udp', 'VOLUME /data', 'WORKDIR /srv',
  'USER 12:34', 'STOPSIGNAL SIGQUIT', 'HEALTHCHECK --interval=5s --retries=4 CMD ["check"]',
];

/** Bodies that both engines take: what they answer to an inspect must be the same. */
const ACCEPTED: Readonly<Record<string, { readonly body: object; readonly query?: string; readonly version?: string }>> = {
  'nothing but an image': { body: {} },
  'own command': { body: { Cmd: ['x', 'a b'] } },
  'own command as a string': { body: { Cmd: 'echo' } },
  'own entrypoint': { body: { Entrypoint: ['sh', '-c'], Cmd: ['true'] } },
  'empty entrypoint': { body: { Entrypoint: [], Cmd: ['q'] } },
  'entrypoint taken away': { body: { Entrypoint: [''], Cmd: ['q'] } },
  'environment': { body: { Env: ['A=own', 'C', 'D='] } },
  'labels': { body: { Labels: { who: 'own', new: '' } } },
  'ports': { body: { ExposedPorts: { '81/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8099' }], '81/tcp': [{ HostIp: '127.0.0.1' }] } } } },
  'all ports': { body: { HostConfig: { PublishAllPorts: true } } },
  'terminal': { body: { Tty: true, OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, HostConfig: { ConsoleSize: [24, 80] } } },
  'identity': { body: { Hostname: 'h', Domainname: 'd.e', User: '5', WorkingDir: '/a/../b/' } },
  'binds': { body: { HostConfig: { Binds: ['/tmp:/x:ro', 'gantry-diff-v:/y', '/tmp:/w:rshared,z', 'gantry-diff-v:/n:nocopy'] } } },
  'mounts': {
    body: {
      HostConfig: {
        Mounts: [
          { Type: 'bind', Source: '/tmp', Target: '/x', ReadOnly: true, BindOptions: { Propagation: 'rslave', NonRecursive: true } }, { Type: 'volume', Target: '/y' },
          { Type: 'volume', Source: 'gantry-diff-v', Target: '/z', VolumeOptions: { NoCopy: true, Subpath: 'sub' } },
          { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576, Mode: 448, Options: [['exec']] } },
        ],
      },
    },
  },
  'tmpfs': { body: { HostConfig: { Tmpfs: { '/run': 'size=1m', '/tmp': '' } } } },
  'volumes': { body: { Volumes: { '/data': {}, '/more': {} } } },
  'memory': { body: { HostConfig: { Memory: 67_108_864, MemoryReservation: 33_554_432 } } },
  'unlimited swap': { body: { HostConfig: { Memory: 67_108_864, MemorySwap: -1 } } },
  'cpus': { body: { HostConfig: { NanoCpus: 500_000_000, CpuShares: 512, CpusetCpus: '0' } } },
  'quota': { body: { HostConfig: { CpuPeriod: 100_000, CpuQuota: 20_000, PidsLimit: 10 } } },
  'no pids limit': { body: { HostConfig: { PidsLimit: -1 } } },
  'restart': { body: { HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } } } },
  'auto remove': { body: { HostConfig: { AutoRemove: true } } },
  'privileged': { body: { HostConfig: { Privileged: true } } },
  'security': { body: { HostConfig: { CapAdd: ['net_admin', 'ALL'], CapDrop: ['CAP_CHOWN'], SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'], ReadonlyRootfs: true } } },
  'open paths': { body: { HostConfig: { MaskedPaths: [], ReadonlyPaths: [] } } },
  'host namespaces': { body: { HostConfig: { NetworkMode: 'host', PidMode: 'host', IpcMode: 'host', UTSMode: 'host', CgroupnsMode: 'host' } } },
  'no network': { body: { HostConfig: { NetworkMode: 'none' } } },
  'default network by name': { body: { HostConfig: { NetworkMode: 'default' }, NetworkingConfig: { EndpointsConfig: { default: {} } } } },
  'shareable ipc': { body: { HostConfig: { IpcMode: 'shareable', CgroupnsMode: 'private', ShmSize: 1_048_576 } } },
  'name service': { body: { HostConfig: { Dns: ['1.1.1.1'], DnsSearch: ['a.b'], DnsOptions: ['ndots:2'], ExtraHosts: ['h:1.2.3.4', 'g:host-gateway'] } } },
  'limits': { body: { HostConfig: { Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }], OomScoreAdj: -5, GroupAdd: ['audio', '7'], Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/n', CgroupPermissions: 'r' }] } } },
  'sysctls': { body: { HostConfig: { Sysctls: { 'net.core.somaxconn': '128' }, Init: true, Annotations: { a: 'b' } } } },
  'log driver': { body: { HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } } } },
  'no log': { body: { HostConfig: { LogConfig: { Type: 'none' } } } },
  'health': { body: { Healthcheck: { Test: ['CMD-SHELL', 'true'], Timeout: 2_000_000 } } },
  'no health': { body: { Healthcheck: { Test: ['NONE'] } } },
  'stop': { body: { StopSignal: 'SIGINT', StopTimeout: 3 } },
  'hardware address': { body: { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: '02:42:ac:11:00:99' } } } } },
  'hardware address of old': { body: { MacAddress: '02:42:ac:11:00:99' } },
  'fields in other cases': { body: { hostname: 'low', hostconfig: { memory: 67_108_864 }, Unknown: { a: 1 } } },
  'nulls': { body: { Env: null, Labels: null, HostConfig: { Binds: null, Memory: null, LogConfig: null, RestartPolicy: null, PortBindings: null } } },
  'keys of the language': { body: { Labels: JSON.parse('{"__proto__":"1","constructor":"2"}') as object } },
  'no oom killer': { body: { HostConfig: { OomKillDisable: true } } },
  'block devices': {
    body: {
      HostConfig: {
        BlkioDeviceReadBps: [{ Path: '/dev/null', Rate: 1024 }], BlkioDeviceWriteBps: [{ Path: '/dev/null', Rate: 1024 }], BlkioDeviceReadIOps: [{ Path: '/dev/nosuch', Rate: 10 }],
        BlkioDeviceWriteIOps: [{ Path: '/dev/null', Rate: 10 }],
      },
    },
  },
  'block weights': { body: { HostConfig: { BlkioWeight: 300, BlkioWeightDevice: [{ Path: '/dev/null', Weight: 100 }] } } },
  'empty block limits': { body: { HostConfig: { BlkioDeviceReadBps: [], BlkioDeviceWriteBps: null, BlkioWeightDevice: [] } } },
  'swappiness': { body: { HostConfig: { MemorySwappiness: 50 } } },
  'old swappiness': { body: { HostConfig: { MemorySwappiness: -1 } } },
  'tcp memory': { body: { HostConfig: { KernelMemoryTCP: 10_485_760 } } },
  'processors of Windows': { body: { HostConfig: { CpuCount: 2, CpuPercent: 30 } } },
  'device rules': { body: { HostConfig: { DeviceCgroupRules: ['c 1:3 rwm', 'a *:* m'], Devices: [{ PathOnHost: '/dev/null' }] } } },
  'empty devices': { body: { HostConfig: { Devices: [], DeviceCgroupRules: [], DeviceRequests: [] } } },
  'requests of devices': { body: { HostConfig: { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.example/class=a'] }] } } },
  'graphics': { body: { HostConfig: { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }, { Driver: 'nosuch', Options: { a: 'b' } }] } } },
  'control group parent': { body: { HostConfig: { CgroupParent: '/some/where', Cgroup: '' } } },
  'user namespace of the host': { body: { HostConfig: { UsernsMode: 'host' } } },
  'runtime': { body: { HostConfig: { Runtime: 'runc' } } },
  'labels of security': { body: { HostConfig: { SecurityOpt: ['label=disable', 'apparmor=unconfined'] } } },
  'words of security': { body: { HostConfig: { SecurityOpt: ['label:type:x', 'no-new-privileges=false', 'writable-cgroups=true', 'disable'] } } },
  'processes of the host': { body: { HostConfig: { PidMode: 'host', SecurityOpt: ['no-new-privileges'] } } },
  'hard paths': { body: { HostConfig: { MaskedPaths: ['/proc/kcore'], ReadonlyPaths: null } } },
  'volume driver': { body: { Volumes: { '/data': {} }, HostConfig: { VolumeDriver: 'local' } } },
  'empty lists': {
    body: {
      Env: [], Cmd: [], OnBuild: [], Shell: [], ExposedPorts: {}, Volumes: {}, Labels: {},
      HostConfig: {
        Binds: [], VolumesFrom: [], CapAdd: [], CapDrop: [], Dns: [], DnsOptions: [], DnsSearch: [], ExtraHosts: [], GroupAdd: [], Links: [], SecurityOpt: [], StorageOpt: {}, Tmpfs: {}, Sysctls: {},
        Ulimits: [], Mounts: [], PortBindings: {}, Annotations: {}, LogConfig: { Type: '', Config: {} },
      },
    },
  },
  'null objects': {
    body: {
      Healthcheck: null, StopTimeout: null, NetworkingConfig: null, ExposedPorts: null, Volumes: null, OnBuild: null, Entrypoint: null, Cmd: null, Shell: null,
      HostConfig: { Ulimits: null, Devices: null, DeviceRequests: null, Mounts: null, Sysctls: null, Tmpfs: null, CapAdd: null, PidsLimit: null, Init: null, OomKillDisable: null, MaskedPaths: null },
    },
  },
  'empty shell and more': { body: { Shell: ['/bin/bash', '-c'], ArgsEscaped: true, OnBuild: ['RUN x'], NetworkDisabled: true, StopTimeout: 0 } },
  'health with all': { body: { Healthcheck: { Test: ['CMD', 'x'], Interval: 2e9, Timeout: 3e9, StartPeriod: 4e9, StartInterval: 5e9, Retries: 6 } } },
  'health that only changes the interval': { body: { Healthcheck: { Interval: 9e9 } } },
  'limits without an order': { body: { HostConfig: { Ulimits: [{ Name: 'core', Hard: -1, Soft: -1 }, { Name: 'nproc', Hard: 5, Soft: 5 }] } } },
  'no log of its own': { body: { HostConfig: { LogConfig: { Type: 'json-file', Config: null } } } },
  'log local': { body: { HostConfig: { LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '3', compress: 'false', mode: 'non-blocking', 'max-buffer-size': '2m' } } } } },
  'log syslog': { body: { HostConfig: { LogConfig: { Type: 'syslog', Config: { 'syslog-address': 'udp://127.0.0.1:1514', 'syslog-facility': 'daemon', 'syslog-format': 'rfc5424', tag: 'x', labels: 'a,b', env: 'c' } } } } },
  'log journald': { body: { HostConfig: { LogConfig: { Type: 'journald', Config: { tag: '{{.Name}}', labels: 'a' } } } } },
  'log with all options': { body: { HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '3', compress: 'true', labels: 'who', 'labels-regex': '^w', env: 'A', 'env-regex': '^B', tag: '{{.ID}}' } } } } },
  'zeros': { body: { HostConfig: { PidsLimit: 0, ShmSize: 0, OomScoreAdj: 0, CpuShares: 0, BlkioWeight: 0, Memory: 0, MemorySwap: 0 } } },
  'swap and no memory': { body: { HostConfig: { MemorySwap: -1 } } },
  'file of the id': { body: { HostConfig: { ContainerIDFile: '/tmp/cid', Isolation: 'default' } } },
  'image mount': { body: { HostConfig: { Mounts: [{ Type: 'bind', Source: '/tmp', Target: '/x', ReadOnly: true, Consistency: 'delegated', BindOptions: { ReadOnlyNonRecursive: true } }] } } },
  'before 1.40': { body: {}, version: '1.39' },
  'before 1.43': { body: { HostConfig: { Annotations: { a: 'b' }, ConsoleSize: [1, 2] } }, version: '1.41' },
  'before 1.44': { body: { MacAddress: '02:42:ac:11:00:99', Healthcheck: { StartInterval: 5_000_000 } }, version: '1.43' },
};

/** Bodies that both refuse, with the same words. */
const REFUSED: readonly (object | string)[] = [
  '', '{', '{}{}', '[]', 'null', '{}', '{"Image":"x"', { Image: 3 }, { Env: 'x' }, { Labels: { a: 1 } }, { Labels: [] }, { ExposedPorts: ['80'] }, { ExposedPorts: { '80/tcp': 3 } },
  { Tty: 'true' }, { StopTimeout: 1.5 }, { WorkingDir: 'rel' }, { StopSignal: 'FOO' }, { Env: ['=x'] }, { Env: [''] }, { Healthcheck: { Interval: 100 } }, { Healthcheck: { Retries: -1 } },
  { Healthcheck: { Test: 'x' } }, { Entrypoint: [''] }, { MacAddress: 'zz' },
  ...[
    { Memory: 'x' }, { Memory: 1 }, { Memory: 1.5 }, { Memory: 10_485_760, MemorySwap: 1 }, { MemorySwap: 10_485_760 }, { NanoCpus: 1e9, CpuPeriod: 1000 }, { NanoCpus: 1e9, CpuQuota: 1000 },
    { NanoCpus: 99e9 }, { CpuPeriod: 1 }, { CpuQuota: 1 }, { CpuShares: -1 }, { CpusetCpus: '99' }, { CpusetCpus: 'a' }, { BlkioWeight: 70_000 }, { MemorySwappiness: 200 }, { MemoryReservation: 1 },
    { OomScoreAdj: 2000 }, { ShmSize: -1 }, { IpcMode: 'foo' }, { PidMode: 'foo' }, { PidMode: 'container:' }, { PidMode: 'container:zz' }, { UTSMode: 'foo' }, { CgroupnsMode: 'foo' },
    { NetworkMode: 'container:zz', PortBindings: { '80/tcp': [{}] } }, { Isolation: 'hyperv' }, { Runtime: 'nope' }, { AutoRemove: true, RestartPolicy: { Name: 'always' } },
    { RestartPolicy: { Name: 'foo' } }, { RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } }, { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: -3 } }, { CapAdd: ['FOO'] },
    { CapDrop: ['FOO'] }, { PortBindings: { x: [] } }, { PortBindings: { '80/tcp': [{ HostPort: 'x' }] } }, { PortBindings: { '80/tcp': [{ HostPort: 80 }] } },
    { PortBindings: { '80-81/tcp': [{ HostPort: '80-81' }] } }, { Binds: ['/tmp:/a', '/var:/a'] }, { Binds: ['/tmp:/a'], Tmpfs: { '/a': '' } }, { VolumesFrom: ['zz'] }, { VolumesFrom: [''] },
    { VolumesFrom: ['zz:foo'] }, { Tmpfs: { rel: '' } }, { Tmpfs: { '/': '' } }, { ExtraHosts: ['foo'] }, { ExtraHosts: ['foo:bar'] },
    { LogConfig: { Type: 'json-file', Config: { foo: '1' } } }, { Annotations: { '': 'x' } }, { NetworkMode: 'host', Links: ['x:y'] }, { Init: 3 }, { Binds: ['a'] }, { Binds: ['/tmp:/a:foo'] },
    { Binds: ['/tmp:/:ro'] }, { Binds: ['/tmp:rel'] }, { Binds: ['a:b:c:d'] }, { Binds: [''] }, { Binds: ['/tmp:/a:ro,rw'] }, { Binds: [':/a'] }, { SecurityOpt: ['foo'] }, { SecurityOpt: ['foo=bar'] },
    { VolumeDriver: 'nosuch', Binds: ['v:/x'] }, { SecurityOpt: ['writable-cgroups=maybe'] }, { SecurityOpt: ['systempaths=unconfined'] }, { IOMaximumIOps: 1 }, { IOMaximumBandwidth: 1 }, { MemorySwappiness: -2 },
    { PidsLimit: 'x' }, { Init: 'yes' }, { LogConfig: { Type: 'nosuch' } },
    { LogConfig: { Type: 'local', Config: { labels: 'a' } } }, { LogConfig: { Type: 'journald', Config: { 'max-size': '1m' } } },
    { LogConfig: { Type: 'syslog', Config: { 'syslog-address': 'x' } } }, { LogConfig: { Type: 'syslog', Config: { 'syslog-facility': 'x' } } }, { LogConfig: { Type: 'syslog', Config: { 'syslog-format': 'x' } } },
    { LogConfig: { Type: 'syslog', Config: { 'syslog-address': 'http://x' } } }, { LogConfig: { Type: 'syslog', Config: { foo: 'x' } } },
    { LogConfig: { Type: 'json-file', Config: { mode: 'x' } } }, { LogConfig: { Type: 'json-file', Config: { 'max-buffer-size': '1m' } } }, { LogConfig: { Type: 'json-file', Config: { mode: 'non-blocking', 'max-buffer-size': 'x' } } },
    { SecurityOpt: ['no-new-privileges:maybe'] }, { StorageOpt: { size: '1G' } }, { Sysctls: { 'net.ipv4.conf.eth0.forwarding': '1' } },
  ].map((HostConfig) => ({ HostConfig })),
  ...[
    { Type: 'bind', Target: '/a' }, { Type: 'bind', Source: 'rel', Target: '/a' }, { Type: 'bind', Source: '/tmp' }, { Type: 'bind', Source: '/tmp', Target: 'rel' }, { Type: 'foo', Source: '/tmp', Target: '/a' },
    { Source: '/tmp', Target: '/a' }, { Type: 'tmpfs', Source: '/x', Target: '/a' }, { Type: 'tmpfs', Target: '/a', TmpfsOptions: { Options: [['foo']] } }, { Type: 'volume', Target: '/a', ReadOnly: true },
    { Type: 'volume', Target: '/a', BindOptions: {} }, { Type: 'bind', Source: '/tmp', Target: '/a', BindOptions: { Propagation: 'foo' } }, { Type: 'image', Target: '/a' },
    { Type: 'npipe', Source: 'x', Target: '/a' }, { Type: 'volume', Target: '/a', VolumeOptions: { Subpath: 'x' } }, { Type: 'volume', Source: 'q', Target: '/a', VolumeOptions: { Subpath: '../x' } },
  ].map((mount) => ({ HostConfig: { Mounts: [mount] } })),
  { Hostname: 'x', HostConfig: { UTSMode: 'host' } }, { Hostname: 'x', HostConfig: { NetworkMode: 'container:zz' } }, { NetworkingConfig: { EndpointsConfig: { foo: null } } },
  { NetworkingConfig: { EndpointsConfig: { bridge: { Aliases: ['a'] } } } }, { Image: 'nope' }, { Image: 'nope:x' },
];

/** A HostConfig, and what is then asked to be changed. */
const UPDATES: readonly (readonly object[])[] = [
  [{}, {}, { Memory: 100_000_000, MemorySwap: 200_000_000 }, { Memory: 300_000_000 }, { Memory: 150_000_000 }, { MemorySwap: -1 }, { MemoryReservation: 50_000_000 }],
  [{}, { Memory: 1 }, { Memory: 100_000_000 }, { MemorySwap: 200_000_000 }],
  [{}, { NanoCpus: 1e9 }, { CpuPeriod: 50_000 }, { CpuQuota: 20_000 }, { NanoCpus: 5e8 }],
  [{ CpuPeriod: 50_000 }, { NanoCpus: 1e9 }, { CpuQuota: 20_000 }, { CpuShares: 300 }],
  [{ CpuQuota: 50_000 }, { NanoCpus: 1e9 }, { CpusetCpus: '0', CpusetMems: '0' }, { CpusetCpus: '99' }],
  [{ PidsLimit: 5 }, { PidsLimit: 0 }, { PidsLimit: 7 }, { PidsLimit: -1 }, { PidsLimit: null }],
  [{}, { RestartPolicy: { Name: 'always' } }, { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 } }, { RestartPolicy: { Name: 'foo' } }, { RestartPolicy: { Name: 'no', MaximumRetryCount: 3 } }, { RestartPolicy: {} }],
  [{ AutoRemove: true }, { RestartPolicy: { Name: 'always' } }, { RestartPolicy: { Name: 'no' } }],
  [{}, { BlkioWeight: 300 }, { Memory: 'x' }, { NanoCpus: 99e9 }, { MemorySwappiness: 5, OomKillDisable: true, Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 1 }] }],
];

/** What the reference takes, and fails over when the container starts, is refused at once. */
const REFUSED_EARLIER: readonly object[] = [
  { DeviceCgroupRules: ['x'] }, { DeviceCgroupRules: ['c 1:3 rwx'] }, { Devices: [{ PathOnHost: '/dev/null', CgroupPermissions: 'x' }] }, { UsernsMode: 'foo' }, { Ulimits: [{ Name: 'nosuch', Soft: 1, Hard: 1 }] },
  { Ulimits: [{ Name: 'nofile', Soft: 2, Hard: 1 }] }, { SecurityOpt: ['seccomp=x'] }, { SecurityOpt: ['seccomp={'] }, { CpuRealtimeRuntime: 1000 }, { CpuRealtimePeriod: 1000 }, { Sysctls: { 'kernel.core_pattern': 'x' } },
  { LogConfig: { Type: 'json-file', Config: { 'max-size': 'x' } } }, { LogConfig: { Type: 'json-file', Config: { 'max-file': '0' } } }, { LogConfig: { Type: 'json-file', Config: { compress: 'maybe' } } },
];

/** The reference answers some wrong requests with 500; here they are the client's fault, as they should be. */
const statusOf = ({ status, text }: Reply): number => (status === 500 && /^\{"message":"(invalid (volume spec|mode|--sec|filter)|--storage-opt|interface specific)/.test(text) ? 400 : status);

type Tree = { [key: string]: unknown };

/** An inspect without what differs by nature: ids, times, names that were drawn, places of files. */
function normalise(text: string, id: string): Tree {
  const tree = JSON.parse(text.replaceAll(id, 'ID').replaceAll(id.slice(0, 12), 'SHORT-ID').replace(/\/var\/lib\/(docker|gantry)\//g, '/ROOT/').replace(/[0-9a-f]{64}/g, 'DRAWN')) as Tree;
  const mounts = tree['Mounts'] as { Destination: string }[];
  mounts.sort((left, right) => (left.Destination < right.Destination ? -1 : 1));
  return { ...tree, Created: 'TIME', GraphDriver: undefined, Name: 'NAME', Image: 'IMAGE' };
}

/** By design: a container that asks for nothing sees its own control group as the root also on cgroup v1, where the reference shows it the host's. */
function withOwnCgroups(theirs: Tree | undefined, body: { readonly HostConfig?: { readonly CgroupnsMode?: string; readonly Privileged?: boolean } | null }): Tree {
  const { CgroupnsMode = '', Privileged = false } = body.HostConfig ?? {};
  const host = theirs?.['HostConfig'] as Tree;
  return CgroupnsMode !== '' || Privileged ? { ...theirs } : { ...theirs, HostConfig: { ...host, CgroupnsMode: 'private' } };
}

describe('against the reference engine', { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-differential-'));
  const socket = join(directory, 'docker.sock');
  const engine = new FakeEngine();
  let server: DockerServer;

  before(async () => {
    const changes = CHANGES.map((change) => `changes=${encodeURIComponent(change)}`).join('&');
    const [repo, tag] = IMAGE.split(':');
    const imported = await call(PEER, 'POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}&${changes}`, Buffer.alloc(1024), 'application/x-tar');
    assert.equal(imported.status, 200, imported.text);
    const { Config } = JSON.parse((await call(PEER, 'GET', `/images/${IMAGE}/json`)).text) as { Config: Record<string, unknown> };
    const { NCPU, Name } = JSON.parse((await call(PEER, 'GET', '/info')).text) as { NCPU: number; Name: string };
    engine.imageRows.push(fakeImage(IMAGE, Config, 'd1'));
    Object.assign(engine.info.facts, { cpus: NCPU, hostname: Name });
    server = createDockerServer({ engine, clock: { nowNs: () => 1n, monotonicMs: () => 1 }, version: '0.0.0', log: () => {} });
    await server.listenUnix(socket, { mode: 0o600, gid: process.getgid?.() ?? 0 });
  });

  after(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
    await call(PEER, 'DELETE', `/images/${IMAGE}?force=1`);
    await call(PEER, 'DELETE', '/volumes/gantry-diff-v?force=1');
  });

  for (const [name, { body, version = '1.51' }] of Object.entries(ACCEPTED)) {
    test(`inspect tells what was sent: ${name}`, async () => {
      const text = JSON.stringify({ Image: IMAGE, ...body });
      const trees: Tree[] = [];
      for (const path of [PEER, socket]) {
        const created = await call(path, 'POST', `/v${version}/containers/create`, text);
        assert.equal(created.status, 201, `${path === PEER ? 'reference' : 'gantry'}: ${created.text}`);
        const { Id, Warnings } = JSON.parse(created.text) as { Id: string; Warnings: string[] };
        const inspected = await call(path, 'GET', `/v${version}/containers/${Id}/json`);
        await call(path, 'DELETE', `/containers/${Id}?v=1&force=1`);
        trees.push({ ...normalise(inspected.text, Id), Warnings });
      }
      assert.deepEqual(trees[1], withOwnCgroups(trees[0], body));
    });
  }

  test('a list tells a container as it does', async () => {
    const body = JSON.stringify({ Image: IMAGE, Cmd: ['a b', 'c'], Labels: { 'gantry-diff': 'list' }, HostConfig: { Binds: ['/tmp:/x', 'gantry-diff-v:/y'] } });
    const filters = encodeURIComponent(JSON.stringify({ label: ['gantry-diff=list'] }));
    const lists: unknown[] = [];
    for (const path of [PEER, socket]) {
      const { Id } = JSON.parse((await call(path, 'POST', '/containers/create', body)).text) as { Id: string };
      const listed = await call(path, 'GET', `/containers/json?all=1&filters=${filters}`);
      await call(path, 'DELETE', `/containers/${Id}?v=1`);
      const [entry] = JSON.parse(`[${JSON.stringify(normalise(listed.text.trim().slice(1, -1), Id))}]`) as Tree[];
      // In a list, not in an inspect, the reference forgets where an anonymous volume is.
      const mounts = (entry?.['Mounts'] as Tree[]).map((mount) => (mount['Name'] === 'DRAWN' ? { ...mount, Source: '' } : mount));
      lists.push({ ...entry, Mounts: mounts, Names: 'NAMES', ImageID: 'IMAGE', Image: IMAGE });
    }
    assert.deepEqual(lists[1], lists[0]);
  });

  test('an image is told as it does', async () => {
    const [theirs, ours] = await Promise.all([PEER, socket].map(async (path) => JSON.parse((await call(path, 'GET', `/images/${IMAGE}/json`)).text) as Tree));
    assert.deepEqual(Object.keys(ours ?? {}).sort(), Object.keys(theirs ?? {}).sort());
    assert.deepEqual(ours?.['Config'], theirs?.['Config']);
    const entries = await Promise.all([PEER, socket].map(async (path) => (JSON.parse((await call(path, 'GET', '/images/json')).text) as Tree[]).find((entry) => (entry['RepoTags'] as string[]).includes(IMAGE))));
    assert.deepEqual(Object.keys(entries[1] ?? {}).sort(), Object.keys(entries[0] ?? {}).sort());
    assert.deepEqual(entries[1]?.['Labels'], entries[0]?.['Labels']);
  });

  for (const name of ['bridge', 'host', 'none']) {
    test(`the network ${name} has the same fields`, async () => {
      const [theirs, ours] = await Promise.all([PEER, socket].map(async (path) => JSON.parse((await call(path, 'GET', `/networks/${name}`)).text) as Tree));
      const own = { Id: 0, Created: 0, Options: 0, Containers: 0, IPAM: 0 };
      assert.deepEqual({ ...ours, ...own }, { ...theirs, ...own });
      assert.deepEqual(Object.keys(ours?.['IPAM'] as object), Object.keys(theirs?.['IPAM'] as object));
    });
  }

  test('what is not there is missed in the same words', async () => {
    const calls = ['GET /containers/nope/json', 'POST /containers/nope/start', 'DELETE /containers/nope', 'GET /images/nope/json', 'DELETE /images/nope', 'GET /networks/nope', 'GET /volumes/nope', 'GET /exec/nope/json',
      'GET /nope', 'POST /info', 'GET /v1.99/info', 'GET /v1.10/info', 'GET /containers/json?filters={"foo":["x"]}', 'GET /containers/json?filters={"status":["x"]}',
      'GET /containers/json?filters={"exited":["x"]}', 'GET /containers/json?filters={"health":["x"]}', 'GET /containers/json?filters={"is-task":["x"]}', 'GET /containers/json?filters={"before":["x"]}',
      'GET /networks?filters={"dangling":["x"]}', 'GET /networks?filters={"type":["x"]}', 'GET /networks?filters={"foo":["x"]}', 'GET /volumes?filters={"foo":["x"]}', 'GET /images/json?filters={"foo":["x"]}',
      'GET /services', 'GET /swarm', 'GET /plugins', 'GET /system/df?type=x'];
    for (const one of calls) {
      const [method = '', path = ''] = one.split(/ (.*)/);
      const [theirs, ours] = await Promise.all([call(PEER, method, encodeURI(path)), call(socket, method, encodeURI(path))]);
      assert.deepEqual(ours, { status: statusOf(theirs), text: theirs.text }, one);
    }
  });

  for (const [made, ...changes] of UPDATES) {
    test(`updates of ${JSON.stringify(made)} come out alike: ${changes.map((change) => JSON.stringify(change)).join(' ').slice(0, 120)}`, async () => {
      const tales: unknown[] = [];
      for (const path of [PEER, socket]) {
        const { Id } = JSON.parse((await call(path, 'POST', '/v1.51/containers/create', JSON.stringify({ Image: IMAGE, Cmd: ['x'], HostConfig: made }))).text) as { Id: string };
        const tale: unknown[] = [];
        for (const change of changes) {
          const { status, text } = await call(path, 'POST', `/v1.51/containers/${Id}/update`, JSON.stringify(change));
          tale.push({ status, text: text.replaceAll(Id, 'ID') }, withOwnCgroups(normalise((await call(path, 'GET', `/containers/${Id}/json`)).text, Id), {})['HostConfig']);
        }
        await call(path, 'DELETE', `/containers/${Id}?force=1`);
        tales.push(tale);
      }
      assert.deepEqual(tales[1], tales[0]);
    });
  }

  for (const body of REFUSED) {
    const text = typeof body === 'string' ? body : JSON.stringify({ Image: IMAGE, Cmd: 'Entrypoint' in body ? undefined : ['x'], ...body });
    test(`refused with the same words: ${typeof body === 'string' ? JSON.stringify(body) : JSON.stringify(body).slice(0, 100)}`, async () => {
      const [theirs, ours] = [await call(PEER, 'POST', '/v1.51/containers/create', text), await call(socket, 'POST', '/v1.51/containers/create', text)];
      assert.equal(ours.text, theirs.text);
      assert.equal(ours.status, statusOf(theirs));
    });
  }

  for (const HostConfig of REFUSED_EARLIER) {
    test(`refused before it is made: ${JSON.stringify(HostConfig)}`, async () => {
      const text = JSON.stringify({ Image: IMAGE, Cmd: ['x'], HostConfig });
      const theirs = await call(PEER, 'POST', '/v1.51/containers/create', text);
      assert.equal(theirs.status, 201, 'the reference refuses it too: it belongs into the other table');
      await call(PEER, 'DELETE', `/containers/${(JSON.parse(theirs.text) as { Id: string }).Id}?force=1`);
      assert.equal((await call(socket, 'POST', '/v1.51/containers/create', text)).status, 400);
    });
  }
});
