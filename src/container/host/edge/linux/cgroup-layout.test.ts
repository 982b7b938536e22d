import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectCgroupLayout, hybridUnifiedMount } from './cgroup-layout.ts';
import { parseMountinfo } from './mountinfo.ts';

const V1 = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/lib/agent,name=systemd
`;
const UNIFIED = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
const V2 = '32 23 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n';

const layoutOf = (text: string) => detectCgroupLayout(parseMountinfo(text));

test('v1: controllers without the options that are none', () => {
  assert.deepEqual(layoutOf(V1), {
    version: 'v1',
    hierarchies: [
      { root: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
      { root: '/sys/fs/cgroup/memory', controllers: ['memory'] },
      { root: '/sys/fs/cgroup/systemd', controllers: ['name=systemd'] },
    ],
  });
});

test('hybrid: v1 with the place of the v2 mount', () => {
  const layout = layoutOf(V1 + UNIFIED);
  assert.equal(layout?.version, 'hybrid');
  assert.equal(hybridUnifiedMount(parseMountinfo(V1 + UNIFIED)), '/sys/fs/cgroup/unified');
});

test('v2 alone is not hybrid', () => {
  assert.deepEqual(layoutOf(V2), { version: 'v2', root: '/sys/fs/cgroup' });
  assert.equal(hybridUnifiedMount(parseMountinfo(V2)), undefined);
});

test('a hierarchy that is mounted again in a container counts once', () => {
  const again = '90 80 0:32 /docker/abc /var/lib/x/merged/sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
  assert.deepEqual(layoutOf(V1 + again), layoutOf(V1));
});

test('no control groups at all', () => {
  assert.equal(layoutOf('1 0 0:1 / / rw - ext4 /dev/vda rw\n'), undefined);
});
