import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Authorizer } from '../access/authorizer.ts';
import { RequestGuard } from '../access/request-guard.ts';
import type { ApiRequest, ApiResponse, User } from '../api-request.ts';
import { ListedView } from '../_object-view.ts';
import { Simulation } from '../_simulation.ts';
import { StatusError } from '../status.ts';
import type { AggregatedServers, ServerDocument } from './aggregated-servers.ts';
import type { AggregatedTarget } from './aggregated-target.ts';
import { Aggregator } from './aggregator.ts';
import { API_SERVICES } from './remote-api.ts';

const SLICES = 'discovery.k8s.io/endpointslices';
const ADMIN: User = { name: 'admin', groups: ['system:masters'] };
const FLUNDERS = { kind: 'APIResourceList', groupVersion: 'wardle.example.com/v1', resources: [{ name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get', 'list'], shortNames: ['fl'] }, { name: 'flunders/status', namespaced: true, kind: 'Flunder', verbs: ['get'] }] };
const NOT_FOUND: ServerDocument = { code: 404, body: new Uint8Array() };

const encode = (value: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const registration = (more: JsonObject = {}, spec: JsonObject = {}): KubeObject => asObject({
  apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.wardle.example.com' },
  spec: { group: 'wardle.example.com', version: 'v1', service: { namespace: 'wardle', name: 'api', port: 443 }, groupPriorityMinimum: 2000, versionPriority: 10, ...spec }, ...more,
} as JsonObject);
const SERVICE = asObject({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'api', namespace: 'wardle' }, spec: { type: 'ClusterIP', ports: [{ port: 443, targetPort: 8443 }] } });
const sliceOf = (...addresses: readonly string[]): KubeObject => asObject({ kind: 'EndpointSlice', metadata: { name: 'api-1', namespace: 'wardle', labels: { 'kubernetes.io/service-name': 'api' } }, ports: [{ name: '', port: 8443 }], endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })) } as unknown as JsonObject);

/** A server that has what it is told to, and notes whom it was asked by. */
class Server implements AggregatedServers {
  readonly asked: string[] = [];
  documents = new Map<string, Json>([['/apis/wardle.example.com/v1', FLUNDERS]]);
  isDead = false;

  async ask({ host, port, serverName }: AggregatedTarget, path: string, _accept: string, user: User): Promise<ServerDocument> {
    this.asked.push(`${serverName} ${host}:${port} ${path} ${user.name}`);
    if (this.isDead) throw new StatusError('unavailable', 'connect: connection refused');
    const document = this.documents.get(path);
    return document === undefined ? NOT_FOUND : { code: 200, body: encode(document) };
  }

  async forward({ host }: AggregatedTarget, request: ApiRequest): Promise<ApiResponse> {
    if (this.isDead) throw new StatusError('unavailable', `error trying to reach service: dial tcp ${host}: connect: connection refused`);
    return { kind: 'json', code: 200, body: { by: request.user.name, path: request.path } };
  }
}

/** The objects of one registration, an aggregator over them, and the API before it. */
class World {
  readonly server = new Server();
  readonly objects = new Map<string, KubeObject[]>([[API_SERVICES, [registration()]], ['services', [SERVICE]], [SLICES, [sliceOf('10.0.0.9')]]]);
  readonly cluster: Simulation;
  readonly aggregator: Aggregator;

  constructor() {
    const view = {
      list: (name: string, namespace?: string) => (this.objects.get(name) ?? []).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
      get: (name: string, namespace: string | undefined, object: string) => (this.objects.get(name) ?? []).find(({ metadata }) => metadata.name === object && metadata.namespace === namespace),
    };
    let made: Aggregator | undefined;
    this.cluster = new Simulation(({ clock }) => {
      made = new Aggregator({ view, servers: this.server, clock, timers: clock, random: new SeededRandom(1), log: () => {}, keep: async (object) => this.put(API_SERVICES, object) });
      return { aggregated: made, guard: new RequestGuard(new Authorizer(new ListedView())) };
    }, rulesOf);
    assert.ok(made !== undefined);
    this.aggregator = made;
  }

  put(name: string, ...objects: readonly KubeObject[]): void {
    const [before] = this.objects.get(name) ?? [];
    this.objects.set(name, [...objects]);
    const [first] = objects;
    if (name === API_SERVICES && first !== undefined) this.aggregator.registrationChanged(first, before);
    else if (name !== API_SERVICES) this.aggregator.serviceChanged('wardle', 'api');
  }

  async settle(): Promise<void> {
    await this.cluster.clock.run(0);
  }

  get condition(): string {
    const [first] = this.objects.get(API_SERVICES) ?? [];
    const { status, reason, message } = (first?.['status'] as { conditions: JsonObject[] } | undefined)?.conditions[0] ?? {};
    return [status, reason, message].join(' | ');
  }

  async get(path: string, user = ADMIN, accept = 'application/json'): Promise<{ readonly code: number; readonly body: JsonObject; readonly text: string }> {
    const answer = await this.cluster.send('GET', path, undefined, { user, accept });
    return { code: 'code' in answer ? answer.code : 0, body: answer.kind === 'json' ? answer.body : {}, text: answer.kind === 'text' ? answer.body : '' };
  }
}

async function opened(): Promise<World> {
  const world = new World();
  world.aggregator.open();
  await world.settle();
  return world;
}

test('a server is asked as the aggregator whether it is there, and then in the name of who asks', async () => {
  const world = await opened();
  assert.equal(world.condition, 'True | Passed | all checks passed');
  assert.equal(world.server.asked[0], 'api.wardle.svc 10.0.0.9:8443 /apis/wardle.example.com/v1 system:kube-aggregator');
  assert.deepEqual((await world.get('/apis/wardle.example.com/v1/namespaces/a/flunders')).body, { by: 'admin', path: '/apis/wardle.example.com/v1/namespaces/a/flunders' });
  assert.equal((await world.get('/api/v1/namespaces/a/pods')).body['kind'], 'PodList', 'what is served here stays here');
});

test('who may not is refused before the server hears of it', async () => {
  const world = await opened();
  const refused = await world.get('/apis/wardle.example.com/v1/namespaces/a/flunders', { name: 'eve', groups: [] });
  assert.deepEqual([refused.code, refused.body['message']], [403, 'flunders.wardle.example.com is forbidden: User "eve" cannot list resource "flunders" in API group "wardle.example.com" in the namespace "a"']);
});

test('S-903: a path that the server could read in another way than the guard did is refused', async () => {
  const world = await opened();
  for (const path of ['namespaces/a%2fsecrets/flunders', 'namespaces/../flunders', 'namespaces/%2e%2e/flunders', 'namespaces//flunders', 'flunders/a%5cb', 'flunders/%zz']) assert.equal((await world.get(`/apis/wardle.example.com/v1/${path}`)).code, 400, path);
  assert.equal((await world.get('/apis/wardle%2eexample.com/v1/flunders')).code, 200);
});

test('S-911: who stands behind the service with a loopback or link-local address is not reached', async () => {
  const world = await opened();
  for (const address of ['127.0.0.1', '169.254.169.254', '::1']) {
    world.put(SLICES, sliceOf(address));
    await world.settle();
    assert.match(world.condition, /^False \| FailedDiscoveryCheck \| address not allowed: /);
  }
});

test('what keeps a server from being reached is told in the words of upstream', async () => {
  const world = await opened();
  const said = async (name: string, ...objects: readonly KubeObject[]): Promise<string> => {
    world.put(name, ...objects);
    await world.settle();
    return world.condition;
  };
  assert.equal(await said(SLICES, sliceOf()), 'False | MissingEndpoints | endpointslices for service/api in "wardle" have no addresses with port name ""');
  assert.equal(await said(SLICES), 'False | EndpointsNotFound | cannot find endpointslices for service/api in "wardle"');
  assert.equal(await said('services', asObject({ ...SERVICE, spec: { type: 'ClusterIP', ports: [{ port: 80 }] } } as unknown as JsonObject)), 'False | ServicePortError | service/api in "wardle" is not listening on port 443');
  assert.equal(await said('services'), 'False | ServiceNotFound | service/api in "wardle" is not present');
  assert.equal((await world.get('/apis/wardle.example.com/v1/flunders')).text, 'service unavailable\n');
  world.server.documents.clear();
  world.put(SLICES, sliceOf('10.0.0.9'));
  assert.equal(await said('services', SERVICE), 'False | FailedDiscoveryCheck | failing or missing response from https://10.0.0.9:8443/apis/wardle.example.com/v1: bad status from https://10.0.0.9:8443/apis/wardle.example.com/v1: 404');
});

test('a server that is lost is told so, asked again, and there again', async () => {
  const world = await opened();
  world.server.isDead = true;
  const lost = await world.get('/apis/wardle.example.com/v1/flunders');
  assert.deepEqual([lost.code, lost.text], [503, 'error trying to reach service: dial tcp 10.0.0.9: connect: connection refused\n']);
  await world.settle();
  assert.equal(world.condition, 'False | FailedDiscoveryCheck | failing or missing response from https://10.0.0.9:8443/apis/wardle.example.com/v1: connect: connection refused');
  assert.deepEqual(await world.get('/apis/wardle.example.com/v1/flunders'), { code: 503, body: {}, text: 'service unavailable\n' });
  world.server.isDead = false;
  await world.cluster.clock.run(500);
  assert.equal(world.condition, 'True | Passed | all checks passed');
});

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const itemOf = (body: JsonObject, group: string): JsonObject | undefined => (body['items'] as JsonObject[]).find((item) => (item['metadata'] as JsonObject)['name'] === group);

test('what a server has is in discovery, in both forms, in its place, and stale when it is lost', async () => {
  const world = await opened();
  const groups = ((await world.get('/apis')).body['groups'] as JsonObject[]).map(({ name }) => name);
  assert.deepEqual([groups[0], groups.slice(-1)], ['apiregistration.k8s.io', ['wardle.example.com']]);
  assert.deepEqual((await world.get('/apis/wardle.example.com')).body['preferredVersion'], { groupVersion: 'wardle.example.com/v1', version: 'v1' });
  const expected = {
    version: 'v1', freshness: 'Current', resources: [{
      resource: 'flunders', responseKind: { group: 'wardle.example.com', version: 'v1', kind: 'Flunder' }, scope: 'Namespaced', singularResource: 'flunder', verbs: ['get', 'list'], shortNames: ['fl'],
      subresources: [{ subresource: 'status', responseKind: { group: 'wardle.example.com', version: 'v1', kind: 'Flunder' }, verbs: ['get'] }],
    }],
  };
  assert.deepEqual(itemOf((await world.get('/apis', ADMIN, DISCOVERY)).body, 'wardle.example.com')?.['versions'], [expected]);
  const etag = async (): Promise<string | undefined> => {
    const answer = await world.cluster.send('GET', '/apis', undefined, { user: ADMIN, accept: DISCOVERY });
    return answer.kind === 'json' ? answer.etag : undefined;
  };
  const before = await etag();
  world.put(SLICES);
  await world.settle();
  assert.notEqual(await etag(), before);
  assert.deepEqual(itemOf((await world.get('/apis', ADMIN, DISCOVERY)).body, 'wardle.example.com')?.['versions'], [{ ...expected, freshness: 'Stale' }]);
});

test('a server that speaks the newer form of discovery is heard in that, and its OpenAPI is shown', async () => {
  const world = new World();
  const resource = { resource: 'flunders', scope: 'Cluster', singularResource: 'flunder', verbs: ['get'] };
  world.server.documents.set('/apis', { kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: 'wardle.example.com' }, versions: [{ version: 'v1', resources: [resource] }] }] });
  world.server.documents.set('/openapi/v3', { paths: { 'apis/wardle.example.com/v1': { serverRelativeURL: '/openapi/v3/apis/wardle.example.com/v1?hash=ABC' } } });
  world.server.documents.set('/openapi/v3/apis/wardle.example.com/v1', { openapi: '3.0.0', components: {} });
  world.server.documents.set('/openapi/v2', { paths: { '/apis/wardle.example.com/v1/flunders': { get: {} }, '/apis/apps/v1/deployments': { get: {} } }, definitions: { Flunder: { type: 'object' } } });
  world.aggregator.open();
  await world.settle();
  assert.deepEqual((itemOf((await world.get('/apis', ADMIN, DISCOVERY)).body, 'wardle.example.com')?.['versions'] as JsonObject[])[0]?.['resources'], [{ ...resource, responseKind: {} }]);
  assert.deepEqual(((await world.get('/openapi/v3')).body['paths'] as JsonObject)['apis/wardle.example.com/v1'], { serverRelativeURL: '/openapi/v3/apis/wardle.example.com/v1?hash=ABC' });
  assert.deepEqual((await world.get('/openapi/v3/apis/wardle.example.com/v1')).body, { openapi: '3.0.0', components: {} });
  assert.deepEqual(await world.aggregator.swagger(), [{ paths: [['/apis/wardle.example.com/v1/flunders', { get: {} }]], definitions: [['Flunder', { type: 'object' }]] }]);
});

test('a registration that goes, or names a server no more, takes what it brought with it', async () => {
  const world = await opened();
  const before = world.objects.get(API_SERVICES)?.[0] as KubeObject;
  world.objects.set(API_SERVICES, []);
  world.aggregator.registrationChanged(before, before);
  assert.equal((await world.get('/apis/wardle.example.com/v1/flunders')).code, 404);
  assert.equal((await world.get('/apis/wardle.example.com')).code, 404);
  const asked = world.server.asked.length;
  await world.cluster.clock.run(120_000);
  assert.equal(world.server.asked.length, asked, 'nobody is asked any more');
});

test('its own group is led nowhere else', async () => {
  const world = await opened();
  world.put(API_SERVICES, registration({ metadata: { name: 'v1.apiregistration.k8s.io' } }, { group: 'apiregistration.k8s.io' }));
  assert.equal((await world.get('/apis/apiregistration.k8s.io/v1/apiservices')).body['kind'], 'APIServiceList');
});

test('what is told of groups that the API itself serves makes nothing anew', async () => {
  const world = await opened();
  const before = world.aggregator.generation;
  const local = asObject({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.apps' }, spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } });
  world.aggregator.registrationChanged(local, undefined);
  assert.equal(world.aggregator.generation, before);
  world.aggregator.registrationChanged(local, registration());
  assert.notEqual(world.aggregator.generation, before);
});
