import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '#base/json.ts';
import { Simulation } from '../../_simulation.ts';
import { objectOf } from '../pod-spec.ts';
import { violationsOf, violationsText, type Level } from './level.ts';
import { podSecurity } from './pod-security.ts';

const SAFE: JsonObject = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const POD: JsonObject = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const container = (context: JsonObject = {}, more: JsonObject = {}): JsonObject => ({ name: 'a', image: 'x', securityContext: { ...SAFE, ...context }, ...more });
const pod = (spec: JsonObject = {}): JsonObject => ({ securityContext: POD, containers: [container()], ...spec });
const withContext = (context: JsonObject): JsonObject => pod({ securityContext: { ...POD, ...context } });
const volume = (source: JsonObject): JsonObject => pod({ volumes: [{ name: 'v', ...source }] });

/** The table of "Pod Security Standards": what each level says of a pod; nothing, where it is allowed. */
const TABLE: readonly (readonly [what: string, spec: JsonObject, baseline: string, restricted?: string])[] = [
  ['a pod that is careful', pod(), ''],
  ['host namespaces', pod({ hostNetwork: true, hostPID: true, hostIPC: true }), 'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)'],
  ['privileged', pod({ containers: [container({ privileged: true })] }), 'privileged (container "a" must not set securityContext.privileged=true)'],
  ['privileged, before the others', pod({ initContainers: [container({ privileged: true }, { name: 'i' })] }), 'privileged (container "i" must not set securityContext.privileged=true)'],
  ['privileged, to look around', pod({ ephemeralContainers: [container({ privileged: true }, { name: 'e' })] }), 'privileged (container "e" must not set securityContext.privileged=true)'],
  ['a harmless capability', pod({ containers: [container({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } })] }), '', 'unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)'],
  ['a port below 1024', pod({ containers: [container({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })] }), ''],
  ['a capability', pod({ containers: [container({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } })] }), 'non-default capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)', 'unrestricted capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)'],
  ['a directory of the host', volume({ hostPath: { path: '/' } }), 'hostPath volumes (volume "v")', 'restricted volume types (volume "v" uses restricted volume type "hostPath")'],
  ['a share', volume({ nfs: {} }), '', 'restricted volume types (volume "v" uses restricted volume type "nfs")'],
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'].map((kind) => [kind, volume({ [kind]: {} }), ''] as const),
  ['a port of the host', pod({ containers: [container({}, { ports: [{ containerPort: 1, hostPort: 80 }] })] }), 'hostPort (container "a" uses hostPort 80)'],
  ['a probe of another host', pod({ containers: [container({}, { livenessProbe: { httpGet: { host: '10.0.0.1', port: 1 } } })] }), 'probe or lifecycle host (container "a" uses probe or lifecycle host "10.0.0.1")'],
  ['all of /proc', pod({ containers: [container({ procMount: 'Unmasked' })] }), 'procMount (container "a" must not set securityContext.procMount to "Unmasked")'],
  ['all of /proc, as another user', pod({ hostUsers: false, containers: [container({ procMount: 'Unmasked' })] }), ''],
  ['a type of SELinux', withContext({ seLinuxOptions: { type: 'spc_t' } }), 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t")'],
  ['a user of SELinux', pod({ containers: [container({ seLinuxOptions: { user: 'u', type: 'container_t' } })] }), 'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: user may not be set)'],
  ['no seccomp', withContext({ seccompProfile: { type: 'Unconfined' } }), 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
  ['no AppArmor', pod({ containers: [container({ appArmorProfile: { type: 'Unconfined' } })] }), 'forbidden AppArmor profile (container "a" must not set AppArmor profile type to "Unconfined")'],
  ['a safe sysctl', withContext({ sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }), ''],
  ['a sysctl', withContext({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] }), 'forbidden sysctls (kernel.msgmax)'],
  ['a process of the host', withContext({ windowsOptions: { hostProcess: true } }), 'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)'],
  ['more rights on the way', pod({ containers: [container({ allowPrivilegeEscalation: true })] }), '', 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)'],
  ['capabilities kept', pod({ containers: [container({ capabilities: {} })] }), '', 'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])'],
  ['root, perhaps', withContext({ runAsNonRoot: null }), '', 'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)'],
  ['root, as it says', pod({ containers: [container({ runAsNonRoot: false })] }), '', 'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)'],
  ['root by its number', pod({ containers: [container({ runAsUser: 0 })] }), '', 'runAsUser=0 (container "a" must not set runAsUser=0)'],
  ['seccomp not said', withContext({ seccompProfile: null }), '', 'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'],
];

for (const [what, spec, baseline, restricted = baseline] of TABLE) {
  test(`S-913: a pod with ${what} is judged as upstream judges it`, () => {
    const judged = (level: Level): string => violationsText(violationsOf(level, { annotations: {}, spec }));
    assert.deepEqual([judged('privileged'), judged('baseline'), judged('restricted')], ['', baseline, restricted]);
  });
}

test('a pod of any shape is judged without a fault of our own', () => {
  const names = fc.constantFrom('containers', 'initContainers', 'volumes', 'securityContext', 'name', 'hostPath', 'capabilities', 'add', 'drop', 'seccompProfile', 'type', 'sysctls', 'ports', 'hostPort', 'seLinuxOptions', 'lifecycle', 'hostUsers');
  const { value } = fc.letrec((tie) => ({ value: fc.oneof({ maxDepth: 6 }, fc.constantFrom<Json>(null, true, 0, 'x'), fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: false })) }));
  fc.assert(fc.property(value, (spec) => {
    for (const level of ['baseline', 'restricted'] as const) violationsOf(level, { annotations: {}, spec: objectOf(spec as Json) });
  }));
});

const labelled = (labels: JsonObject): JsonObject => ({ metadata: { name: 'a', labels } });
const cluster = (): Simulation => new Simulation(({ view }) => ({ plugins: [podSecurity(view)], reads: ['namespaces', 'pods'] }));
const PODS = '/api/v1/namespaces/a/pods';

test('a namespace refuses pods, and warns of templates of such', async () => {
  const world = cluster();
  await world.ask('POST', '/api/v1/namespaces', labelled({ 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/enforce-version': 'v1.36', 'pod-security.kubernetes.io/warn': 'restricted' }));
  const bad = { spec: pod({ hostPID: true }) };
  const refused = await world.ask('POST', PODS, { metadata: { name: 'p' }, ...bad });
  assert.deepEqual([refused.code, refused.body['message']], [403, 'pods "p" is forbidden: violates PodSecurity "baseline:v1.36": host namespaces (hostPID=true)']);
  const made = await world.send('POST', '/apis/apps/v1/namespaces/a/deployments', { metadata: { name: 'd' }, spec: { template: bad } });
  assert.ok(made.kind === 'json');
  assert.deepEqual([made.code, made.warnings], [201, ['would violate PodSecurity "restricted:latest": host namespaces (hostPID=true)']]);
});

test('a pod that was there before may be marked, and the namespace says which would not be let in now', async () => {
  const world = cluster();
  await world.ask('POST', '/api/v1/namespaces', labelled({}));
  for (const name of ['one', 'two']) await world.ask('POST', PODS, { metadata: { name }, spec: pod({ hostPID: true }) });
  const stricter = await world.send('PATCH', '/api/v1/namespaces/a', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } }, { type: 'application/merge-patch+json' });
  assert.deepEqual(stricter.kind === 'json' && stricter.warnings, ['existing pods in namespace "a" violate the new PodSecurity enforce level "baseline:latest"', 'one (and 1 other pod): host namespaces']);
  const patch = (body: JsonObject): Promise<{ readonly code: number }> => world.ask('PATCH', `${PODS}/one`, body, { type: 'application/merge-patch+json' });
  assert.equal((await patch({ metadata: { labels: { a: 'b' } } })).code, 200);
  assert.equal((await patch({ spec: { ephemeralContainers: [container({ privileged: true })] } })).code, 403);
});

test('a level that is none is refused', async () => {
  const { code, body } = await cluster().ask('POST', '/api/v1/namespaces', labelled({ 'pod-security.kubernetes.io/enforce': 'strict' }));
  assert.deepEqual([code, body['message']], [422, 'Namespace "a" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted']);
});
