import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { Simulation } from '../_simulation.ts';
import { Authorizer } from '../access/authorizer.ts';
import type { User } from '../api-request.ts';
import { certificateApproval } from '../certificate-approval.ts';
import { certificateRequests, CLIENT_SIGNER } from './certificate-requests.ts';

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const admin: User = { name: 'root', groups: ['system:masters'] };
const bob: User = { name: 'bob', groups: ['system:authenticated'] };

/** The reader takes `NAME,GROUP...` for a request. */
function world(): Simulation {
  const cluster: Simulation = new Simulation(({ view, objects, schemas, clock }) => ({
    plugins: [certificateRequests(new Authorizer(view), async (text) => (text === '' ? undefined : { name: text.split(',')[0] ?? '', groups: text.split(',').slice(1) }))],
    special: [['certificates.k8s.io/certificatesigningrequests/approval', async (target, request) => await certificateApproval({ of: cluster.registry.find('certificates.k8s.io', 'v1', 'certificatesigningrequests')!, objects, writer: () => cluster.writer, schemas, clock })(target, request)]],
  }));
  return cluster;
}

const asking = (name: string, subject: string, more: JsonObject = {}): JsonObject => ({ metadata: { name }, spec: { request: btoa(subject), signerName: CLIENT_SIGNER, usages: ['client auth'], ...more } });
const approved = (type = 'Approved'): JsonObject => ({ status: { conditions: [{ type, status: 'True', reason: 'x', message: 'y' }] } });
const MERGE = { type: 'application/merge-patch+json' };

test('who asks is whom the server knows, whatever the request says', async () => {
  const cluster = world();
  const { body } = await cluster.ask('POST', PATH, asking('a', 'ann,dev', { username: 'root', groups: ['system:masters'] }), { user: bob });
  const spec = body['spec'] as JsonObject;
  assert.deepEqual([spec['username'], spec['groups']], ['bob', ['system:authenticated']]);
  await cluster.ask('PATCH', `${PATH}/a`, { spec: { username: 'root' } }, { ...MERGE, user: bob });
  assert.equal(((await cluster.ask('GET', `${PATH}/a`)).body['spec'] as JsonObject)['username'], 'bob');
});

test('nobody asks for the group that may do everything, and what is no request is none', async () => {
  const cluster = world();
  const refused = await cluster.ask('POST', PATH, asking('a', 'ann,system:masters'), { user: admin });
  assert.deepEqual([refused.code, refused.body['message']], [403, 'certificatesigningrequests.certificates.k8s.io "a" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed']);
  assert.equal((await cluster.ask('POST', PATH, asking('a', ''), { user: admin })).code, 422);
  assert.equal((await cluster.ask('POST', PATH, { ...asking('a', 'x'), spec: { ...asking('a', 'x')['spec'] as JsonObject, request: '%' } }, { user: admin })).code, 422);
});

test('a request is decided once, by who may for its signer, and changed in nothing else', async () => {
  const cluster = world();
  await cluster.ask('POST', PATH, asking('a', 'ann'), { user: bob });
  const refused = await cluster.ask('PATCH', `${PATH}/a/approval`, approved(), { ...MERGE, user: bob });
  assert.deepEqual([refused.code, refused.body['message']], [403, 'certificatesigningrequests.certificates.k8s.io "a" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"']);
  const done = await cluster.ask('PATCH', `${PATH}/a/approval`, { ...approved(), metadata: { annotations: { why: 'known' } }, spec: { username: 'root' } }, { ...MERGE, user: admin });
  assert.equal(((done.body['metadata'] as JsonObject)['annotations'] as JsonObject)['why'], 'known');
  assert.deepEqual([done.code, ((done.body['status'] as JsonObject)['conditions'] as JsonObject[])[0]?.['type'], (done.body['spec'] as JsonObject)['username']], [200, 'Approved', 'bob']);
  assert.equal((await cluster.ask('PATCH', `${PATH}/a/approval`, { status: { conditions: [] } }, { ...MERGE, user: admin })).code, 422);
  assert.equal((await cluster.ask('PATCH', `${PATH}/a/status`, { status: { certificate: 'eA==' } }, { ...MERGE, user: bob })).code, 403);
});
