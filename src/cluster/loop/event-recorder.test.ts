import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { defineResource } from '#cluster/kinds/resource-definition.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import { EventRecorder } from './event-recorder.ts';

const EVENTS = defineResource('v1', 'Event');
const pod = (name: string): KubeObject => asObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'a', uid: `u-${name}`, resourceVersion: '1', creationTimestamp: '' } });

/** Keeps what is written, by its name. */
class Written implements ClusterWriter {
  readonly objects = new Map<string, KubeObject>();
  fails: Error | undefined;
  #next = 1;

  async create(_of: unknown, namespace: string | undefined, object: object): Promise<KubeObject> {
    if (this.fails !== undefined) throw this.fails;
    const name = `e${this.#next++}`;
    const made = { ...object, metadata: { ...(object as KubeObject).metadata, name, namespace, resourceVersion: '1' } } as KubeObject;
    this.objects.set(name, made);
    return made;
  }

  async update(_of: unknown, object: KubeObject): Promise<KubeObject> {
    const present = this.objects.get(object.metadata.name);
    if (present === undefined) throw new GantryError('not-found', 'it is gone');
    if (present.metadata.resourceVersion !== object.metadata.resourceVersion) throw new GantryError('conflict', 'it is another');
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: String(Number(object.metadata.resourceVersion) + 1) } };
    this.objects.set(object.metadata.name, next);
    return next;
  }

  delete(): Promise<KubeObject> {
    return Promise.reject(new Error('not asked for'));
  }

  counts(): unknown[] {
    return [...this.objects.values()].map((event) => [event.metadata.name, event['count'], event['lastTimestamp']]);
  }
}

const told = (about: KubeObject, message: string): Parameters<EventRecorder['tell']>[2] => ({ kind: 'event', about, type: 'Warning', reason: 'BackOff', message, why: '' });

test('what is told again is counted, also by many at once; what is another thing is an event of its own', async () => {
  const written = new Written();
  const recorder = new EventRecorder(written);
  await Promise.all([0, 1000, 2000].map((nowMs) => recorder.tell(EVENTS, 'kubelet', told(pod('p'), 'again'), nowMs)));
  await recorder.tell(EVENTS, 'kubelet', told(pod('p'), 'other'), 3000);
  await recorder.tell(EVENTS, 'kubelet', told(pod('q'), 'again'), 3000);
  assert.deepEqual(written.counts(), [['e1', 3, '1970-01-01T00:00:02Z'], ['e2', 1, '1970-01-01T00:00:03Z'], ['e3', 1, '1970-01-01T00:00:03Z']]);
});

test('one that is gone, or was changed by others, is made anew; one that can not be written stops nobody', async () => {
  const written = new Written();
  const recorder = new EventRecorder(written);
  await recorder.tell(EVENTS, 'kubelet', told(pod('p'), 'again'), 0);
  written.objects.delete('e1');
  await recorder.tell(EVENTS, 'kubelet', told(pod('p'), 'again'), 1000);
  assert.deepEqual(written.counts(), [['e2', 1, '1970-01-01T00:00:01Z']]);
  written.fails = new Error('the namespace goes');
  assert.equal(await recorder.tell(EVENTS, 'kubelet', told(pod('q'), 'x'), 0), undefined);
  written.fails = undefined;
  assert.equal((await recorder.tell(EVENTS, 'kubelet', told(pod('q'), 'x'), 0))?.['count'], 1);
});

test('no more than a thousand are known again', async () => {
  const written = new Written();
  const recorder = new EventRecorder(written);
  for (let at = 0; at <= 1000; at += 1) await recorder.tell(EVENTS, 'kubelet', told(pod(`p${at}`), 'x'), 0);
  await recorder.tell(EVENTS, 'kubelet', told(pod('p1000'), 'x'), 0);
  await recorder.tell(EVENTS, 'kubelet', told(pod('p0'), 'x'), 0);
  assert.deepEqual([written.objects.size, written.objects.get('e1001')?.['count']], [1002, 2]);
});
