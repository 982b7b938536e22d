import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Simulation } from './_simulation.ts';

const OLD = '/api/v1/namespaces/a/events';
const NEW = '/apis/events.k8s.io/v1/namespaces/a/events';
const subject = { kind: 'Pod', name: 'p', namespace: 'a' };
const old: JsonObject = { metadata: { name: 'o' }, involvedObject: subject, reason: 'Pulled', message: 'it is here', source: { component: 'kubelet' }, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:00Z', count: 2, type: 'Normal' };
const fresh: JsonObject = { metadata: { name: 'n' }, eventTime: '2026-01-01T00:00:00.000000Z', reportingController: 'c', reportingInstance: 'c-1', action: 'Look', reason: 'Seen', regarding: subject, note: 'hello', type: 'Warning', series: { count: 3, lastObservedTime: '2026-01-01T00:02:00.000000Z' } };

async function world(): Promise<Simulation> {
  const cluster = new Simulation(() => ({}), rulesOf);
  for (const [path, body] of [[OLD, old], [NEW, fresh]] as const) {
    const made = await cluster.ask('POST', path, body);
    assert.equal(made.code, 201, JSON.stringify(made.body));
  }
  return cluster;
}

const without = ({ metadata: _metadata, ...rest }: JsonObject): JsonObject => rest;

test('both groups of events show the same objects, each in its own words', async () => {
  const cluster = await world();
  assert.deepEqual(without((await cluster.ask('GET', `${NEW}/o`)).body), {
    apiVersion: 'events.k8s.io/v1', kind: 'Event', regarding: subject, reason: 'Pulled', note: 'it is here', deprecatedSource: { component: 'kubelet' }, deprecatedFirstTimestamp: '2026-01-01T00:00:00Z', deprecatedLastTimestamp: '2026-01-01T00:01:00Z', deprecatedCount: 2, type: 'Normal',
  });
  assert.deepEqual(without((await cluster.ask('GET', `${OLD}/n`)).body), {
    apiVersion: 'v1', kind: 'Event', eventTime: '2026-01-01T00:00:00.000000Z', reportingComponent: 'c', reportingInstance: 'c-1', action: 'Look', reason: 'Seen', involvedObject: subject, message: 'hello', type: 'Warning', series: { count: 3, lastObservedTime: '2026-01-01T00:02:00.000000Z' },
  });
  for (const path of [OLD, NEW]) assert.deepEqual(((await cluster.ask('GET', path)).body['items'] as JsonObject[]).map(({ metadata }) => (metadata as JsonObject)['name']), ['n', 'o'], path);
});

test('events are chosen by who tells them, in whichever of their fields that stands', async () => {
  const cluster = await world();
  const names = async (path: string): Promise<unknown[]> => ((await cluster.ask('GET', path)).body['items'] as JsonObject[]).map(({ metadata }) => (metadata as JsonObject)['name']);
  assert.deepEqual([await names(`${OLD}?fieldSelector=source%3Dkubelet`), await names(`${OLD}?fieldSelector=source%3Dc`), await names(`${NEW}?fieldSelector=reportingController%3Dc`)], [['o'], ['n'], ['n']]);
});

test('what is changed or deleted by one is so by the other', async () => {
  const cluster = await world();
  const merge = { type: 'application/merge-patch+json' };
  assert.equal((await cluster.ask('PATCH', `${NEW}/n`, { series: { count: 4, lastObservedTime: '2026-01-01T00:03:00.000000Z' } }, merge)).code, 200);
  assert.equal(((await cluster.ask('GET', `${OLD}/n`)).body['series'] as JsonObject)['count'], 4);
  assert.equal((await cluster.ask('PATCH', `${OLD}/o`, { count: 3 }, merge)).code, 200);
  assert.equal((await cluster.ask('GET', `${NEW}/o`)).body['deprecatedCount'], 3);
  assert.equal((await cluster.ask('DELETE', `${NEW}/o`)).code, 200);
  assert.equal((await cluster.ask('GET', `${OLD}/o`)).code, 404);
});

test('each selects by its own fields, and a watch shows its own words', async () => {
  const cluster = await world();
  const names = async (path: string): Promise<unknown> => ((await cluster.ask('GET', path)).body['items'] as JsonObject[] | undefined)?.map(({ metadata }) => (metadata as JsonObject)['name']);
  assert.deepEqual(await names(`${NEW}?fieldSelector=regarding.name%3Dp,type%3DWarning`), ['n']);
  assert.deepEqual(await names(`${OLD}?fieldSelector=involvedObject.name%3Dp,type%3DNormal`), ['o']);
  assert.equal(await names(`${NEW}?fieldSelector=involvedObject.name%3Dp`), undefined);
  const watch = await cluster.send('GET', `${NEW}?watch=1&resourceVersion=0`);
  assert.equal(watch.kind, 'watch');
  if (watch.kind !== 'watch') return;
  const { value } = await watch.events.next();
  assert.deepEqual([(value as { object: JsonObject }).object['apiVersion'], 'regarding' in (value as { object: JsonObject }).object], ['events.k8s.io/v1', true]);
  await watch.events.return(undefined);
});

test('what is made in the new group has to be whole', async () => {
  const cluster = await world();
  const { code, body } = await cluster.ask('POST', NEW, { metadata: { name: 'x' }, regarding: subject, type: 'Odd', note: 'x'.repeat(2000), deprecatedCount: 1 });
  assert.deepEqual([code, ((body['details'] as JsonObject)['causes'] as JsonObject[]).map(({ field }) => field)], [422, ['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason', 'note', 'type', 'deprecatedCount']]);
});
