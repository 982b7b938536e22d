import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { View } from '#cluster/loop/controller.ts';
import { clusterRoleAggregation } from './cluster-role-aggregation.ts';

const role = (name: string, labels: Readonly<Record<string, string>>, more: object): KubeObject => asObject({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, labels }, ...more });
const viewOf = (roles: readonly KubeObject[]): View => ({ list: () => roles, get: (_resource, _namespace, name) => roles.find(({ metadata }) => metadata.name === name), byUid: () => undefined, ownedBy: () => [], indexed: () => new Set() });

test('a role that is put together of others has the rules of each once, and is left alone when it has them', () => {
  const pods = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
  const nodes = { verbs: ['get'], apiGroups: [''], resources: ['nodes'] };
  const whole = role('whole', {}, { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] }, rules: [] });
  const roles = [whole, role('b', { part: 'yes' }, { rules: [nodes, pods] }), role('a', { part: 'yes' }, { rules: [pods] }), role('other', { part: 'no' }, { rules: [{ verbs: ['*'] }] })];
  assert.deepEqual(clusterRoleAggregation.keysFor('x', roles[1] as KubeObject, viewOf(roles)), ['whole']);
  const { writes } = clusterRoleAggregation.reconcile('whole', viewOf(roles), 0);
  const [write] = writes;
  assert.ok(write?.kind === 'update');
  assert.deepEqual(write.object['rules'], [pods, nodes]);
  assert.deepEqual(clusterRoleAggregation.reconcile('whole', viewOf([write.object, ...roles.slice(1)]), 0).writes, []);
});
