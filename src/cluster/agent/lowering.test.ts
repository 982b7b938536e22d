import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId, ImageId } from '#container/model/ids.ts';
import type { Image } from '#container/model/image.ts';
import { environmentOf, expand, type EnvSources } from './env.ts';
import { hostNameOf } from './host-name.ts';
import { lowerContainer, lowerSandbox, resourcesOf } from './lower.ts';
import type { ObservedContainer } from './observed.ts';
import { podStatus, qosOf } from './pod-status.ts';
import type { PodContainer } from './pod.ts';
import { dueProbes, freshProbes, withOutcome } from './probe-state.ts';
import { fixedVolumes, mountsOf, planVolumes } from './volumes.ts';

const pod = (spec: object, more: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop', uid: 'u', labels: { app: 'web' } }, spec, ...more }) as unknown as KubeObject;
const sources: EnvSources = { services: new Map(), podIp: '10.1.2.3', hostIp: '10.0.0.1', room: { cpuMilli: 3500, memoryBytes: 2 ** 30 }, configMap: (name) => name === 'cm' ? new Map([['a', '1'], ['b', '2']]) : undefined, secret: (name) => name === 's' ? new Map([['k', 'v']]) : undefined };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files = (_kind: string, name: string): ReadonlyMap<string, Uint8Array> | undefined => (name === 'cm' ? new Map([['a', bytes('1')], ['b', bytes('2')]]) : name === 's' ? new Map([['k', Uint8Array.of(0xff, 0x00)]]) : undefined);
const image = { id: 'sha256:x', configJson: JSON.stringify({ config: { Entrypoint: ['/e'], Cmd: ['c'], Env: ['PATH=/bin', 'A=image'], User: 'app', WorkingDir: '/w', StopSignal: 'SIGQUIT' } }) } as unknown as Image;
const container = (more: object = {}): PodContainer => ({ name: 'c', image: 'nginx', ...more });
const lowered = (more: object = {}, spec: object = {}, environment: readonly string[] = []): ReturnType<typeof lowerContainer> => lowerContainer(pod({ containers: [], ...spec }), container(more), 2, { sandbox: 'sb' as ContainerId, zone: 'cluster.local' }, { image, environment, mounts: [] });

const NAMES = { zone: 'cluster.local', server: '10.96.0.10' };

test('the environment comes from everywhere, and later variables see earlier ones', () => {
  assert.deepEqual(environmentOf(pod({ nodeName: 'n' }), container({
    envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }, { secretRef: { name: 'none', optional: true } }],
    env: [{ name: 'X', value: '$(P_a)/$(none)/$$(P_a)' }, { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }, { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, { name: 'L', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }, { name: 'M', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } }, { name: 'GONE', valueFrom: { configMapKeyRef: { name: 'cm', key: 'z', optional: true } } }],
    resources: { limits: { memory: '64Mi' } },
  }), sources), ['P_a=1', 'P_b=2', 'X=1/$(none)/$(P_a)', 'S=v', 'IP=10.1.2.3', 'L=web', 'M=64']);
});

test('a container without a bound may have what the node has, also an init container that another names', () => {
  const ref = (resource: string, more: object = {}): { name: string; valueFrom: object } => ({ name: resource, valueFrom: { resourceFieldRef: { resource, ...more } } });
  const asked = pod({ containers: [], initContainers: [{ name: 'first', image: 'x', resources: { limits: { cpu: '1' } } }] });
  assert.deepEqual(environmentOf(asked, container({ env: [ref('limits.cpu'), ref('limits.memory', { divisor: '1Mi' }), ref('requests.cpu')] }), sources), ['limits.cpu=4', 'limits.memory=1024', 'requests.cpu=0']);
  assert.deepEqual(environmentOf(asked, container({ env: [ref('limits.cpu', { containerName: 'first', divisor: '1m' })] }), sources), ['limits.cpu=1000']);
});

test('what the environment needs and is not there is named', () => {
  assert.throws(() => environmentOf(pod({}), container({ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 's', key: 'z' } } }] }), sources), /couldn't find key z in Secret s/);
  assert.throws(() => environmentOf(pod({}), container({ envFrom: [{ configMapRef: { name: 'no' } }] }), sources), /configmap "no" not found/);
});

test('a reference to a variable is expanded once', () => assert.equal(expand('$(A)', new Map([['A', '$(B)'], ['B', 'x']])), '$(B)'));

test('command and args take the place of what the image says', () => {
  const argsOf = (more: object): readonly string[] => lowered(more, {}, ['N=5']).process.args;
  assert.deepEqual([argsOf({}), argsOf({ args: ['x'] }), argsOf({ command: ['/y'] }), argsOf({ command: ['/y'], args: ['$(N)'] })], [['/e', 'c'], ['/e', 'x'], ['/y'], ['/y', '5']]);
});

test('a container is in the namespaces of its sandbox, and has the labels that tools know', () => {
  const { sandbox, labels, owner, process, stop, name } = lowered({}, {}, ['A=own']);
  assert.deepEqual([sandbox.network, sandbox.ipc, sandbox.pid], [{ kind: 'container', id: 'sb' }, { kind: 'container', id: 'sb' }, { kind: 'private' }]);
  assert.deepEqual(labels, { 'io.kubernetes.pod.name': 'web-1', 'io.kubernetes.pod.namespace': 'shop', 'io.kubernetes.pod.uid': 'u', 'io.kubernetes.container.name': 'c', 'io.kubernetes.container.restartCount': '2', 'io.kubernetes.docker.type': 'container' });
  assert.deepEqual([owner, process.env, process.user, process.cwd, stop.signal, name], [{ front: 'cluster', name: 'u' }, ['PATH=/bin', 'A=own'], 'app', '/w', 'SIGQUIT', 'k8s_c_web-1_shop_u_2']);
});

test('a container that is added sees the processes of its target, and the signal to stop is its own before that of the image', () => {
  const added = lowerContainer(pod({ containers: [] }), container({ lifecycle: { stopSignal: 'SIGUSR1' } }), 0, { sandbox: 'sb' as ContainerId, target: 't' as ContainerId, zone: 'cluster.local' }, { image, environment: [], mounts: [] });
  assert.deepEqual([added.sandbox.pid, added.sandbox.network, added.stop.signal], [{ kind: 'container', id: 't' }, { kind: 'container', id: 'sb' }, 'SIGUSR1']);
});

test('the security context decides on user, capabilities and new privileges', () => {
  const { process, security, readonlyRootfs } = lowered({ securityContext: { runAsUser: 5, runAsGroup: 6, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }, { securityContext: { fsGroup: 7, runAsUser: 1 } });
  const merges = (supplementalGroupsPolicy?: string): unknown => lowered({}, { securityContext: { supplementalGroupsPolicy } }).process.imageGroups;
  assert.deepEqual([merges(), merges('Merge'), merges('Strict')], [true, true, false]);
  assert.deepEqual([process.user, process.groups, security.noNewPrivileges, security.capabilitiesDrop, readonlyRootfs], ['5:6', ['7'], true, ['ALL'], true]);
});

test('a container that may not be root is not, and is refused where nobody can tell', () => {
  const user = (context: object, imageUser: string): string => lowerContainer(pod({ containers: [] }), container({ securityContext: { runAsNonRoot: true, ...context } }), 0, { sandbox: 'sb' as ContainerId, zone: 'cluster.local' }, { image: { ...image, configJson: JSON.stringify({ config: { User: imageUser } }) }, environment: [], mounts: [] }).process.user;
  assert.equal(user({ runAsUser: 5 }, ''), '5');
  assert.equal(user({}, '7:8'), '7:8');
  for (const root of ['', '0', '0:5', 'root']) assert.throws(() => user({}, root), /runAsNonRoot and image will run as root/, root);
  assert.throws(() => user({ runAsUser: 0 }, '7'), /will run as root/);
  assert.throws(() => user({}, 'app'), /non-numeric user \(app\)/);
});

test('a seccomp profile is the default one unless there is to be none, or one of the node', () => {
  const seccomp = (type: string): unknown => lowered({ securityContext: { seccompProfile: { type, localhostProfile: '../x' } } }).security.seccomp;
  assert.deepEqual([seccomp('RuntimeDefault'), seccomp('Unconfined')], [{ kind: 'default' }, { kind: 'unconfined' }]);
  const named = (context: object): unknown => lowerContainer(pod({ containers: [] }), container({ securityContext: context }), 0, { sandbox: 'sb' as ContainerId, zone: 'cluster.local' }, { image, environment: [], mounts: [], seccompProfile: '{}' }).security.seccomp;
  assert.deepEqual([named({ seccompProfile: { type: 'Localhost' } }), named({ privileged: true })], [{ kind: 'profile', json: '{}' }, { kind: 'unconfined' }]);
});

test('requests are shares, limits are bounds', () => {
  assert.deepEqual(resourcesOf(container({ resources: { requests: { cpu: '250m' }, limits: { cpu: '1.5', memory: '1Gi' } } })), { cpuShares: 256, nanoCpus: 1_500_000_000, memoryBytes: 2 ** 30, memorySwapBytes: 2 ** 30 });
  assert.deepEqual(['1m', '10m', '11m', '0'].map((cpu) => resourcesOf(container({ resources: { limits: { cpu } } })).nanoCpus), [10_000_000, 10_000_000, 11_000_000, 0]);
  assert.deepEqual(resourcesOf(container()), { cpuShares: 2 });
});

test('the sandbox has the network, the host ports and the name of the pod', () => {
  const { sandbox } = lowerSandbox(pod({ containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 53, protocol: 'UDP', hostPort: 53, hostIP: '127.0.0.1' }, { containerPort: 9 }] }] }), 0, { network: 'bridge', names: NAMES });
  assert.deepEqual([sandbox.hostname, sandbox.network, sandbox.dns.served], ['web-1', { kind: 'network', name: 'bridge' }, true]);
  assert.deepEqual(sandbox.ports, [{ protocol: 'tcp', containerPort: 80, hostPort: 8080, hostAddress: '' }, { protocol: 'udp', containerPort: 53, hostPort: 53, hostAddress: '127.0.0.1' }]);
  assert.deepEqual(lowerSandbox(pod({ containers: [], hostNetwork: true }), 0, { network: 'bridge', names: NAMES }).sandbox.network, { kind: 'host' });
});

test('volumes become directories, files and paths of the host', () => {
  const volumes = planVolumes(pod({ containers: [], volumes: [{ name: 'e', emptyDir: {} }, { name: 'h', hostPath: { path: '/x' } }, { name: 'c', configMap: { name: 'cm', items: [{ key: 'a', path: 'd/f', mode: 0o400 }] } }, { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } }] } }] }), { ...sources, files, claim: () => undefined, rootCa: '', tokens: new Map([['3600 ', 'T']]) });
  assert.deepEqual(volumes.slice(0, 2), [{ kind: 'empty', name: 'e', memory: false }, { kind: 'host', name: 'h', path: '/x', create: false }]);
  const text = (at: number): string[] => { const plan = volumes[at]; return plan?.kind === 'files' ? [...plan.files].map(([path, { bytes, mode }]) => `${path} ${new TextDecoder().decode(bytes)} ${mode.toString(8)}`) : []; };
  assert.deepEqual([text(2), text(3)], [['d/f 1 400'], ['token T 644', 'n web-1 644']]);
});

test('a directory in memory is as large as it may be, and as the containers may', () => {
  const planned = (emptyDir: object, ...limits: readonly (string | undefined)[]): unknown => planVolumes(pod({ containers: limits.map((memory, index) => ({ name: `c${index}`, ...(memory === undefined ? {} : { resources: { limits: { memory } } }) })), volumes: [{ name: 'e', emptyDir }] }), { ...sources, files, claim: () => undefined, rootCa: '', tokens: new Map() })[0];
  const memory = { kind: 'empty', name: 'e', memory: true };
  assert.deepEqual(planned({ medium: 'Memory' }, undefined), memory);
  assert.deepEqual(planned({ medium: 'Memory', sizeLimit: '1Mi' }, undefined, '1Gi'), { ...memory, sizeBytes: 2 ** 20 });
  assert.deepEqual(planned({ medium: 'Memory', sizeLimit: '1Gi' }, '1Mi', '2Mi'), { ...memory, sizeBytes: 3 * 2 ** 20 });
  assert.deepEqual(planned({ sizeLimit: '1Gi' }, '1Mi'), { ...memory, memory: false }, 'one on the disk is not bounded by the file system');
});

test('volumes are of the group that the pod names, but for those of the host and of images', () => {
  const volumes = planVolumes(pod({ containers: [], securityContext: { fsGroup: 7, fsGroupChangePolicy: 'OnRootMismatch' }, volumes: [{ name: 'e', emptyDir: {} }, { name: 'h', hostPath: { path: '/x' } }, { name: 'c', configMap: { name: 'cm', defaultMode: 0o400 } }, { name: 'i', image: { reference: 'r', pullPolicy: 'Never' } }] }), { ...sources, files, claim: () => undefined, rootCa: '', tokens: new Map() });
  const group = { gid: 7, onlyWhereRootDiffers: true };
  assert.deepEqual(volumes.map((volume) => 'group' in volume ? volume.group : undefined), [group, undefined, group, undefined]);
  const shown = volumes[2];
  assert.deepEqual(shown?.kind === 'files' && [...shown.files.values()].map(({ mode }) => mode.toString(8)), ['440', '440']);
  assert.deepEqual(volumes[3], { kind: 'image', name: 'i', reference: 'r', pullPolicy: 'Never' });
});

test('the files of an image are mounted to read only', () => {
  const [mount] = mountsOf(container({ volumeMounts: [{ name: 'i', mountPath: '/m', subPath: 'etc' }] }), () => ({ image: 'sha256:y' as ImageId, reference: 'r' }));
  assert.deepEqual(mount, { kind: 'image', image: 'sha256:y', reference: 'r', target: '/m', readonly: true, subpath: 'etc' });
});

test('a pod is called by its name, by the one that it asks for, or by its full one', () => {
  const name = (spec: object): unknown => hostNameOf(pod({ containers: [], ...spec }), 'cluster.local');
  assert.deepEqual(name({}), { hostname: 'web-1', domainname: '' });
  assert.deepEqual(name({ hostname: 'h', subdomain: 's' }), { hostname: 'h', domainname: 's.shop.svc.cluster.local' });
  assert.deepEqual(name({ subdomain: 's', setHostnameAsFQDN: true }), { hostname: 'web-1.s.shop.svc.cluster.local', domainname: '' });
  assert.deepEqual(name({ hostname: `${'a'.repeat(62)}-bc` }), { hostname: 'a'.repeat(62), domainname: '' });
  assert.deepEqual(name({ hostnameOverride: 'own.example', subdomain: 's' }), { hostname: 'own.example', domainname: '' });
  assert.throws(() => name({ hostname: 'a'.repeat(40), subdomain: 's', setHostnameAsFQDN: true }), /FQDN a+\.s\.shop\.svc\.cluster\.local is too long/);
});

test('a claim is the path of its volume, and nothing while it has none', () => {
  const claimed = (volume: KubeObject | undefined): unknown => planVolumes(pod({ containers: [], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data', readOnly: true } }] }), { ...sources, files, claim: ({ name }) => name === 'data' ? volume : undefined, rootCa: '', tokens: new Map() });
  const volume = (spec: object, annotations = {}): KubeObject => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v', annotations } as unknown as KubeObject['metadata'], spec });
  assert.deepEqual(claimed(volume({ local: { path: '/v/x' } }, { 'pv.kubernetes.io/provisioned-by': 'gantry.dev/local' })), [{ kind: 'host', name: 'd', path: '/v/x', create: true, mode: 0o777 }]);
  assert.deepEqual(claimed(volume({ local: { path: '/disk' } })), [{ kind: 'host', name: 'd', path: '/disk', create: false, mode: 0o777 }]);
  assert.throws(() => claimed(volume({ nfs: {} })), /of a kind that this node does not mount/);
  assert.throws(() => claimed(undefined), /persistentvolumeclaim "data" is not bound/);
  const own = planVolumes(pod({ containers: [], securityContext: { fsGroup: 7 }, volumes: [{ name: 'd', ephemeral: { volumeClaimTemplate: { spec: {} } } }] }), { ...sources, files, claim: ({ name, isOwn }) => name === 'web-1-d' && isOwn ? volume({ local: { path: '/v/own' } }) : undefined, rootCa: '', tokens: new Map() });
  assert.deepEqual(own, [{ kind: 'host', name: 'd', path: '/v/own', create: false, mode: 0o777, group: { gid: 7, onlyWhereRootDiffers: false } }]);
  const mounts = mountsOf(container({ volumeMounts: [{ name: 'd', mountPath: '/m' }] }), () => '/v', fixedVolumes(pod({ containers: [], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data', readOnly: true } }] })));
  assert.equal((mounts[0] as { readonly: boolean }).readonly, true);
});

test('a path in a volume may have variables of the environment, all of them known', () => {
  const source = (subPathExpr: string): unknown => (mountsOf(container({ volumeMounts: [{ name: 'v', mountPath: '/m', subPathExpr }] }), () => '/v', new Set(), ['POD=web-1', 'UP=../..', 'ROOT=/etc'])[0] as { readonly source: string }).source;
  assert.equal(source('logs/$(POD)'), '/v/logs/web-1');
  assert.throws(() => source('$(NONE)'), /names NONE, which its environment does not have/);
  for (const path of ['$(UP)', '$(ROOT)']) assert.throws(() => source(path), /leaves the volume/, path);
});

test('files of a volume may show what a container asks for', () => {
  const [plan] = planVolumes(pod({ containers: [container({ resources: { limits: { memory: '64Mi' } } })], volumes: [{ name: 'd', downwardAPI: { defaultMode: 0o400, items: [{ path: 'own', mode: 0o600, fieldRef: { fieldPath: 'metadata.name' } }, { path: 'm', resourceFieldRef: { containerName: 'c', resource: 'limits.memory', divisor: '1Mi' } }] } }] }), { ...sources, files, claim: () => undefined, rootCa: '', tokens: new Map() });
  assert.equal(plan?.kind === 'files' ? new TextDecoder().decode(plan.files.get('m')?.bytes) : '', '64');
  assert.deepEqual(plan?.kind === 'files' ? [plan.files.get('m')?.mode, plan.files.get('own')?.mode] : [], [0o400, 0o600]);
});

test('a pod that had its time has failed, and one whose gates are closed is not ready', () => {
  const running = { id: 'c-0', name: 'c', attempt: 0, state: 'running', exitCode: 0, startedMs: 0, finishedMs: undefined, oomKilled: false, error: '', imageId: 'i', resources: { cpuShares: 2 }, address: undefined } as unknown as ObservedContainer;
  const status = (spec: object, before: object, nowMs: number): Record<string, unknown> => podStatus({ pod: pod({ containers: [container()], ...spec }, { status: before }), containers: [running], probes: new Map(), troubles: new Map(), messages: new Map(), resize: { kind: 'fits' as const }, hostIp: '', nowMs });
  const started = { startTime: '1970-01-01T00:00:10Z', phase: 'Running' };
  assert.equal(status({ activeDeadlineSeconds: 5 }, started, 14_999)['phase'], 'Running');
  const late = status({ activeDeadlineSeconds: 5 }, started, 15_000);
  assert.deepEqual([late['phase'], late['reason']], ['Failed', 'DeadlineExceeded']);
  assert.equal(status({ activeDeadlineSeconds: 5 }, { ...started, phase: 'Failed', reason: 'DeadlineExceeded' }, 99_000)['reason'], 'DeadlineExceeded', 'and it stays so');
  const ready = (conditions: readonly object[]): unknown => (status({ readinessGates: [{ conditionType: 'a/b' }] }, { conditions }, 0)['conditions'] as readonly { readonly type: string; readonly status: string }[]).filter(({ type }) => type.endsWith('Ready')).map(({ type, status: value }) => `${type}=${value}`);
  assert.deepEqual(ready([]), ['Ready=False', 'ContainersReady=True']);
  assert.deepEqual(ready([{ type: 'a/b', status: 'True' }]), ['Ready=True', 'ContainersReady=True']);
});

test('paths that leave a volume are refused', () => {
  const plan = (path: string): unknown => planVolumes(pod({ containers: [], volumes: [{ name: 'c', configMap: { name: 'cm', items: [{ key: 'a', path }] } }] }), { ...sources, files, claim: () => undefined, rootCa: '', tokens: new Map() });
  for (const path of ['../x', '/x', 'a//b', 'a/../../b']) assert.throws(() => plan(path), /is no path below it/, path);
  assert.throws(() => mountsOf(container({ volumeMounts: [{ name: 'v', mountPath: '/m', subPath: '../../etc' }] }), () => '/v'), /leaves the volume/);
  assert.throws(() => mountsOf(container({ volumeMounts: [{ name: 'v', mountPath: '/m' }] }), () => undefined), /the pod has no such volume/);
});

test('mounts of the host come later where that is asked for, and what is read only may be so below, too', () => {
  const mount = (more: object): object => {
    const { propagation, readonly: only, readonlyBelow } = mountsOf(container({ volumeMounts: [{ name: 'v', mountPath: '/m', ...more }] }), () => '/v')[0] as { readonly propagation: string; readonly readonly: boolean; readonly readonlyBelow?: boolean };
    return [propagation, only, readonlyBelow];
  };
  assert.deepEqual(mount({}), ['rprivate', false, undefined]);
  assert.deepEqual([mount({ mountPropagation: 'None' }), mount({ mountPropagation: 'HostToContainer' }), mount({ mountPropagation: 'Bidirectional' })], [['rprivate', false, undefined], ['rslave', false, undefined], ['rshared', false, undefined]]);
  assert.deepEqual(mount({ readOnly: true, recursiveReadOnly: 'Enabled' }), ['rprivate', true, true]);
});

test('a volume that nobody here mounts says by whom it would be, and what a projection lacks is not passed over', () => {
  const plan = (volume: object, claim?: object): unknown => planVolumes(pod({ containers: [], volumes: [{ name: 'v', ...volume }] }), { ...sources, files, claim: () => claim as KubeObject | undefined, rootCa: '', tokens: new Map() });
  assert.throws(() => plan({ csi: { driver: 'disk.example.com' } }), /volume "v" is mounted by the CSI driver disk\.example\.com, and no drivers run on this node/);
  assert.throws(() => plan({ persistentVolumeClaim: { claimName: 'c' } }, { metadata: { name: 'pv' }, spec: { csi: { driver: 'disk.example.com' } } }), /volume pv of claim "c" is mounted by the CSI driver disk\.example\.com/);
  assert.throws(() => plan({ projected: { sources: [{ clusterTrustBundle: { path: 'x' } }] } }), /a source that this node does not know: clusterTrustBundle/);
});

test('a pod that wants user ids of its own does not run with those of the host', () => {
  assert.throws(() => lowerSandbox(pod({ containers: [], hostUsers: false }), 0, { network: 'bridge', names: NAMES }), /hostUsers: false/);
});

test('a startup probe comes first, then the others; thresholds are in a row', () => {
  const probed = container({ startupProbe: { periodSeconds: 1, failureThreshold: 3 }, livenessProbe: { periodSeconds: 5, failureThreshold: 2 }, readinessProbe: { initialDelaySeconds: 2, successThreshold: 2 } });
  let probes = freshProbes(probed);
  assert.deepEqual([probes.state, dueProbes(probed, probes, 0, 0).due], [{ started: false, ready: false, alive: true }, ['startup']]);
  probes = withOutcome(probed, probes, 'startup', false, 0);
  assert.deepEqual(dueProbes(probed, probes, 0, 500), { due: [], nextMs: 1000 });
  probes = withOutcome(probed, probes, 'startup', true, 1000);
  assert.deepEqual(dueProbes(probed, probes, 0, 1000), { due: ['liveness'], nextMs: 2000 });
  probes = withOutcome(probed, probes, 'readiness', true, 2000);
  assert.equal(probes.state.ready, false);
  probes = withOutcome(probed, probes, 'readiness', true, 3000);
  assert.equal(probes.state.ready, true);
  probes = withOutcome(probed, withOutcome(probed, withOutcome(probed, probes, 'liveness', false, 1), 'liveness', true, 2), 'liveness', false, 3);
  assert.equal(probes.state.alive, true);
  assert.equal(withOutcome(probed, probes, 'liveness', false, 4).state.alive, false);
});

const seen = (name: string, state: ObservedContainer['state'], more: Partial<ObservedContainer> = {}): ObservedContainer => ({ id: `${name}${more.attempt ?? 0}` as ContainerId, name, attempt: 0, state, exitCode: 0, startedMs: 1000, finishedMs: state === 'exited' ? 2000 : undefined, oomKilled: false, error: '', imageId: 'i', resources: { cpuShares: 2 }, address: name === 'POD' ? '10.1.2.3' : undefined, ...more });
const status = (spec: object, containers: readonly ObservedContainer[], more: object = {}): Record<string, never> => podStatus({ pod: pod({ containers: [{ name: 'c' }], ...spec }), containers, probes: new Map(), troubles: new Map(), messages: new Map(), resize: { kind: 'fits' as const }, hostIp: '10.0.0.1', nowMs: 5000, ...more }) as never;
const ready = (of: Record<string, never>): string => (of['conditions'] as unknown as { type: string; status: string }[]).find(({ type }) => type === 'Ready')?.status ?? '';

for (const [what, spec, containers, phase, isReady] of [
  ['nothing yet', {}, [], 'Pending', 'False'], ['it runs', {}, [seen('POD', 'running'), seen('c', 'running')], 'Running', 'True'], ['it ended and comes back', {}, [seen('POD', 'running'), seen('c', 'exited')], 'Running', 'False'],
  ['one comes back by its rules', { restartPolicy: 'Never', containers: [{ name: 'c', restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'NotIn', values: [1] } }] }] }, [seen('POD', 'running'), seen('c', 'exited', { exitCode: 42 })], 'Running', 'False'],
  ['and ends where they are silent', { restartPolicy: 'Always', containers: [{ name: 'c', restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'NotIn', values: [1] } }] }] }, [seen('c', 'exited', { exitCode: 1 })], 'Failed', 'False'],
  ['it ended well', { restartPolicy: 'Never' }, [seen('c', 'exited')], 'Succeeded', 'False'], ['it ended badly', { restartPolicy: 'Never' }, [seen('c', 'exited', { exitCode: 1 })], 'Failed', 'False'], ['its init failed', { restartPolicy: 'Never', initContainers: [{ name: 'i' }] }, [seen('i', 'exited', { exitCode: 1 })], 'Failed', 'False'],
] as readonly (readonly [string, object, readonly ObservedContainer[], string, string])[]) {
  test(`the status of a pod: ${what}`, () => {
    const of = status(spec, containers);
    assert.deepEqual([of['phase'], ready(of)], [phase, isReady]);
  });
}

test('a container that crashes again says so, with how it ended last', () => {
  const of = status({}, [seen('POD', 'running'), seen('c', 'exited', { attempt: 0, exitCode: 1 }), seen('c', 'exited', { attempt: 1, exitCode: 137, oomKilled: true })]);
  const [only] = of['containerStatuses'] as unknown as { restartCount: number; state: { waiting: { reason: string } }; lastState: { terminated: { exitCode: number } } }[];
  assert.deepEqual([only?.restartCount, only?.state.waiting.reason, only?.lastState.terminated.exitCode], [1, 'CrashLoopBackOff', 1]);
});

test('an init container that came to its end at last does not come back, and a sidecar does', () => {
  const of = status({ initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }], restartPolicy: 'Never' }, [seen('i', 'exited', { attempt: 2 }), seen('s', 'exited', { attempt: 1 })]);
  assert.deepEqual((of['initContainerStatuses'] as unknown as { state: object }[]).map(({ state }) => Object.keys(state)[0]), ['terminated', 'waiting']);
});

test('an ephemeral container has a status of its own, and counts neither for readiness nor for the phase', () => {
  const spec = { ephemeralContainers: [{ name: 'd' }, { name: 'e' }], restartPolicy: 'Never' };
  const of = status(spec, [seen('POD', 'running'), seen('c', 'running'), seen('d', 'exited', { exitCode: 1 })]);
  assert.deepEqual([of['phase'], ready(of)], ['Running', 'True']);
  assert.deepEqual((of['ephemeralContainerStatuses'] as unknown as { name: string; ready: boolean; state: object }[]).map(({ name, ready: is, state }) => [name, is, Object.keys(state)[0]]), [['d', false, 'terminated'], ['e', false, 'waiting']]);
  assert.equal(status(spec, [seen('POD', 'running'), seen('c', 'exited'), seen('d', 'running')])['phase'], 'Succeeded');
});

test('a pod that its node lets go has failed, and says why from then on', () => {
  const running = [seen('POD', 'running'), seen('c', 'running')];
  const first = status({}, running, { eviction: 'low on memory' });
  assert.deepEqual([first['phase'], first['reason'], first['message'], ready(first)], ['Failed', 'Evicted', 'low on memory', 'False']);
  const target = (of: Record<string, never>): unknown => (of['conditions'] as unknown as { type: string; reason?: string }[]).filter(({ type }) => type === 'DisruptionTarget').map(({ reason }) => reason);
  assert.deepEqual(target(first), ['TerminationByKubelet']);
  const later = status({}, [seen('c', 'exited')], { pod: pod({ containers: [{ name: 'c' }] }, { status: first }) });
  assert.deepEqual([later['phase'], later['reason'], later['message'], target(later)], ['Failed', 'Evicted', 'low on memory', ['TerminationByKubelet']]);
  const over = status({}, [seen('c', 'exited')], { pod: pod({ containers: [{ name: 'c' }] }, { status: { phase: 'Succeeded' } }), eviction: 'too late' });
  assert.deepEqual([over['phase'], over['reason']], ['Succeeded', undefined]);
});

test('a pod that is over stays as it ended, also when its containers are gone', () => {
  const spec = { restartPolicy: 'Never' };
  const first = status(spec, [seen('c', 'exited', { exitCode: 3 })], { messages: new Map([['c0', 'gave up']]) });
  const later = status(spec, [], { pod: pod({ containers: [{ name: 'c' }], ...spec }, { status: first }) });
  assert.deepEqual([later['phase'], later['containerStatuses']], ['Failed', first['containerStatuses']]);
});

test('what a container said of its end is in its status, and all of a pod have twelve kibibytes for it', () => {
  const messages = (length: number): object => ({ messages: new Map([['c0', 'é'.repeat(length / 2)], ['d0', 'x'.repeat(length)]]) });
  const texts = (of: Record<string, never>): readonly string[] => (of['containerStatuses'] as unknown as { state: { terminated: { message: string } } }[]).map(({ state }) => state.terminated.message);
  const two = { containers: [{ name: 'c' }, { name: 'd' }], restartPolicy: 'Never' };
  const ended = [seen('c', 'exited', { exitCode: 1 }), seen('d', 'exited', { error: 'no such program' })];
  assert.deepEqual(texts(status(two, ended, { messages: new Map([['c0', 'gave up']]) })), ['gave up', 'no such program']);
  assert.deepEqual(texts(status({ ...two, initContainers: [{ name: 'i' }] }, ended, messages(4096))).map((text) => new TextEncoder().encode(text).length), [4096, 4096]);
  const many = { ...two, initContainers: ['i', 'j', 'k'].map((name) => ({ name })) };
  assert.deepEqual(texts(status(many, ended, messages(4096))).map((text) => new TextEncoder().encode(text).length), [2456, 2457]);
});

test('trouble with an image is the reason to wait', () => {
  const of = status({}, [seen('POD', 'running')], { troubles: new Map([['c', { reason: 'ErrImagePull', message: 'no' }]]) });
  assert.deepEqual((of['containerStatuses'] as unknown as { state: object }[])[0]?.state, { waiting: { reason: 'ErrImagePull', message: 'no' } });
});

test('classes of service follow requests and limits', () => {
  const of = (resources: object | undefined): string => qosOf({ containers: [container(resources === undefined ? {} : { resources })] });
  const full = { cpu: '1', memory: '1Gi' };
  assert.deepEqual([of(undefined), of({ requests: { cpu: '1' } }), of({ limits: full }), of({ limits: full, requests: { cpu: '500m', memory: '1Gi' } })], ['BestEffort', 'Burstable', 'Guaranteed', 'Burstable']);
});
