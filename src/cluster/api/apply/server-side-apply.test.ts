import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { Simulation } from '../_simulation.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const MAPS = '/api/v1/namespaces/default/configmaps';
const APPLY = { type: 'application/apply-patch+yaml' };
const MERGE = { type: 'application/merge-patch+json' };

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const deployment = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata }, spec });
const container = (name: string, more: JsonObject = {}): JsonObject => ({ name, image: `${name}:1`, ...more });
const withContainers = (...containers: readonly JsonObject[]): JsonObject => deployment({ selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers } } });

async function apply(cluster: Simulation, manager: string, body: JsonObject, { path = `${DEPLOYMENTS}/web`, force = false } = {}) {
  return await cluster.ask('PATCH', `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`, body, APPLY);
}

/** Owners with what they own, as `manager operation [subresource]`. */
function owners(body: JsonObject): Readonly<Record<string, Json>> {
  const list = (plain(body)['metadata'] as { managedFields?: readonly JsonObject[] }).managedFields ?? [];
  return Object.fromEntries(list.map(({ manager, operation, subresource, fieldsV1 }) => [`${String(manager)} ${String(operation)}${subresource === undefined ? '' : ` ${String(subresource)}`}`, fieldsV1 ?? null]));
}

const specOf = (body: JsonObject): JsonObject => plain(body)['spec'] as JsonObject;
const containersOf = (body: JsonObject): readonly JsonObject[] => ((specOf(body)['template'] as JsonObject)['spec'] as JsonObject)['containers'] as readonly JsonObject[];

describe('applying', () => {
  test('makes what is not there, and owns each field that it names', async () => {
    const cluster = new Simulation();
    const made = await apply(cluster, 'me', deployment({ replicas: 2, template: { spec: { containers: [container('a', { ports: [{ containerPort: 80 }] })], nodeSelector: {} } } }, { labels: { x: 'y' } }));
    assert.equal(made.code, 201, JSON.stringify(made.body));
    assert.deepEqual(owners(made.body), {
      'me Apply': {
        'f:metadata': { 'f:labels': { 'f:x': {} } },
        'f:spec': {
          'f:replicas': {},
          'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } } }, 'f:nodeSelector': {} } },
        },
      },
    });
    const [entry] = (plain(made.body)['metadata'] as { managedFields: readonly JsonObject[] }).managedFields;
    assert.deepEqual({ ...entry, fieldsV1: undefined }, { manager: 'me', operation: 'Apply', apiVersion: 'apps/v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1', fieldsV1: undefined });
  });

  test('again changes nothing, not even the version', async () => {
    const cluster = new Simulation();
    const first = await apply(cluster, 'me', deployment({ replicas: 2 }));
    cluster.clock.advance(60_000);
    const again = await apply(cluster, 'me', deployment({ replicas: 2 }));
    assert.deepEqual([again.code, plain(again.body)], [200, plain(first.body)]);
  });

  test('takes away what it named before and does not name now', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', deployment({ replicas: 2, paused: true }, { labels: { x: 'y', z: 'w' } }));
    const { body } = await apply(cluster, 'me', deployment({ replicas: 2 }, { labels: { x: 'y' } }));
    assert.deepEqual(specOf(body), { replicas: 2 });
    assert.deepEqual((plain(body)['metadata'] as JsonObject)['labels'], { x: 'y' });
    const bare = await apply(cluster, 'me', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } });
    assert.deepEqual([plain(bare.body)['spec'], owners(bare.body)], [undefined, {}]);
  });

  test('leaves what others put there', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', withContainers(container('a', { env: [{ name: 'X', value: '1' }] })));
    await apply(cluster, 'sidecars', withContainers(container('a'), container('proxy')));
    const changed = await apply(cluster, 'me', withContainers(container('a', { env: [{ name: 'Y', value: '2' }] })));
    assert.deepEqual(containersOf(changed.body), [container('a', { env: [{ name: 'Y', value: '2' }] }), container('proxy')]);
    const gone = await apply(cluster, 'sidecars', withContainers(container('a')));
    assert.deepEqual(containersOf(gone.body).map(({ name }) => name), ['a']);
  });

  test('shares a field where both say the same, and keeps it while one of both does', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'one', deployment({ replicas: 3 }));
    assert.equal((await apply(cluster, 'two', deployment({ replicas: 3 }))).code, 200);
    const left = await apply(cluster, 'one', deployment({ paused: true }));
    assert.deepEqual(specOf(left.body), { replicas: 3, paused: true });
  });

  test('conflicts with who owns a field that is to change, and tells all of them', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'one', withContainers(container('a')));
    const refused = await apply(cluster, 'two', withContainers({ name: 'a', image: 'other' }));
    assert.deepEqual([refused.code, refused.body['reason'], refused.body['message']], [409, 'Conflict', 'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="a"].image']);
    assert.deepEqual((refused.body['details'] as JsonObject)['causes'], [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.template.spec.containers[name="a"].image' }]);
    const several = await apply(cluster, 'two', deployment({ selector: { matchLabels: { a: 'c' } }, template: { spec: { containers: [{ name: 'a', image: 'other' }] } } }));
    assert.equal(several.body['message'], 'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.selector\n- .spec.template.spec.containers[name="a"].image');
  });

  test('takes fields by force', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'one', deployment({ replicas: 1, paused: true }));
    const { code, body } = await apply(cluster, 'two', deployment({ replicas: 5 }), { force: true });
    assert.deepEqual([code, specOf(body), owners(body)], [200, { replicas: 5, paused: true }, { 'one Apply': { 'f:spec': { 'f:paused': {} } }, 'two Apply': { 'f:spec': { 'f:replicas': {} } } }]);
  });

  test('names an updater with its version in a conflict', async () => {
    const cluster = new Simulation();
    await cluster.ask('POST', `${DEPLOYMENTS}?fieldManager=kubectl-create`, deployment({ replicas: 1 }));
    const refused = await apply(cluster, 'me', deployment({ replicas: 2 }));
    assert.equal(refused.body['message'], 'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas');
  });

  test('puts list items in the order that is applied, with others beside them', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'one', withContainers(container('a'), container('b'), container('c')));
    await apply(cluster, 'two', withContainers(container('x'), container('b')));
    const { body } = await apply(cluster, 'one', withContainers(container('c'), container('b'), container('a')));
    assert.deepEqual(containersOf(body).map(({ name }) => name), ['x', 'c', 'b', 'a']);
  });

  test('finalizers are a set, and a selector is owned as one', async () => {
    const cluster = new Simulation();
    const { body } = await apply(cluster, 'me', deployment({ selector: { matchLabels: { a: 'b' } } }, { finalizers: ['x/y', 'x/z'] }));
    assert.deepEqual(owners(body)['me Apply'], { 'f:metadata': { 'f:finalizers': { 'v:"x/y"': {}, 'v:"x/z"': {} } }, 'f:spec': { 'f:selector': {} } });
  });

  test('an update may leave out by what an item is told apart: to upstream\'s types it is empty then', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', deployment({ replicas: 1 }));
    const { code, body } = await cluster.ask('PATCH', `${DEPLOYMENTS}/web/status`, { status: { conditions: [{ message: 'patched' }] } }, { type: 'application/merge-patch+json' });
    assert.deepEqual([code, plain(body)['status']], [200, { conditions: [{ message: 'patched' }] }]);
  });

  test('of a status has an owner of its own, and changes no spec', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', deployment({ replicas: 1 }));
    const { body } = await apply(cluster, 'robot', { ...deployment({ replicas: 9 }), status: { readyReplicas: 1 } }, { path: `${DEPLOYMENTS}/web/status` });
    assert.deepEqual([specOf(body), plain(body)['status']], [{ replicas: 1 }, { readyReplicas: 1 }]);
    assert.deepEqual(owners(body)['robot Apply status'], { 'f:status': { 'f:readyReplicas': {} } });
  });

  for (const [what, query, body, code, message] of [
    ['without a manager', '', deployment({}), 422, /fieldManager: Required value: is required for apply patch/],
    ['with managed fields', '?fieldManager=me', deployment({}, { managedFields: [] }), 400, /metadata\.managedFields must be nil/],
    ['of a field that is none', '?fieldManager=me', deployment({ replcas: 1 }), 500, /failed to create typed patch object \(\/web; apps\/v1, Kind=Deployment\): \.spec\.replcas: field not declared in schema/],
    ['of another name', '?fieldManager=me', deployment({}, { name: 'other' }), 400, /does not match the name on the URL/],
    ['of another kind', '?fieldManager=me', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } }, 400, /does not match the expected API version/],
    ['of two items of one key', '?fieldManager=me', withContainers(container('a'), container('a')), 400, /duplicate entries for key/],
    ['of an item without key', '?fieldManager=me', withContainers({ image: 'x' }), 400, /omits all key fields/],
    ['by a name too long', `?fieldManager=${'x'.repeat(129)}`, deployment({}), 400, /Too long/],
  ] as const) {
    test(`is refused ${what}`, async () => {
      const answer = await new Simulation().ask('PATCH', `${DEPLOYMENTS}/web${query}`, body as JsonObject, APPLY);
      assert.equal(answer.code, code, JSON.stringify(answer.body));
      assert.match(String(answer.body['message']), message);
    });
  }
});

describe('updating', () => {
  test('owns what it changes, takes it from others, and moves its time when it does', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', deployment({ replicas: 1, paused: true }));
    cluster.clock.advance(5_000);
    const { body } = await cluster.ask('PATCH', `${DEPLOYMENTS}/web?fieldManager=scaler`, { spec: { replicas: 4 } }, MERGE);
    assert.deepEqual(owners(body), { 'me Apply': { 'f:spec': { 'f:paused': {} } }, 'scaler Update': { 'f:spec': { 'f:replicas': {} } } });
    cluster.clock.advance(5_000);
    const same = await cluster.ask('PATCH', `${DEPLOYMENTS}/web?fieldManager=scaler`, { spec: { replicas: 4 } }, MERGE);
    assert.deepEqual(plain(same.body), plain(body));
  });

  test('of what is not there before owns the places too', async () => {
    const cluster = new Simulation();
    const made = await cluster.ask('POST', `${MAPS}?fieldManager=me`, { metadata: { name: 'm', labels: { a: 'b' } }, data: { k: 'v' } });
    assert.deepEqual(owners(made.body), { 'me Update': { 'f:data': { '.': {}, 'f:k': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } } });
  });

  test('that takes a field away leaves it to nobody', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: '1', b: '2' } }, { path: `${MAPS}/m` });
    const { body } = await cluster.ask('PATCH', `${MAPS}/m?fieldManager=you`, { data: { a: null } }, MERGE);
    assert.deepEqual(owners(body), { 'me Apply': { 'f:data': { 'f:b': {} } } });
  });

  test('may reset who owns what, and then nobody is asked', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', deployment({ replicas: 1 }));
    const { body } = await cluster.ask('PATCH', `${DEPLOYMENTS}/web`, { metadata: { managedFields: [{}] } }, MERGE);
    assert.deepEqual(owners(body), {});
    const { code, body: applied } = await apply(cluster, 'you', deployment({ replicas: 1, paused: true }));
    assert.deepEqual([code, owners(applied)], [200, { 'before-first-apply Update': { 'f:spec': { '.': {}, 'f:replicas': {} } }, 'you Apply': { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } } }]);
  });

  test('by very many keeps the latest apart', async () => {
    const cluster = new Simulation();
    await cluster.ask('POST', `${MAPS}?fieldManager=u0`, { metadata: { name: 'm' }, data: { k0: '0' } });
    for (let index = 1; index < 15; index++) {
      cluster.clock.advance(1_000);
      await cluster.ask('PATCH', `${MAPS}/m?fieldManager=u${index}`, { data: { [`k${index}`]: 'v' } }, MERGE);
    }
    const { body } = await cluster.ask('GET', `${MAPS}/m`);
    const names = Object.keys(owners(body));
    assert.equal(names.length, 10);
    assert.ok(names.includes('ancient-changes Update') && names.includes('u14 Update') && !names.includes('u1 Update'));
    assert.equal(Object.keys((owners(body)['ancient-changes Update'] as JsonObject)['f:data'] as JsonObject).length, 7);
  });

  test('keeps no garbage for managed fields', async () => {
    const cluster = new Simulation();
    await apply(cluster, 'me', deployment({ replicas: 1 }));
    const { body } = await cluster.ask('PATCH', `${DEPLOYMENTS}/web?fieldManager=x`, { metadata: { managedFields: [{ manager: 'x', operation: 'Frob' }] } }, MERGE);
    assert.deepEqual(owners(body), { 'me Apply': { 'f:spec': { 'f:replicas': {} } } });
  });

  test('S-908: a list that says the same tens of thousands of times is compared in one pass', async () => {
    const cluster = new Simulation();
    const { code, body } = await cluster.ask('POST', MAPS, { metadata: { name: 'm', finalizers: Array.from({ length: 29_000 }, () => 'a/b') } });
    assert.deepEqual([code, ((body['metadata'] as JsonObject)['finalizers'] as string[]).length], [201, 29_000]);
  });
});
