import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import type { JsonObject } from '#base/json.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectView } from '../object-view.ts';
import { ISSUER, POD_TOKEN_SECONDS, ServiceAccountTokens, type TokenWish } from './service-account-tokens.ts';

const object = (name: string, uid: string, more: object = {}, spec: object = {}): KubeObject => asObject({ apiVersion: 'v1', kind: 'X', metadata: { name, namespace: 'a', uid, ...more }, spec } as JsonObject);
const account = object('robot', 'u1');
const pod = object('web', 'u2', {}, { nodeName: 'n' });
const node = object('n', 'u3');

/** The signature is not what is looked at here. */
const signer = { sign: async (claims: JsonObject) => JSON.stringify(claims), verify: async (token: string) => JSON.parse(token) as JsonObject };

class World {
  readonly clock = new ManualClock();
  readonly objects = new Map<string, KubeObject>([['serviceaccounts/robot', account], ['pods/web', pod], ['nodes/n', node]]);
  readonly view: ObjectView = { list: () => [], get: (resource, _namespace, name) => this.objects.get(`${resource}/${name}`) };
  readonly tokens = new ServiceAccountTokens({ view: this.view, signer, clock: this.clock, random: new SeededRandom(1) });

  async issued(wish: Partial<TokenWish> = {}): Promise<string> {
    return (await this.tokens.issue(account, { audiences: [ISSUER], seconds: 3600, ...wish })).token;
  }
}

test('a token is its account, with the groups of all accounts and of its namespace', async () => {
  const { tokens, issued } = bound(new World());
  const found = await tokens.authenticate(await issued());
  assert.deepEqual([found?.user.name, found?.user.uid, found?.user.groups], ['system:serviceaccount:a:robot', 'u1', ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated']]);
});

test('S-914: a token for somebody else is none for the API', async () => {
  const { tokens, issued } = bound(new World());
  const token = await issued({ audiences: ['vault'] });
  assert.equal(await tokens.authenticate(token), undefined);
  assert.deepEqual((await tokens.authenticate(token, ['vault', 'other']))?.audiences, ['vault']);
});

test('S-914: a token ends with its account, and with what it is bound to, also where a namesake took its place', async () => {
  for (const [key, other] of [['serviceaccounts/robot', object('robot', 'u9')], ['pods/web', object('web', 'u9')], ['serviceaccounts/robot', undefined], ['pods/web', undefined]] as const) {
    const world = new World();
    const token = await world.issued({ bound: { kind: 'pod', object: pod } });
    assert.notEqual(await world.tokens.authenticate(token), undefined);
    if (other === undefined) world.objects.delete(key);
    else world.objects.set(key, other);
    assert.equal(await world.tokens.authenticate(token), undefined, key);
  }
});

test('a pod that is on its way out keeps its token for a minute', async () => {
  const world = new World();
  const token = await world.issued({ bound: { kind: 'pod', object: pod } });
  const at = (ms: number): KubeObject => object('web', 'u2', { deletionTimestamp: new Date(Number(world.clock.nowNs() / 1_000_000n) - ms).toISOString() });
  world.objects.set('pods/web', at(59_000));
  assert.notEqual(await world.tokens.authenticate(token), undefined);
  world.objects.set('pods/web', at(61_000));
  assert.equal(await world.tokens.authenticate(token), undefined);
});

test('a token of a pod says where it runs, and lives on for those who do not read it anew', async () => {
  const world = new World();
  const claims = JSON.parse(await world.issued({ seconds: POD_TOKEN_SECONDS, bound: { kind: 'pod', object: pod } })) as Record<string, number> & { 'kubernetes.io': JsonObject };
  assert.equal(claims['exp']! - claims['iat']!, 365 * 86_400);
  assert.deepEqual(claims['kubernetes.io'], { namespace: 'a', serviceaccount: { name: 'robot', uid: 'u1' }, pod: { name: 'web', uid: 'u2' }, node: { name: 'n', uid: 'u3' }, warnafter: claims['iat']! + POD_TOKEN_SECONDS });
  const found = await world.tokens.authenticate(JSON.stringify(claims));
  assert.deepEqual(found?.user.extra?.get('authentication.kubernetes.io/pod-name'), ['web']);
});

test('claims that contradict each other are no token', async () => {
  const world = new World();
  const claims = JSON.parse(await world.issued()) as JsonObject;
  for (const wrong of [{ sub: 'system:serviceaccount:a:other' }, { sub: 'system:admin' }, { aud: [] }, { aud: 7 }, { 'kubernetes.io': null }, { 'kubernetes.io': { namespace: 'a', serviceaccount: { name: '__proto__', uid: 'u1' } } }]) {
    assert.equal(await world.tokens.authenticate(JSON.stringify({ ...claims, ...wrong })), undefined, JSON.stringify(wrong));
  }
});

function bound(world: World): { readonly tokens: ServiceAccountTokens; readonly issued: World['issued'] } {
  return { tokens: world.tokens, issued: (wish) => world.issued(wish) };
}
