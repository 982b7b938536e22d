import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Simulation } from '../_simulation.ts';
import { healthAnswer } from '../health-checks.ts';
import type { ObjectStore } from '../object-store.ts';

const MAPS = '/api/v1/namespaces/a/configmaps';

async function text(cluster: Simulation, path: string): Promise<string> {
  const answer = await cluster.send('GET', path);
  assert.ok(answer.kind === 'text', path);
  return answer.body;
}

test('requests are counted under the names that upstream has for them', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', MAPS, { metadata: { name: 'm' } });
  await cluster.ask('GET', `${MAPS}/m`);
  await cluster.ask('GET', `${MAPS}/none`);
  await cluster.ask('GET', '/api/v1/configmaps');
  await cluster.ask('PATCH', `${MAPS}/n?fieldManager=x`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'n' } }, { type: 'application/apply-patch+yaml' });
  for (const path of ['/apis/nobody.example.com/v1/things', `${MAPS}/%zz`, '/api/v1/namespaces/a/configmaps/m/made-up']) await cluster.ask('GET', path);
  const told = await text(cluster, '/metrics');
  const total = (labels: string): string | undefined => new RegExp(`^apiserver_request_total\\{${labels}\\} (\\d+)$`, 'm').exec(told)?.[1];
  const of = (code: number, scope: string, verb: string): string => `code="${code}",component="apiserver",dry_run="",group="",resource="configmaps",scope="${scope}",subresource="",verb="${verb}",version="v1"`;
  assert.deepEqual([total(of(201, 'resource', 'POST')), total(of(200, 'resource', 'GET')), total(of(200, 'cluster', 'LIST')), total(of(201, 'resource', 'APPLY'))], ['1', '1', '1', '1']);
  assert.equal(total(of(404, 'resource', 'GET')), '2', 'what is made up has no name of its own');
  assert.doesNotMatch(told, /nobody|things|made-up|%zz/);
  assert.match(told, /^apiserver_request_duration_seconds_bucket\{.*verb="POST".*,le="\+Inf"\} 1$/m);
  assert.match(told, /^apiserver_request_duration_seconds_count\{.*verb="POST".*\} 1$/m);
  assert.match(told, /^apiserver_current_inflight_requests\{request_kind="readOnly"\} 1$/m, 'this one itself');
  assert.match(told, /^apiserver_current_inflight_requests\{request_kind="mutating"\} 0$/m);
  for (const line of told.trimEnd().split('\n')) assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+\{[^}]*\} [\d.e+-]+)$/);
});

test('health is told as a whole, check by check, and without those that are left out', async () => {
  const cluster = new Simulation();
  for (const path of ['/healthz', '/readyz', '/livez', '/readyz/etcd', '/livez/ping']) assert.equal(await text(cluster, path), 'ok', path);
  assert.equal(await text(cluster, '/readyz?verbose'), '[+]ping ok\n[+]etcd ok\nreadyz check passed\n');
  assert.equal((await cluster.ask('GET', '/readyz/nothing')).code, 404);
  const away = { revision: () => Promise.reject(new Error('no etcd')) } as unknown as ObjectStore;
  const ask = (path: string, ...exclude: readonly string[]): ReturnType<typeof healthAnswer> => healthAnswer(away, { method: 'GET', path, query: new Map([['exclude', exclude]]), accept: '', contentType: '', user: { name: '', groups: [] }, body: () => Promise.resolve(new Uint8Array()) });
  assert.deepEqual(await ask('/readyz'), { kind: 'text', code: 500, body: '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n', contentType: 'text/plain; charset=utf-8' });
  assert.deepEqual([await ask('/livez'), await ask('/readyz', 'etcd')].map((answer) => answer?.kind === 'text' && answer.body), ['ok', 'ok']);
});
