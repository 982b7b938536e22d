import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { ObservedContainer } from './observed.ts';
import { podStatus } from './pod-status.ts';
import { isResizeAsked, resizeVerdict, type ResizeVerdict } from './resize.ts';

const ROOM = { cpuMilli: 2000, memoryBytes: 2 ** 30 };
const lists = (cpu: string, memory = '64Mi'): JsonObject => ({ requests: { cpu, memory }, limits: { cpu, memory } });
const told = (resources: JsonObject): JsonObject => ({ containerStatuses: [{ name: 'c', allocatedResources: resources['requests'] as JsonObject, resources }] });
const pod = (resources: JsonObject, status: JsonObject = {}): KubeObject => ({ metadata: { name: 'p', uid: 'u' }, spec: { containers: [{ name: 'c', resources }] }, status }) as unknown as KubeObject;

test('a resize is asked for where the status says other amounts than the pod', () => {
  assert.equal(isResizeAsked(pod(lists('1'), told(lists('500m')))), true);
  assert.equal(isResizeAsked(pod(lists('1'), told(lists('1000m', '67108864')))), false, 'the same amounts in other words');
  assert.equal(isResizeAsked(pod(lists('1'))), false, 'nothing was said of it yet');
  assert.equal(isResizeAsked(pod(lists('1'), told({}))), true);
});

test('it fits, waits for others, or never will', () => {
  assert.deepEqual(resizeVerdict(pod(lists('1500m')), [pod(lists('500m'))], ROOM), { kind: 'fits' });
  assert.deepEqual(resizeVerdict(pod(lists('1500m')), [pod(lists('600m'))], ROOM), { kind: 'Deferred', message: "Node didn't have enough resource: cpu, requested: 1500, used: 600, capacity: 2000" });
  assert.deepEqual(resizeVerdict(pod(lists('3', '2Gi')), [], ROOM), { kind: 'Infeasible', message: "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000" });
  assert.deepEqual(resizeVerdict(pod(lists('1')), [pod(lists('50'), told(lists('1')))], ROOM), { kind: 'fits' }, 'what another waits for is not taken');
});

const running = (resources: object): ObservedContainer => ({ id: 'i' as ContainerId, name: 'c', attempt: 0, state: 'running', exitCode: 0, startedMs: 0, finishedMs: undefined, oomKilled: false, error: '', imageId: '', address: undefined, resources }) as ObservedContainer;
const ACTUAL = { cpuShares: 512, nanoCpus: 5e8, memoryBytes: 2 ** 26 };

function status(of: KubeObject, actual: object, resize: ResizeVerdict = { kind: 'fits' }, troubles: ReadonlyMap<string, { reason: string; message: string }> = new Map()): readonly unknown[] {
  const { containerStatuses: [container], conditions } = podStatus({ pod: of, containers: [running(actual)], probes: new Map(), troubles, messages: new Map(), resize, hostIp: '', nowMs: 0 }) as unknown as { containerStatuses: readonly { readonly resources: { readonly limits: { readonly cpu: string } }; readonly allocatedResources: { readonly cpu: string } }[]; conditions: readonly { readonly type: string; readonly reason?: string; readonly message?: string }[] };
  return [container?.allocatedResources.cpu, container?.resources.limits.cpu, ...conditions.filter(({ type }) => type.startsWith('PodResize')).map(({ type, reason, message }) => [type, reason, message].filter((text) => text !== undefined).join(' '))];
}

test('the status tells what holds for a container, and what it waits for', () => {
  const asked = pod(lists('1'), told(lists('500m')));
  assert.deepEqual(status(asked, ACTUAL, { kind: 'Deferred', message: 'later' }), ['500m', '500m', 'PodResizePending Deferred later']);
  assert.deepEqual(status(asked, ACTUAL), ['1', '500m', 'PodResizeInProgress']);
  assert.deepEqual(status(asked, ACTUAL, { kind: 'fits' }, new Map([['resize of c', { reason: 'x', message: 'the kernel says no' }]])), ['1', '500m', 'PodResizeInProgress Error the kernel says no']);
  assert.deepEqual(status(asked, { ...ACTUAL, cpuShares: 1024, nanoCpus: 1e9 }), ['1', '1']);
  const waited = { ...asked, status: { ...told(lists('500m')), conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Deferred' }] } } as unknown as KubeObject;
  assert.deepEqual(status(waited, { ...ACTUAL, cpuShares: 1024, nanoCpus: 1e9 }), ['1', '1'], 'and no longer when it is done');
});
