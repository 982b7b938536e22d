import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeLease, nodeStatus, type NodeFacts } from './node-object.ts';
import type { Pressure } from './pressure/pressure.ts';

const FACTS: NodeFacts = { name: 'n', address: '10.0.0.1', cpus: 2, memoryBytes: 2 ** 30, architecture: 'x86_64', kernelVersion: '6', osImage: 'd', machineId: 'm', bootId: 'b', diskBytes: 2 ** 40, hugePages: new Map([['1Gi', 2 ** 31], ['2Mi', 0]]), runtimeVersion: 'gantry://1', version: 'v1' };
type Conditions = readonly { readonly type: string; readonly status: string; readonly reason: string; readonly lastTransitionTime: string }[];

function conditions(before: object, pressures: readonly Pressure[], nowMs: number): readonly string[] {
  const status = nodeStatus(FACTS, { since: '1970-01-01T00:00:01Z', before: before as never, pressures: new Set(pressures) }, nowMs);
  return (status['conditions'] as unknown as Conditions).map((each) => `${each.type} ${each.status} ${each.reason} ${each.lastTransitionTime.slice(17, 19)}`);
}

test('a node says what it is short of, and since when', () => {
  const fine = conditions({}, [], 2000);
  assert.deepEqual(fine, ['MemoryPressure False KubeletHasSufficientMemory 02', 'DiskPressure False KubeletHasNoDiskPressure 02', 'PIDPressure False KubeletHasSufficientPID 02', 'Ready True KubeletReady 01']);
  const told = nodeStatus(FACTS, { since: undefined, before: {}, pressures: new Set(['DiskPressure']) }, 3000);
  assert.deepEqual(conditions(told, ['DiskPressure', 'PIDPressure'], 9000), ['MemoryPressure False KubeletHasSufficientMemory 03', 'DiskPressure True KubeletHasDiskPressure 03', 'PIDPressure True KubeletHasInsufficientPID 09', 'Ready True KubeletReady 01']);
});

test('a node says what it has, and leaves what others say that it has', () => {
  const { capacity, allocatable } = nodeStatus(FACTS, { since: undefined, before: { capacity: { 'example.com/licence': '3', cpu: '64' } }, pressures: new Set() }, 0);
  const own = { cpu: '2', 'ephemeral-storage': '1073741824Ki', 'hugepages-1Gi': '2097152Ki', 'hugepages-2Mi': '0', memory: '1048576Ki', pods: '110' };
  assert.deepEqual([capacity, allocatable], [{ 'example.com/licence': '3', ...own }, own]);
});

test('a node says that it lives, to the microsecond', () => {
  assert.deepEqual(nodeLease('n', 'u', 1007), {
    apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'n', namespace: 'kube-node-lease', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }] },
    spec: { holderIdentity: 'n', leaseDurationSeconds: 40, renewTime: '1970-01-01T00:00:01.007000Z' },
  });
});
