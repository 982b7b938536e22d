import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ContainerId } from '#container/model/ids.ts';
import type { CreateRequest } from '../port.ts';
import { request } from '../_simulation.ts';
import { runtimeSpec, type RuntimeSpecInput } from './build.ts';

const GOLDENS = new URL('./testdata/', import.meta.url).pathname;
const ID = 'c'.repeat(64) as ContainerId;

/** Cases by the name of their golden. `UPDATE_GOLDENS=1` writes them anew; read the difference before you commit it. */
const CASES: Readonly<Record<string, Partial<CreateRequest>>> = {
  default: {},
  privileged: { security: { ...request('x').security, privileged: true } },
  'user-resources-mounts': {
    process: { ...request('x').process, args: ['sh', '-c', 'id'], env: ['A=1', 'PATH=/opt/bin', 'A=2'], cwd: '/srv', terminal: true },
    resources: { memoryBytes: 64 << 20, memorySwapBytes: -1, nanoCpus: 1_500_000_000, pidsLimit: 100, cpusetCpus: '0' },
    ulimits: [{ name: 'nofile', soft: 1024, hard: 2048 }],
    mounts: [
      { kind: 'tmpfs', target: '/run/deep/er', readonly: false, sizeBytes: 1 << 20, mode: 0o1777, options: [] },
      { kind: 'bind', target: '/run', source: '/srv/run', readonly: true, propagation: 'rprivate', recursive: true, createSource: true },
      { kind: 'volume', target: '/etc/hosts', volume: 'names', anonymous: false, copyUp: true, readonly: false },
    ],
    readonlyRootfs: true,
  },
  'host-namespaces': {
    sandbox: { ...request('x').sandbox, network: { kind: 'host' }, pid: { kind: 'host' }, ipc: { kind: 'host' }, uts: { kind: 'host' } },
    security: { ...request('x').security, capabilitiesAdd: ['CAP_SYS_PTRACE'], capabilitiesDrop: ['CAP_NET_RAW'], noNewPrivileges: true, maskedPaths: [], readonlyPaths: [] },
  },
  'devices-and-limits': {
    security: { ...request('x').security, deviceCgroupRules: ['c 1:* rw', 'a *:* m', 'b 8:0 r'], writableCgroups: true },
    resources: {
      pidsLimit: -1, blkioWeight: 300, blkioWeightDevices: [{ path: '/dev/vda', value: 200 }], blkioReadBps: [{ path: '/dev/vda', value: 1 << 20 }],
      blkioWriteBps: [{ path: '/dev/vda', value: 2 << 20 }], blkioReadIops: [{ path: '/dev/vda', value: 100 }], blkioWriteIops: [{ path: '/dev/vda', value: 200 }],
    },
    mounts: [{ kind: 'bind', target: '/data', source: '/srv/data', readonly: true, readonlyBelow: true, propagation: 'rprivate', recursive: true, createSource: false }],
  },
  'init-and-shared-memory': {
    process: { ...request('x').process, args: ['serve', '--all'], init: true },
    sandbox: { ...request('x').sandbox, ipc: { kind: 'container', id: 'd'.repeat(64) as ContainerId } },
  },
  'no-shared-memory': { sandbox: { ...request('x').sandbox, ipc: { kind: 'none' } } },
};

/** What a start finds on the host, where a case has it. */
const FOUND: Readonly<Record<string, Partial<RuntimeSpecInput>>> = {
  'devices-and-limits': {
    devices: [{ path: '/dev/snd/timer', type: 'c', major: 116, minor: 33, mode: 0o660, uid: 0, gid: 29, permissions: 'rw' }],
    blockDevices: new Map([['/dev/vda', { major: 254, minor: 0 }]]),
  },
  'init-and-shared-memory': { init: '/usr/bin/catatonit', sharedMemory: '/run/gantry/containers/c/shm' },
};

function build(change: Partial<CreateRequest>, found: Partial<RuntimeSpecInput> = {}): string {
  const asked = request('web', change);
  const spec = { ...asked, id: ID, createdNs: '0', sandbox: { ...asked.sandbox, hostname: 'web' } };
  const own = spec.sandbox.network.kind === 'network';
  return `${JSON.stringify(runtimeSpec({
    spec, user: { uid: 1000, gid: 100, additionalGids: [100, 27], home: '/home/user' }, rootfs: '/run/gantry/containers/c/rootfs', cgroup: '/gantry/c',
    files: { resolvConf: '/k/resolv.conf', hostname: '/k/hostname', hosts: '/k/hosts' }, volumePath: (name) => `/volumes/${name}/_data`, devices: [], blockDevices: new Map(),
    networkNamespace: own ? '/run/gantry/containers/c/netns' : undefined, namespacesOf: (id) => `/proc/${id}/ns`, seccomp: { compiled: 'ZmlsdGVy' }, capabilityBits: -1n, ...found,
  }), null, 2)}\n`;
}

for (const [name, change] of Object.entries(CASES)) {
  test(`the runtime spec of ${name} is the golden`, () => {
    const path = `${GOLDENS}${name}.json`;
    const text = build(change, FOUND[name]);
    if (process.env['UPDATE_GOLDENS'] === '1') {
      mkdirSync(GOLDENS, { recursive: true });
      writeFileSync(path, text);
    }
    assert.ok(existsSync(path), `${path} is missing: run with UPDATE_GOLDENS=1`);
    assert.equal(text, readFileSync(path, 'utf8'));
  });
}

test('annotations of a request never reach the runtime', () => {
  const text = build({ front: { hostConfig: { Annotations: { 'run.oci.handler': 'krun' } } } });
  assert.deepEqual(Object.keys((JSON.parse(text) as { annotations: object }).annotations), ['run.oci.seccomp_bpf_data']);
});
