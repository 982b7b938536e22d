import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '#base/json.ts';
import type { DriverRequest } from '#container/model/resources.ts';
import { applyEdits } from './apply.ts';
import { selectEdits } from './select.ts';
import { parseCdiSpec } from './spec.ts';

const file = (more: Record<string, Json> = {}): Json => ({
  cdiVersion: '0.6.0', kind: 'vendor.example/thing', containerEdits: { env: ['ALL=1'] },
  devices: [{ name: 'a', containerEdits: { env: ['A=1'], deviceNodes: [{ path: '/dev/a', hostPath: '/dev/null', permissions: 'r' }] } }, { name: '1:0', containerEdits: { env: ['A=2'] } }],
  ...more,
});
const request = (more: Partial<DriverRequest>): DriverRequest => ({ driver: 'cdi', count: 0, ids: [], capabilities: [], options: {}, ...more });
const gpu = (more: Partial<DriverRequest>): DriverRequest => request({ driver: '', capabilities: [['gpu']], ...more });

describe('devices of the Container Device Interface', () => {
  test('a specification that is wrong is refused by name', () => {
    const wrong: Record<string, Json>[] = [
      { cdiVersion: '' }, { kind: 'x' }, { kind: '../x/y' }, { devices: {} }, { devices: [{}] }, { devices: [{ name: 'a/b' }] }, { devices: [{ name: 'a' }, { name: 'a' }] }, { containerEdits: [] },
      { containerEdits: { env: 'x' } }, { containerEdits: { deviceNodes: [{ path: 'dev/x' }] } }, { containerEdits: { hooks: [{ hookName: 'nosuch', path: '/x' }] } }, { containerEdits: { mounts: [{ hostPath: '/x' }] } },
    ];
    for (const more of wrong) assert.throws(() => parseCdiSpec('/etc/cdi/x.json', file(more)), /^GantryError: \/etc\/cdi\/x\.json: /, JSON.stringify(more));
    for (const json of [null, 3, 'x', []]) assert.throws(() => parseCdiSpec('/etc/cdi/x.json', json), { kind: 'invalid' });
  });

  test('a device brings its edits and, once, those of its file; the later file wins', () => {
    const specs = [parseCdiSpec('/etc/cdi/x.json', file()), parseCdiSpec('/run/cdi/x.json', file({ containerEdits: { env: ['LATER=1'] } }))];
    const env = (...ids: readonly string[]): string[] => selectEdits([request({ ids })], specs).flatMap((edits) => edits.env);
    assert.deepEqual(env('vendor.example/thing=a'), ['LATER=1', 'A=1']);
    assert.deepEqual(env('vendor.example/thing=a', 'vendor.example/thing=1:0', 'vendor.example/thing=a'), ['LATER=1', 'A=1', 'A=2']);
    assert.throws(() => env('vendor.example/thing=a', 'vendor.example/thing=b', 'x', 'o/o=o'), { message: 'CDI device injection failed: unresolvable CDI devices vendor.example/thing=b, x, o/o=o' });
    assert.throws(() => selectEdits([request({ count: 1 })], specs), { message: 'unexpected count in CDI device request' });
    assert.throws(() => selectEdits([request({ options: { a: 'b' } })], specs), { message: 'unexpected options in CDI device request' });
  });

  test('--gpus takes what a vendor has described, and says so where there is nothing', () => {
    const nvidia = parseCdiSpec('/etc/cdi/n.yaml', { cdiVersion: '0.6.0', kind: 'nvidia.com/gpu', devices: ['0', '1', 'all'].map((name) => ({ name, containerEdits: { env: [`GPU=${name}`] } })) });
    const env = (wanted: DriverRequest): string[] => selectEdits([wanted], [nvidia]).flatMap((edits) => edits.env);
    assert.deepEqual(env(gpu({ count: -1 })), ['GPU=all']);
    assert.deepEqual(env(gpu({ count: 1 })), ['GPU=0']);
    assert.deepEqual(env(gpu({ ids: ['1'], driver: 'nvidia' })), ['GPU=1']);
    assert.throws(() => env(gpu({ count: 3 })), /3 devices of nvidia.com\/gpu are asked for, and there are 2/);
    assert.throws(() => selectEdits([gpu({ count: -1 })], []), { message: 'could not select device driver "" with capabilities: [[gpu]]' });
    assert.throws(() => selectEdits([gpu({ driver: 'nosuch' })], [nvidia]), { message: 'could not select device driver "nosuch" with capabilities: [[gpu]]' });
  });

  test('edits in a runtime spec', () => {
    const { edits, devices } = parseCdiSpec('/x.json', file({
      containerEdits: { env: ['PATH=/new'], mounts: [{ hostPath: '/h', containerPath: '/c', options: ['ro', 'bind'] }], hooks: [{ hookName: 'createContainer', path: '/usr/bin/hook', args: ['hook', 'x'] }], additionalGids: [44, 0] },
    }));
    const present = {
      process: { env: ['PATH=/old', 'B=1'], user: { uid: 0, additionalGids: [0] } }, mounts: [{ destination: '/proc' }],
      linux: { devices: [{ path: '/dev/a', major: 9 }], resources: { devices: [{ allow: false }], pids: { limit: 5 } } },
    };
    const spec = applyEdits(present, [edits, devices.get('a') ?? edits], [{ path: '/dev/a', type: 'c', major: 1, minor: 3, mode: 0o600, uid: 1, gid: 2, permissions: 'r' }]);
    assert.deepEqual(spec, {
      process: { env: ['B=1', 'PATH=/new', 'A=1'], user: { uid: 0, additionalGids: [0, 44] } },
      mounts: [{ destination: '/proc' }, { destination: '/c', source: '/h', type: 'bind', options: ['ro', 'bind'] }],
      linux: {
        devices: [{ path: '/dev/a', type: 'c', major: 1, minor: 3, fileMode: 0o600, uid: 1, gid: 2 }],
        resources: { devices: [{ allow: false }, { allow: true, type: 'c', major: 1, minor: 3, access: 'r' }], pids: { limit: 5 } },
      },
      hooks: { createContainer: [{ path: '/usr/bin/hook', args: ['hook', 'x'], env: [] }] },
    });
    assert.equal(applyEdits(present, [], []), present);
  });
});
