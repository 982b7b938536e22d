import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import type { EnginePort } from '#container/engine/port.ts';
import { LABEL } from './observed.ts';
import { endStrays } from './strays.ts';

const container = (id: string, of: { readonly uid: string; readonly name?: string; readonly container?: string; readonly phase?: string; readonly front?: string }): object => ({
  spec: { id, owner: { front: of.front ?? 'cluster', name: of.uid }, labels: { [LABEL.namespace]: 'd', [LABEL.podName]: of.name ?? 'p', [LABEL.container]: of.container ?? 'c' } }, state: { phase: of.phase ?? 'running' },
});

function engineWith(all: readonly object[]): { engine: EnginePort; removeVolumes: (uid: string) => Promise<void>; done: string[] } {
  const done: string[] = [];
  const containers = { list: () => all, stop: async (id: string, { timeoutSeconds }: { readonly timeoutSeconds: number }) => void done.push(`stop ${id} ${timeoutSeconds}`), remove: async (id: string) => {
    done.push(`remove ${id}`);
    if (id === 'gone') throw new GantryError('not-found', 'it is gone');
  } };
  return { engine: { containers } as unknown as EnginePort, removeVolumes: async (uid) => void done.push(`volumes of ${uid}`), done };
}

test('a pod whose object is gone is ended, its sandbox last, and its volumes go', async () => {
  const { engine, removeVolumes, done } = engineWith([container('pause', { uid: 'old', container: 'POD' }), container('runs', { uid: 'old' }), container('ended', { uid: 'old', phase: 'exited' }), container('gone', { uid: 'old', phase: 'exited' })]);
  await endStrays(engine, 'd/p', undefined, removeVolumes);
  assert.deepEqual(done, ['stop runs 2', 'remove runs', 'remove ended', 'remove gone', 'remove pause', 'volumes of old']);
});

test('the pod that has the name now, others, and what is no pod are left alone', async () => {
  const { engine, removeVolumes, done } = engineWith([container('own', { uid: 'new' }), container('old', { uid: 'old' }), container('other', { uid: 'x', name: 'q' }), container('docker', { uid: 'old', front: 'docker' })]);
  await endStrays(engine, 'd/p', 'new', removeVolumes);
  assert.deepEqual(done, ['stop old 2', 'remove old', 'volumes of old']);
});
