import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { eventExpiryController } from './event-expiry.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

const event = (name: string): JsonObject => ({ metadata: { name }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'Started' });

test('events go an hour after they were last told, also those from before a restart', async () => {
  const cluster = new SimulatedCluster([eventExpiryController]);
  await cluster.runtime.open();
  const names = async (): Promise<string> => (await cluster.list('events')).map(({ metadata }) => metadata.name).join(' ');
  await cluster.create('events', event('old'));
  await cluster.create('events', event('told-again'));
  cluster.clock.advance(30 * 60_000);
  await cluster.create('events', event('young'));
  await cluster.change('events', 'told-again', (current) => ({ ...current, lastTimestamp: cluster.now(), count: 2 }));
  await cluster.settle(4);
  cluster.clock.advance(31 * 60_000);
  await cluster.settle(6);
  assert.equal(await names(), 'told-again young');
  await cluster.restart();
  await cluster.settle(4);
  cluster.clock.advance(31 * 60_000);
  await cluster.settle(6);
  assert.equal(await names(), '');
  assert.deepEqual(cluster.log, []);
});
