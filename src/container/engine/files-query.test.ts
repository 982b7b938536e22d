import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRESH_STATE } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { HASHER, request } from './_simulation.ts';
import { filesQuery } from './files-query.ts';
import { layoutOf } from './layout.ts';

const LAYOUT = layoutOf('/var/lib/gantry', '/run/gantry', HASHER);
const OVERLAY = { lower: ['/l'], upper: '/u', work: '/w', target: '/t', options: [] };
const spec = { ...request('web', {
  readonlyRootfs: true,
  mounts: [
    { kind: 'volume', volume: 'data', anonymous: false, copyUp: true, target: '/data/deep/er', readonly: true },
    { kind: 'bind', source: '/host', target: '/data', readonly: false, recursive: true, propagation: 'rprivate', createSource: true },
    { kind: 'tmpfs', target: '/mem', readonly: false, options: [] },
    { kind: 'bind', source: '/my-hosts', target: '/etc/hosts', readonly: false, recursive: true, propagation: 'rprivate', createSource: false },
  ],
}), id: 'c1' as ContainerId, createdNs: '0' } as Container['spec'];

test('one that runs is looked at through its process', () => {
  const process = { pid: 7, startTime: '9' };
  for (const phase of ['running', 'paused'] as const) assert.deepEqual(filesQuery({ spec, state: { ...FRESH_STATE, phase, process } }, OVERLAY, LAYOUT), { kind: 'running', process });
});

test('one that rests is put together: parents before children, without memory, and with the files that the engine keeps for it', () => {
  const query = filesQuery({ spec, state: { ...FRESH_STATE, phase: 'exited' } }, OVERLAY, LAYOUT);
  assert.ok(query.kind === 'at-rest');
  assert.deepEqual([query.readonly, query.workingDirectory], [true, '/']);
  assert.deepEqual(query.mounts.map(({ source, target, readonly }) => `${source} ${target}${readonly ? ' ro' : ''}`), [
    '/host /data', '/var/lib/gantry/containers/c1/hostname /etc/hostname', '/var/lib/gantry/containers/c1/resolv.conf /etc/resolv.conf', '/my-hosts /etc/hosts',
    '/var/lib/gantry/volumes/data/_data /data/deep/er ro',
  ]);
});
