import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { toldOf } from './pod-status.ts';

const ID = 'c-0' as ContainerId;

test('what was said of a container that runs on is known to the agent that comes back', () => {
  const pod = (containerID: string, state: object): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u' }, status: { containerStatuses: [{ name: 'c', containerID, ready: true, started: true, state }] } } as unknown as KubeObject);
  assert.deepEqual(toldOf(pod('gantry://c-0', { running: {} }), ID), { ready: true, started: true });
  assert.equal(toldOf(pod('gantry://c-1', { running: {} }), ID), undefined, 'another run of it has to show itself');
  assert.equal(toldOf(pod('gantry://c-0', { terminated: {} }), ID), undefined);
});
