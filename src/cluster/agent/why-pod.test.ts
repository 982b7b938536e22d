import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { Reason } from '#container/model/why.ts';
import { whyPod } from './why-pod.ts';

const at = (second: number): string => `2026-11-26T10:00:${String(second).padStart(2, '0')}Z`;
const object = (kind: string, name: string, second: number, more: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: at(second), managedFields: kind === 'Deployment' ? [{ manager: 'kubectl-create' }] : [] }, ...more });
const event = (about: KubeObject, second: number, reason: string, message: string, more: object = {}): KubeObject =>
  object('Event', `${reason}-${second}`, second, { involvedObject: { kind: about.kind, name: about.metadata.name, uid: about.metadata.uid }, type: 'Normal', reason, message, lastTimestamp: at(second), ...more });
const reason = (second: number, kind: Reason['kind'], text: string): Reason => ({ atNs: String(BigInt(Date.parse(at(second))) * 1_000_000n), kind, text });

test('the chain goes from who made the owner to what became of the last two runs of a container', () => {
  const [deployment, set, pod] = [object('Deployment', 'web', 1), object('ReplicaSet', 'web-1', 2), object('Pod', 'web-1-x', 3)] as const;
  const run = (attempt: number, second: number): { name: string; attempt: number; because: readonly Reason[] } => ({ name: 'c', attempt, because: [reason(second, 'started', 'it started'), reason(second + 1, 'ended', 'its program ended')] });
  const because = whyPod({
    pod, owners: [set, deployment], containers: [run(0, 5), run(1, 7), run(2, 9)],
    events: [event(set, 3, 'SuccessfulCreate', 'Created pod: web-1-x'), event(pod, 4, 'Scheduled', 'Successfully assigned'), event(pod, 5, 'Started', 'Started container c'), event(pod, 10, 'BackOff', 'Back-off', { type: 'Warning', count: 3, firstTimestamp: at(6) })],
  });
  assert.deepEqual(because.map(({ text }) => text), [
    'kubectl-create made Deployment web', 'Deployment web made ReplicaSet web-1', 'ReplicaSet web-1 made it', 'ReplicaSet web-1: SuccessfulCreate: Created pod: web-1-x',
    'Scheduled: Successfully assigned', 'container c, run 2: it started', 'container c, run 2: its program ended', 'container c, run 3: it started',
    'BackOff: Back-off (3 times since 2026-11-26 10:00:06)', 'container c, run 3: its program ended',
  ]);
});

test('what only a condition says is told, and nothing twice', () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes', lastTransitionTime: at(4) }, { type: 'Ready', status: 'False', lastTransitionTime: at(4) }];
  const pod = object('Pod', 'large', 3, { status: { conditions } });
  const texts = (events: readonly KubeObject[]): readonly string[] => whyPod({ pod, owners: [], events, containers: [] }).map(({ text }) => text);
  assert.deepEqual(texts([]), ['a client of the API made it', 'it is not PodScheduled: Unschedulable: 0/1 nodes']);
  assert.deepEqual(texts([event(pod, 4, 'FailedScheduling', '0/1 nodes', { type: 'Warning' })]), ['a client of the API made it', 'FailedScheduling: 0/1 nodes']);
});
