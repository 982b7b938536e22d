import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import type { ApiRequest } from '#cluster/api/api-request.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { isKind } from '#base/error.ts';
import { nodeAnswer, type NodeApiParts } from './node-api.ts';
import type { UsageSample } from './usage-meter.ts';

const AT = Date.parse('2026-01-01T00:00:10Z');
const pod = (name: string, nodeName: string, phase = 'Running'): KubeObject => asObject({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: `uid-${name}` }, spec: { nodeName, containers: [{ name: 'c' }] },
  status: { phase, startTime: '2026-01-01T00:00:00Z', containerStatuses: [{ name: 'c', state: { running: { startedAt: '2026-01-01T00:00:05Z' } } }] },
} as unknown as JsonObject);
const sample = { atMs: AT, machine: { cpuNs: 5e9, memoryBytes: 9000 }, containers: new Map([['x', { pod: 'uid-web', name: 'c', cpuNs: 2.5e9, memoryBytes: 4000 }], ['y', { pod: 'uid-gone', name: 'c', cpuNs: 1, memoryBytes: 1 }]]) } as unknown as UsageSample;
const parts: NodeApiParts = {
  node: 'n1', pods: { list: () => [pod('web', 'n1'), pod('done', 'n1', 'Succeeded'), pod('far', 'n2')] }, gauges: () => 'process_x 1\n',
  meter: { sample: async () => sample, read: async () => ({ atMs: AT, windowMs: 1000, node: { cpuMilli: 500, memoryBytes: 9000 }, pods: new Map([['uid-web', new Map([['c', { cpuMilli: 250, memoryBytes: 4000 }]])]]) }) },
};

const request = (method: string): ApiRequest => ({ method, path: '', query: new Map(), accept: '', contentType: '', user: { name: 'u', groups: [] }, body: async () => new Uint8Array() });

async function read(path: string, method = 'GET'): Promise<JsonObject | string> {
  const answer = await nodeAnswer(parts, path, request(method));
  assert.ok(answer.kind === 'json' || answer.kind === 'text');
  return answer.body;
}

test('a node tells its health and its pods, and none of another node', async () => {
  assert.equal(await read('healthz'), 'ok');
  const namesOf = async (path: string): Promise<unknown> => ((await read(path) as JsonObject)['items'] as readonly KubeObject[]).map(({ metadata }) => metadata.name);
  assert.deepEqual([await namesOf('pods'), await namesOf('runningpods/')], [['web', 'done'], ['web']]);
});

test('what pods and the node use is told in the forms that metrics servers read', async () => {
  const used = { cpu: { time: '2026-01-01T00:00:10Z', usageNanoCores: 250_000_000, usageCoreNanoSeconds: 2_500_000_000 }, memory: { time: '2026-01-01T00:00:10Z', workingSetBytes: 4000 } };
  assert.deepEqual(await read('stats/summary'), {
    node: { nodeName: 'n1', cpu: { time: '2026-01-01T00:00:10Z', usageNanoCores: 500_000_000, usageCoreNanoSeconds: 5_000_000_000 }, memory: { time: '2026-01-01T00:00:10Z', workingSetBytes: 9000 } },
    pods: [{ podRef: { name: 'web', namespace: 'default', uid: 'uid-web' }, startTime: '2026-01-01T00:00:00Z', containers: [{ name: 'c', startTime: '2026-01-01T00:00:05Z', ...used }], ...used }],
  });
  assert.deepEqual(String(await read('metrics/resource')).split('\n').filter((line) => line !== '' && !line.startsWith('#')), [
    `node_cpu_usage_seconds_total 5 ${AT}`, `node_memory_working_set_bytes 9000 ${AT}`, `container_cpu_usage_seconds_total{container="c",namespace="default",pod="web"} 2.5 ${AT}`, `container_memory_working_set_bytes{container="c",namespace="default",pod="web"} 4000 ${AT}`,
    `container_start_time_seconds{container="c",namespace="default",pod="web"} ${(AT - 5000) / 1000}`, `pod_cpu_usage_seconds_total{namespace="default",pod="web"} 2.5 ${AT}`, `pod_memory_working_set_bytes{namespace="default",pod="web"} 4000 ${AT}`, 'resource_scrape_error 0',
  ]);
  assert.match(String(await read('metrics')), /^kubelet_running_pods 1\n[^]*^process_x 1$/m);
});

test('S-903: whoever reads a node runs nothing on it', async () => {
  for (const path of ['exec/default/web/c', 'run/default/web/c', 'attach/default/web/c', 'portForward/default/web', 'containerLogs/default/web/c', 'logs/', 'debug/pprof/']) {
    for (const method of ['GET', 'POST']) await assert.rejects(read(path, method), (thrown) => isKind(thrown, 'forbidden'), path);
  }
  await assert.rejects(read('pods', 'POST'), /POST is not allowed on \/pods of a node/);
  await assert.rejects(read('pods/../exec'), (thrown) => isKind(thrown, 'not-found'));
});
