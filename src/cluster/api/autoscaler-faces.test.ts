import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Simulation } from './_simulation.ts';

const path = (version: string): string => `/apis/autoscaling/${version}/namespaces/a/horizontalpodautoscalers`;
const scaler = (spec: JsonObject): JsonObject => ({ metadata: { name: 'h', annotations: { mine: 'yes' } }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec } });
const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
const cpu = (averageUtilization: number): JsonObject => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } });
const memory: JsonObject = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } };

test('both versions of an autoscaler show the same objects', async () => {
  const cluster = new Simulation(() => ({}), rulesOf);
  assert.equal((await cluster.ask('POST', path('v1'), scaler({ targetCPUUtilizationPercentage: 50 }))).code, 201);
  const second = plain((await cluster.ask('GET', `${path('v2')}/h`)).body);
  assert.deepEqual([second['apiVersion'], (second['spec'] as JsonObject)['metrics'], (second['metadata'] as JsonObject)['annotations']], ['autoscaling/v2', [cpu(50)], { mine: 'yes' }]);
  const first = plain((await cluster.ask('GET', `${path('v1')}/h`)).body);
  assert.deepEqual([first['apiVersion'], first['spec'], (first['metadata'] as JsonObject)['annotations']], ['autoscaling/v1', { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, minReplicas: 1, targetCPUUtilizationPercentage: 50 }, { mine: 'yes' }]);
});

test('what the older version has no field for stays through a write in it', async () => {
  const cluster = new Simulation(() => ({}), rulesOf);
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
  await cluster.ask('POST', path('v2'), scaler({ metrics: [memory, cpu(70)], behavior }));
  assert.equal((await cluster.ask('PATCH', `${path('v1')}/h`, { spec: { targetCPUUtilizationPercentage: 60, maxReplicas: 9 } }, { type: 'application/merge-patch+json' })).code, 200);
  const { spec, metadata } = plain((await cluster.ask('GET', `${path('v2')}/h`)).body) as { spec: JsonObject; metadata: JsonObject };
  assert.deepEqual([spec['metrics'], (spec['behavior'] as JsonObject)['scaleDown'], spec['maxReplicas'], metadata['annotations']], [[cpu(60), memory], behavior.scaleDown, 9, { mine: 'yes' }]);
  // Without any target there is the usual one, and what somebody wrote into the annotation is no reason to fail.
  await cluster.ask('POST', path('v1'), { ...scaler({}), metadata: { name: 'other', annotations: { 'gantry.dev/autoscaling-v2': '{"metrics":3,"behavior":[]' } } });
  assert.deepEqual((plain((await cluster.ask('GET', `${path('v2')}/other`)).body)['spec'] as JsonObject)['metrics'], [cpu(80)]);
});

test('both versions are discovered, the newer one first', async () => {
  const cluster = new Simulation();
  const { versions, preferredVersion } = (await cluster.ask('GET', '/apis/autoscaling')).body as { versions: { version: string }[]; preferredVersion: { version: string } };
  assert.deepEqual([versions.map(({ version }) => version), preferredVersion.version], [['v2', 'v1'], 'v2']);
});
