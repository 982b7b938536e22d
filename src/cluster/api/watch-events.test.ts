import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Simulation } from './_simulation.ts';
import type { WatchEvent } from './watch-events.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

async function open(cluster: Simulation, query: string): Promise<AsyncGenerator<WatchEvent>> {
  const answer = await cluster.send('GET', `${MAPS}?watch=1&${query}`);
  assert.equal(answer.kind, 'watch', JSON.stringify(answer));
  return answer.kind === 'watch' ? answer.events : (undefined as never);
}

const brief = ({ type, object }: WatchEvent): string => `${type} ${String((object['metadata'] as { name?: string } | undefined)?.name ?? object['reason'])}`;

async function take(events: AsyncGenerator<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  while (taken.length < count) {
    const { done, value } = await events.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

const create = (cluster: Simulation, name: string, labels: Record<string, string> = {}): Promise<unknown> => cluster.ask('POST', MAPS, { metadata: { name, labels } });
const patch = (cluster: Simulation, name: string, body: object): Promise<unknown> => cluster.ask('PATCH', `${MAPS}/${name}`, body as never, { type: 'application/merge-patch+json' });

test('a watch without a version begins with what is there', async () => {
  const cluster = new Simulation();
  await create(cluster, 'a');
  const events = await open(cluster, '');
  const first = await take(events, 1);
  await create(cluster, 'b');
  await cluster.ask('DELETE', `${MAPS}/a`);
  assert.deepEqual([...first, ...await take(events, 2)].map(brief), ['ADDED a', 'ADDED b', 'DELETED a']);
});

test('a watch from a version shows what came after it, and the version of a deletion is its own', async () => {
  const cluster = new Simulation();
  await create(cluster, 'a');
  const events = await open(cluster, 'resourceVersion=1');
  await patch(cluster, 'a', { data: { x: 'y' } });
  await cluster.ask('DELETE', `${MAPS}/a`);
  const seen = await take(events, 2);
  assert.deepEqual(seen.map(brief), ['MODIFIED a', 'DELETED a']);
  assert.deepEqual(seen.map(({ object }) => (object['metadata'] as { resourceVersion: string }).resourceVersion), ['2', '3']);
});

test('one who sees by a label sees objects come and go with it', async () => {
  const cluster = new Simulation();
  await create(cluster, 'a', { app: 'x' });
  const events = await open(cluster, 'resourceVersion=1&labelSelector=app%3Dx');
  await create(cluster, 'other');
  await patch(cluster, 'a', { metadata: { labels: { app: 'y' } } });
  await patch(cluster, 'a', { metadata: { labels: { app: 'x' } } });
  assert.deepEqual((await take(events, 2)).map(brief), ['DELETED a', 'ADDED a']);
});

test('initial events end with a bookmark that says so', async () => {
  const cluster = new Simulation();
  await create(cluster, 'a');
  const events = await open(cluster, 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=');
  const seen = await take(events, 2);
  assert.deepEqual(seen.map(({ type }) => type), ['ADDED', 'BOOKMARK']);
  assert.deepEqual((seen[1]?.object['metadata'] as { annotations: object }).annotations, { 'k8s.io/initial-events-end': 'true' });
  assert.equal((await cluster.ask('GET', `${MAPS}?watch=1&sendInitialEvents=true`)).code, 400);
});

test('bookmarks tell how far a quiet watch is, and the last one ends it', async () => {
  const cluster = new Simulation();
  const events = await open(cluster, 'allowWatchBookmarks=true&timeoutSeconds=90');
  const all: Promise<WatchEvent[]> = take(events, 3);
  for (let step = 0; step < 4; step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    cluster.clock.advance(60_000);
  }
  assert.deepEqual((await all).map(({ type }) => type), ['BOOKMARK', 'BOOKMARK']);
});

test('a version that is forgotten is told as expired', async () => {
  const cluster = new Simulation();
  for (const name of ['a', 'b', 'c']) await create(cluster, name);
  await cluster.store.compact(3);
  const events = await open(cluster, 'resourceVersion=1');
  const [event] = await take(events, 1);
  assert.deepEqual([event?.type, event?.object['code'], event?.object['reason']], ['ERROR', 410, 'Expired']);
});

test('a watch ends at once for one who leaves, whatever it waits for', async () => {
  const cluster = new Simulation();
  const events = await open(cluster, 'resourceVersion=0');
  const next = events.next();
  await new Promise((resolve) => setImmediate(resolve));
  await events.return(undefined);
  assert.deepEqual(await next, { done: true, value: undefined });

  const early = await open(cluster, 'resourceVersion=0');
  const first = early.next();
  await early.return(undefined);
  assert.equal((await first).done, true, 'also before it has begun');
});
