import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { NodeState } from './node-state.ts';
import { place, unplaceableMessage } from './place.ts';
import { podVolumes } from './pod-volumes.ts';

const HOST = 'kubernetes.io/hostname';
let made = 0;

function node(name: string, more: { cpu?: string; memory?: string; pods?: string; labels?: Record<string, string>; spec?: object } = {}): NodeState {
  return new NodeState({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name, labels: { [HOST]: name, ...more.labels } }, spec: more.spec ?? {}, status: { allocatable: { cpu: more.cpu ?? '4', memory: more.memory ?? '8Gi', pods: more.pods ?? '110' } } } as unknown as KubeObject);
}

function pod(spec: object = {}, labels: Record<string, string> = {}, namespace = 'default'): KubeObject {
  made += 1;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${made}`, namespace, uid: `u${made}`, labels }, spec: { containers: [{ name: 'c' }], ...spec } } as unknown as KubeObject;
}

const asking = (cpu: string, memory = '1Mi'): object => ({ containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] });

function on(state: NodeState, ...pods: readonly KubeObject[]): NodeState {
  for (const each of pods) state.add(each);
  return state;
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const spread = { maxSkew: 1, topologyKey: HOST, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } };
const TAINTED = { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] };
const web = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: HOST };

for (const [what, candidate, nodes, expected] of [
  ['room on one only', pod(asking('3')), [on(node('a'), pod(asking('2'))), node('b')], 'b'],
  ['too little anywhere', pod(asking('5')), [node('a'), node('b')], '0/2 nodes are available: 2 Insufficient cpu.'],
  ['memory', pod(asking('1', '9Gi')), [node('a')], '0/1 nodes are available: 1 Insufficient memory.'],
  ['a full node', pod(), [on(node('a', { pods: '1' }), pod())], '0/1 nodes are available: 1 Too many pods.'],
  ['no node', pod(), [], 'no nodes available to schedule pods'],
  ['cordoned', pod(), [node('a', { spec: { unschedulable: true } }), node('b')], 'b'],
  ['a taint', pod(), [node('a', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })], '0/1 nodes are available: 1 node(s) had untolerated taint {k: v}.'],
  ['a taint that is tolerated', pod({ tolerations: [{ key: 'k', operator: 'Exists' }] }), [node('a', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } })], 'a'],
  ['a selector', pod({ nodeSelector: { disk: 'ssd' } }), [node('a'), node('b', { labels: { disk: 'ssd' } })], 'b'],
  ['an affinity of alternatives', pod({ affinity: { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }, { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }] } } } }), [node('a'), node('b')], 'b'],
  ['a port that is taken', pod({ containers: [{ name: 'c', ports: [{ hostPort: 80 }] }] }), [on(node('a'), pod({ containers: [{ name: 'c', ports: [{ hostPort: 80, hostIP: '127.0.0.1' }] }] }))], "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."],
  ['the same port by the other protocol', pod({ containers: [{ name: 'c', ports: [{ hostPort: 80, protocol: 'UDP' }] }] }), [on(node('a'), pod({ containers: [{ name: 'c', ports: [{ hostPort: 80 }] }] }))], 'a'],
  ['away from its like', pod({ affinity: { podAntiAffinity: { [REQUIRED]: [web] } } }), [on(node('a'), pod({}, { app: 'web' })), node('b')], 'b'],
  ['near to its like', pod({ affinity: { podAffinity: { [REQUIRED]: [web] } } }), [node('a'), on(node('b'), pod({}, { app: 'web' }))], 'b'],
  ['near to nobody', pod({ affinity: { podAffinity: { [REQUIRED]: [web] } } }), [node('a')], "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."],
  ['the first of a group', pod({ affinity: { podAffinity: { [REQUIRED]: [web] } } }, { app: 'web' }), [node('a')], 'a'],
  ['not wanted by one that is there', pod({}, { app: 'web' }), [on(node('a'), pod({ affinity: { podAntiAffinity: { [REQUIRED]: [web] } } })), node('b')], 'b'],
  ['one namespace does not see another', pod({ affinity: { podAntiAffinity: { [REQUIRED]: [web] } } }, {}, 'other'), [on(node('a'), pod({}, { app: 'web' }))], 'a'],
  ['an even spread', pod({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: HOST, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] }, { app: 'web' }), [on(node('a'), pod({}, { app: 'web' })), node('b')], 'b'],
  ['a spread of its own revision', pod({ topologySpreadConstraints: [{ ...spread, matchLabelKeys: ['hash', 'none'] }] }, { app: 'web', hash: '2' }), [on(node('a'), pod({}, { app: 'web', hash: '2' })), on(node('b'), pod({}, { app: 'web', hash: '1' }), pod({}, { app: 'web', hash: '1' }))], 'b'],
  ['a spread over more domains than there are', pod({ topologySpreadConstraints: [{ ...spread, minDomains: 3 }] }, { app: 'web' }), [on(node('a'), pod({}, { app: 'web' })), on(node('b'), pod({}, { app: 'web' }))], "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints."],
  ['a spread that counts nodes which keep it off', pod({ topologySpreadConstraints: [spread] }, { app: 'web' }), [on(node('a'), pod({}, { app: 'web' })), node('b', { spec: TAINTED })], "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) had untolerated taint {k: v}."],
  ['a spread that does not', pod({ topologySpreadConstraints: [{ ...spread, nodeTaintsPolicy: 'Honor' }] }, { app: 'web' }), [on(node('a'), pod({}, { app: 'web' })), node('b', { spec: TAINTED })], 'a'],
  ['a spread over the nodes that it selects', pod({ nodeSelector: { disk: 'ssd' }, topologySpreadConstraints: [spread] }, { app: 'web' }), [on(node('a', { labels: { disk: 'ssd' } }), pod({}, { app: 'web' })), node('b')], 'a'],
  ['a spread over all of them', pod({ nodeSelector: { disk: 'ssd' }, topologySpreadConstraints: [{ ...spread, nodeAffinityPolicy: 'Ignore' }] }, { app: 'web' }), [on(node('a', { labels: { disk: 'ssd' } }), pod({}, { app: 'web' })), node('b')], "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't match pod topology spread constraints."],
  ['near to those of its own revision', pod({ affinity: { podAffinity: { [REQUIRED]: [{ ...web, matchLabelKeys: ['hash'] }] } } }, { app: 'web', hash: '2' }), [on(node('a'), pod({}, { app: 'web', hash: '1' })), on(node('b'), pod({}, { app: 'web', hash: '2' }))], 'b'],
  ['away from those of other tenants', pod({ affinity: { podAntiAffinity: { [REQUIRED]: [{ ...web, mismatchLabelKeys: ['tenant'] }] } } }, { app: 'web', tenant: '1' }), [on(node('a'), pod({}, { app: 'web', tenant: '2' })), on(node('b'), pod({}, { app: 'web', tenant: '1' }))], 'b'],
  ['not wanted by one of another revision', pod({}, { app: 'web', hash: '2' }), [on(node('a'), pod({ affinity: { podAntiAffinity: { [REQUIRED]: [{ ...web, matchLabelKeys: ['hash'] }] } } }, { hash: '1' })), on(node('b'), pod(), pod({ affinity: { podAntiAffinity: { [REQUIRED]: [{ ...web, matchLabelKeys: ['hash'] }] } } }, { hash: '2' }))], 'a'],
  ['away from its like in all namespaces', pod({ affinity: { podAntiAffinity: { [REQUIRED]: [{ ...web, namespaceSelector: {} }] } } }, {}, 'other'), [on(node('a'), pod({}, { app: 'web' })), node('b')], 'b'],
  ['away from its like in namespaces by their labels', pod({ affinity: { podAntiAffinity: { [REQUIRED]: [{ ...web, namespaceSelector: { matchLabels: { team: 'x' } } }] } } }), [on(node('a'), pod({}, { app: 'web' }, 'of-x')), on(node('b'), pod({}, { app: 'web' }))], 'b'],
  ['a sidecar counts for as long as the pod', pod({ containers: [{ name: 'c', resources: { requests: { cpu: '2' } } }], initContainers: [{ name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '3' } } }] }), [node('a')], '0/1 nodes are available: 1 Insufficient cpu.'],
  ['an init container counts for itself', pod({ containers: [{ name: 'c', resources: { requests: { cpu: '2' } } }], initContainers: [{ name: 's', resources: { requests: { cpu: '3' } } }] }), [node('a')], 'a'],
  ['the emptier one', pod(asking('1')), [on(node('a'), pod(asking('2'))), node('b')], 'b'],
  ['the preferred one', pod({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: { matchExpressions: [{ key: HOST, operator: 'In', values: ['b'] }] } }] } } }), [node('a'), node('b')], 'b'],
] as readonly (readonly [string, KubeObject, readonly NodeState[], string])[]) {
  test(`place: ${what}`, () => {
    const placement = place(candidate, nodes, 0, 0, undefined, (namespace) => (namespace === 'of-x' ? { team: 'x' } : {}));
    assert.equal(placement.kind === 'placed' ? placement.node : unplaceableMessage(placement.reasons, nodes.length), expected);
  });
}

test('whatever is asked for, no node gets more than it has, and a pod waits only where none has room', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 }), (sizes, asks) => {
    const nodes = sizes.map((cpu, at) => node(`n${at}`, { cpu: String(cpu) }));
    asks.forEach((cpu, at) => {
      const candidate = pod(asking(String(cpu)));
      const placement = place(candidate, nodes, at);
      const room = nodes.map((each) => (each.allocatable.get('cpu') ?? 0) - (each.requested.get('cpu') ?? 0));
      if (placement.kind === 'placed') nodes.find(({ name }) => name === placement.node)?.add(candidate);
      else assert.ok(room.every((left) => left < cpu * 1000));
      for (const each of nodes) assert.ok((each.requested.get('cpu') ?? 0) <= (each.allocatable.get('cpu') ?? 0));
    });
  }));
});

test('a pod that asks for more than its node can ever give takes what it had before', () => {
  const resized = (reason: string): KubeObject => ({ ...pod(asking('50')), status: { conditions: [{ type: 'PodResizePending', status: 'True', reason }], containerStatuses: [{ name: 'c', allocatedResources: { cpu: '1', memory: '1Mi' } }] } }) as unknown as KubeObject;
  const placed = (reason: string): string => place(pod(asking('2')), [on(node('a'), resized(reason))]).kind;
  assert.equal(placed('Infeasible'), 'placed');
  assert.notEqual(placed('Deferred'), 'placed', 'what waits for room is kept room for');
});

test('a node is as it was when a pod has gone again', () => {
  const state = on(node('a'), pod(asking('1')));
  const before = [...state.requested];
  const passing = pod({ containers: [{ name: 'c', resources: { requests: { cpu: '1' } }, ports: [{ hostPort: 80 }] }] });
  state.add(passing);
  state.add(passing);
  assert.ok(state.hasPort('TCP//80'));
  state.remove(passing.metadata.uid);
  assert.deepEqual([[...state.requested], state.hasPort('TCP//80'), state.pods.size], [before, false, 1]);
});

test('a pod follows its volumes, and waits for claims that nobody has bound', () => {
  const claim = (name: string, spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' }, spec }) as unknown as KubeObject;
  const objects: Record<string, KubeObject> = {
    'persistentvolumeclaims/here': claim('here', { volumeName: 'v' }), 'persistentvolumeclaims/first': claim('first', { storageClassName: 'waits' }), 'persistentvolumeclaims/now': claim('now', { storageClassName: 'now' }),
    'persistentvolumes/v': { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOST, operator: 'In', values: ['b'] }] }] } } } } as unknown as KubeObject,
    'storage.k8s.io/storageclasses/waits': { metadata: { name: 'waits' }, volumeBindingMode: 'WaitForFirstConsumer' } as unknown as KubeObject,
  };
  const view = { list: () => [], get: (resource: string, _namespace: string | undefined, name: string) => objects[`${resource}/${name}`] };
  const placed = (claimName: string, nodes: readonly NodeState[]): string => {
    const mounting = pod({ volumes: [{ name: 'd', persistentVolumeClaim: { claimName } }] });
    const placement = place(mounting, nodes, 0, 0, podVolumes(mounting, view));
    return placement.kind === 'placed' ? placement.node : unplaceableMessage(placement.reasons, nodes.length);
  };
  assert.deepEqual([placed('here', [node('a'), node('b')]), placed('first', [node('a')])], ['b', 'a']);
  assert.equal(placed('here', [node('a')]), '0/1 nodes are available: 1 node(s) had volume node affinity conflict.');
  assert.equal(placed('now', [node('a')]), '0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.');
  assert.equal(placed('nobody', [node('a')]), '0/1 nodes are available: 1 persistentvolumeclaim "nobody" not found.');
  const own = pod({ volumes: [{ name: 'd', ephemeral: { volumeClaimTemplate: { spec: {} } } }] });
  const { name, uid } = own.metadata;
  assert.equal(podVolumes(own, view).missing, `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}-d"`);
  const made = claim(`${name}-d`, { storageClassName: 'waits' });
  objects[`persistentvolumeclaims/${name}-d`] = made;
  assert.equal(podVolumes(own, view).missing, `PVC default/${name}-d was not created for pod default/${name} (pod is not owner)`);
  objects[`persistentvolumeclaims/${name}-d`] = { ...made, metadata: { ...made.metadata, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }] } };
  assert.equal(podVolumes(own, view).missing, undefined);
});
