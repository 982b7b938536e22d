import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { View } from '#cluster/loop/controller.ts';
import { nodeTaintsController } from './node-taints.ts';

const node = (conditions: Readonly<Record<string, string>>, taints?: readonly object[]): KubeObject => ({ metadata: { name: 'n' }, spec: taints === undefined ? {} : { taints }, status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) } }) as unknown as KubeObject;

/** The taints that a node has after it; undefined: nothing is written. */
function after(given: KubeObject): readonly string[] | undefined {
  const [write] = nodeTaintsController.reconcile('n', { get: () => given } as unknown as View, 0).writes;
  const spec = write?.kind === 'update' ? write.object['spec'] as { readonly taints?: readonly { readonly key: string; readonly effect: string }[] } : undefined;
  return spec === undefined ? undefined : (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
}

const DISK = { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' };
const OWN = { key: 'team', effect: 'NoSchedule' };

test('a node that says that it is short of something takes no new pods', () => {
  assert.deepEqual(after(node({ Ready: 'True', DiskPressure: 'True' }, [OWN])), ['team:NoSchedule', 'node.kubernetes.io/disk-pressure:NoSchedule']);
  assert.deepEqual(after(node({ Ready: 'Unknown', MemoryPressure: 'True', PIDPressure: 'True' })), ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/memory-pressure:NoSchedule', 'node.kubernetes.io/pid-pressure:NoSchedule']);
});

test('and takes them again when it does not, with the taints of others as they were', () => {
  assert.deepEqual(after(node({ Ready: 'True', DiskPressure: 'False' }, [DISK, OWN])), ['team:NoSchedule']);
  assert.equal(after(node({ Ready: 'True', DiskPressure: 'True' }, [OWN, DISK])), undefined);
  assert.equal(after(node({ Ready: 'True' }, [OWN, { ...DISK, effect: 'NoExecute' }])), undefined, 'one of another effect is somebody else\'s');
});
