import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { PodEvents } from './pod-events.ts';
import { podImage } from './pod-image.ts';
import { SharedPulls } from './shared-pulls.ts';

const pod = (spec: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec: { containers: [{ name: 'c', image: 'web' }], initContainers: [{ name: 'i' }], ephemeralContainers: [{ name: 'e' }], ...spec } }) as unknown as KubeObject;

function listen(): { readonly events: PodEvents; take(): string[] } {
  const told: string[] = [];
  const events = new PodEvents({ event: async (_pod, type, reason, message, fieldPath) => void told.push(`${type} ${reason} ${fieldPath ?? '-'} ${message}`) });
  return { events, take: () => told.splice(0) };
}

test('events name the container by its place in the pod, whichever list that is', async () => {
  const { events, take } = listen();
  events.created(pod(), 'c');
  events.started(pod(), 'i');
  events.started(pod(), 'e');
  assert.deepEqual(take(), ['Normal Created spec.containers{c} Container created', 'Normal Started spec.initContainers{i} Container started', 'Normal Started spec.ephemeralContainers{e} Container started']);
});

test('a container that is stopped is told why, in upstream\'s words', async () => {
  const { events, take } = listen();
  const why = async (text: string, spec: object = {}): Promise<string> => {
    await events.stopping(pod(spec), 'c', text);
    return take().join().replace('Normal Killing spec.containers{c} ', '');
  };
  assert.equal(await why('the pod is deleted'), 'Stopping container c');
  assert.equal(await why('its liveness probe failed'), 'Container c failed liveness probe, will be restarted');
  assert.equal(await why('its startup probe failed', { restartPolicy: 'Never' }), 'Container c failed startup probe');
  assert.equal(await why('it is to have other resources'), 'Container c resize requires restart');
  assert.equal(await why('FailedPostStartHook'), 'FailedPostStartHook');
});

test('what could not be made, and what is tried later, is told', async () => {
  const { events, take } = listen();
  await events.failed(pod(), 'c', { reason: 'ErrImagePull', message: 'Failed to pull image "web": no', failures: 1 });
  assert.deepEqual(take(), ['Warning Failed spec.containers{c} Failed to pull image "web": no', 'Warning Failed spec.containers{c} Error: ErrImagePull']);
  await events.failed(pod(), 'c', { reason: 'ImagePullBackOff', message: 'Failed to pull image "web": no', failures: 2 });
  assert.deepEqual(take().slice(2), ['Normal BackOff spec.containers{c} Back-off pulling image "web"', 'Warning Failed spec.containers{c} Error: ImagePullBackOff']);
  await events.failed(pod(), 'c', { reason: 'ErrImageNeverPull', message: 'never', failures: 1 });
  assert.deepEqual(take(), ['Warning ErrImageNeverPull spec.containers{c} never', 'Warning Failed spec.containers{c} Error: ErrImageNeverPull']);
  await events.failed(pod(), 'c', { reason: 'CreateContainerConfigError', message: 'secret "s" not found', failures: 1 });
  assert.deepEqual(take(), ['Warning Failed spec.containers{c} Error: secret "s" not found']);
  await events.failed(pod(), 'POD', { reason: 'FailedCreatePodSandBox', message: 'no addresses', failures: 1 });
  assert.deepEqual(take(), ['Warning FailedCreatePodSandBox - Failed to create pod sandbox: no addresses']);
});

test('a run that ended is told once to be started again later', async () => {
  const { events, take } = listen();
  await events.backOff(pod(), 'c', 'c-1' as ContainerId);
  await events.backOff(pod(), 'c', 'c-1' as ContainerId);
  assert.deepEqual(take(), ['Warning BackOff spec.containers{c} Back-off restarting failed container c in pod p_n(u)']);
  await events.backOff(pod(), 'c', 'c-2' as ContainerId);
  assert.equal(take().length, 1);
});

test('an image that is there is told, and one that is pulled with how long that took', async () => {
  const { events, take } = listen();
  const clock = new ManualClock();
  const there = new Set(['web']);
  const engine = {
    images: {
      find: (reference: string) => {
        if (!there.has(reference)) throw new Error('none');
        return { id: reference, layerSizes: [1000, 234] };
      },
      pull: async ({ reference }: { readonly reference: string }) => {
        clock.advance(1500);
        if (reference === 'web') throw new Error('no such host');
        there.add(reference);
        return { id: reference };
      },
    },
  } as unknown as EnginePort;
  const parts = { engine, events, clock, pulls: new SharedPulls(engine, clock) };
  await podImage(parts, pod(), { name: 'c', image: 'web', imagePullPolicy: 'IfNotPresent' });
  assert.deepEqual(take(), ['Normal Pulled spec.containers{c} Container image "web" already present on machine and can be accessed by the pod']);
  await podImage(parts, pod(), { image: 'files', imagePullPolicy: 'IfNotPresent' });
  assert.deepEqual(take(), ['Normal Pulling - Pulling image "files"', 'Normal Pulled - Successfully pulled image "files" in 1.5s (1.5s including waiting). Image size: 1234 bytes.']);
  await podImage(parts, pod(), { image: 'web', imagePullPolicy: 'Always' });
  assert.deepEqual(take(), ['Normal Pulling - Pulling image "web"', 'Normal Pulled - Container image "web" already present on machine and can be accessed by the pod'], 'it is in no registry');
  await assert.rejects(podImage(parts, pod(), { name: 'c', image: 'none', imagePullPolicy: 'Never' }), /is not present with pull policy of Never/);
});
