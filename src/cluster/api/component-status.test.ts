import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { componentStatuses } from './component-status.ts';
import { Simulation } from './_simulation.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test('the parts of a cluster are told well, the store as it answers, with the warning of upstream', async () => {
  const fake = { revision: async (): Promise<number> => 1 };
  const cluster = new Simulation(({ registry }) => ({ special: [['/componentstatuses', componentStatuses(registry.find('', 'v1', 'componentstatuses')!, fake as never)]] }));
  const rows = async (): Promise<unknown> => ((await cluster.ask('GET', '/api/v1/componentstatuses', undefined, { accept: TABLE })).body['rows'] as JsonObject[]).map(({ cells }) => cells);
  assert.deepEqual(await rows(), [['scheduler', 'Healthy', 'ok', ''], ['controller-manager', 'Healthy', 'ok', ''], ['etcd-0', 'Healthy', 'ok', '']]);
  const answer = await cluster.send('GET', '/api/v1/componentstatuses');
  assert.deepEqual(answer.kind === 'json' && answer.warnings, ['v1 ComponentStatus is deprecated in v1.19+']);
  fake.revision = async () => {
    throw new Error('no connection');
  };
  assert.deepEqual((await cluster.ask('GET', '/api/v1/componentstatuses/etcd-0')).body['conditions'], [{ type: 'Healthy', status: 'False', message: 'no connection', error: 'no connection' }]);
  assert.deepEqual(((await rows()) as unknown[])[2], ['etcd-0', 'Unhealthy', 'no connection', 'no connection']);
  assert.equal((await cluster.ask('GET', '/api/v1/componentstatuses/other')).code, 404);
  assert.equal((await cluster.ask('POST', '/api/v1/componentstatuses', {})).code, 405);
});
