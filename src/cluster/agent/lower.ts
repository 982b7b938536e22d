import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { milliValue, parseQuantity, wholeValue } from '#cluster/kinds/quantity.ts';
import type { CreateRequest } from '#container/engine/port.ts';
import type { ContainerId, ImageId } from '#container/model/ids.ts';
import type { Image } from '#container/model/image.ts';
import type { Mount } from '#container/model/mount.ts';
import type { PortBinding, Protocol } from '#container/model/port-binding.ts';
import type { Resources } from '#container/model/resources.ts';
import type { DnsConfig, NamespaceMode, SandboxSpec } from '#container/model/sandbox.ts';
import { expand } from './env.ts';
import { LABEL, SANDBOX_NAME } from './observed.ts';
import { hostNameOf } from './host-name.ts';
import { dnsOf, type ClusterZone } from './pod-dns.ts';
import { specOf, type AgentPodSpec, type PodContainer, type SecurityContext } from './pod.ts';

/** Statically linked, with a mode in which it only waits and reaps: the first process of every pod. */
export const PAUSE_PROGRAM = '/usr/bin/catatonit';
const PAUSE_TARGET = '/pause';
const SHM_BYTES = 64 * 1024 * 1024;
const STOP_SECONDS = 30;
/** As the kubelet writes it: programs look for it to see whether the file is theirs to change. */
const HOSTS_TITLE = '# Kubernetes-managed hosts file.';
/** Kept of each container's log: the kubelet's own defaults. */
const LOG = { driver: 'json-file', options: {}, keep: { bytes: 10 * 1024 * 1024, files: 5, compress: true } } as const;

const PRIVATE: NamespaceMode = { kind: 'private' };
const HOST: NamespaceMode = { kind: 'host' };

export interface PodPlace {
  /** The network that pods stand in. */
  readonly network: string;
  readonly names: ClusterZone;
}

/** `k8s_web_web-1_default_UID_0`: what people look for in `docker ps`. */
function nameOf(pod: KubeObject, container: string, attempt: number): string {
  return `k8s_${container}_${pod.metadata.name}_${pod.metadata.namespace ?? ''}_${pod.metadata.uid}_${attempt}`;
}

function labelsOf(pod: KubeObject, container: string, attempt: number): Record<string, string> {
  const { metadata } = pod;
  return {
    [LABEL.podName]: metadata.name, [LABEL.namespace]: metadata.namespace ?? '', [LABEL.podUid]: metadata.uid, [LABEL.container]: container, [LABEL.attempt]: String(attempt),
    [LABEL.type]: container === SANDBOX_NAME ? 'podsandbox' : 'container',
  };
}

/** @throws GantryError unimplemented for a pod that asks for what this node can't give: without it, it would be less apart than it thinks */
function checkNamespaces({ hostUsers }: AgentPodSpec): void {
  if (hostUsers === false) throw new GantryError('unimplemented', 'the pod wants user ids of its own (hostUsers: false), and this node has no user namespaces for pods', { hint: 'leave hostUsers out; runAsNonRoot and a seccomp profile keep its programs from the host, too' });
}

/** The sandbox of a pod: a container of one waiting program that has the namespaces which the others join. */
export function lowerSandbox(pod: KubeObject, attempt: number, place: PodPlace): CreateRequest {
  const spec = specOf(pod);
  const onHost = spec.hostNetwork === true;
  checkNamespaces(spec);
  return {
    ...shared(pod, SANDBOX_NAME, attempt), image: { reference: 'pause', id: '' as ImageId }, layers: [], readonlyRootfs: true,
    process: { args: [PAUSE_TARGET, '-P'], env: [], cwd: '/', user: '', groups: [], terminal: false, stdin: { open: false, once: false }, init: false },
    security: securityOf({}), resources: {}, oomScoreAdjust: 0,
    mounts: [{ kind: 'bind', source: PAUSE_PROGRAM, target: PAUSE_TARGET, readonly: true, propagation: 'rprivate', recursive: false, createSource: false }],
    sandbox: {
      ...sandboxOf(dnsOf(pod, place.names)), ...hostNameOf(pod, place.names.zone), network: onHost ? { kind: 'host' } : { kind: 'network', name: place.network },
      pid: spec.hostPID === true ? HOST : PRIVATE, ipc: spec.hostIPC === true ? HOST : { kind: 'shareable' }, uts: onHost ? HOST : PRIVATE,
      ...(onHost ? {} : { hostsTitle: HOSTS_TITLE }), extraHosts: (spec.hostAliases ?? []).flatMap(({ ip, hostnames = [] }) => (hostnames.length === 0 ? [] : [`${hostnames.join('\t')}:${ip}`])),
      sysctls: Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value])), ports: onHost ? [] : hostPorts(spec.containers),
      endpoints: onHost ? [] : [{ network: place.network, aliases: [], links: [], linkLocal: [], gatewayPriority: 0, sysctls: [] }],
    },
    stop: { signal: 'SIGTERM', timeoutSeconds: 1 },
  };
}

export interface ContainerSources {
  readonly image: Image;
  readonly environment: readonly string[];
  readonly mounts: readonly Mount[];
  /** The seccomp profile of the node that the container asks for, as JSON. */
  readonly seccompProfile?: string | undefined;
}

interface ImageDefaults {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Env?: readonly string[] | null;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
}

/** Whose namespaces a container joins. */
export interface JoinedNamespaces {
  /** `cluster.local` */
  readonly zone: string;
  readonly sandbox: ContainerId;
  /** One whose processes it sees as its own. */
  readonly target?: ContainerId | undefined;
}

/** A container of a pod, in the sandbox that is there. */
export function lowerContainer(pod: KubeObject, container: PodContainer, attempt: number, { sandbox, target, zone }: JoinedNamespaces, sources: ContainerSources): CreateRequest {
  const spec = specOf(pod);
  const defaults = ((JSON.parse(sources.image.configJson) as { readonly config?: ImageDefaults | null }).config ?? {}) as ImageDefaults;
  const context = contextOf(pod, container);
  const joined: NamespaceMode = { kind: 'container', id: sandbox };
  return {
    ...shared(pod, container.name, attempt), image: { reference: container.image ?? '', id: sources.image.id }, readonlyRootfs: context.readOnlyRootFilesystem === true,
    process: {
      args: argumentsOf(container, defaults, sources.environment), env: merged(defaults.Env ?? [], sources.environment), cwd: container.workingDir ?? (defaults.WorkingDir === undefined || defaults.WorkingDir === '' ? '/' : defaults.WorkingDir),
      user: checkedUser(container, context, userOf(context, defaults.User ?? '')), groups: [...spec.securityContext?.supplementalGroups ?? [], ...(spec.securityContext?.fsGroup === undefined ? [] : [spec.securityContext.fsGroup])].map(String),
      imageGroups: spec.securityContext?.supplementalGroupsPolicy !== 'Strict', terminal: container.tty === true, stdin: { open: container.stdin === true, once: container.stdinOnce === true }, init: false,
    },
    security: securityOf(context, sources.seccompProfile), resources: resourcesOf(container), oomScoreAdjust: 0, mounts: sources.mounts,
    sandbox: {
      ...sandboxOf({ servers: [], search: [], options: [] }), hostname: hostNameOf(pod, zone).hostname, network: { kind: 'container', id: sandbox }, ipc: spec.hostIPC === true ? HOST : joined, uts: spec.hostNetwork === true ? HOST : joined,
      pid: spec.hostPID === true ? HOST : spec.shareProcessNamespace === true ? joined : target === undefined ? PRIVATE : { kind: 'container', id: target },
    },
    stop: { signal: container.lifecycle?.stopSignal ?? defaults.StopSignal ?? 'SIGTERM', timeoutSeconds: spec.terminationGracePeriodSeconds ?? STOP_SECONDS },
  };
}

function shared(pod: KubeObject, name: string, attempt: number): Pick<CreateRequest, 'name' | 'owner' | 'ulimits' | 'restart' | 'autoRemove' | 'logging' | 'labels' | 'front'> {
  return {
    name: nameOf(pod, name, attempt), owner: { front: 'cluster', name: pod.metadata.uid }, ulimits: [], restart: { kind: 'no' }, autoRemove: false, logging: LOG, labels: labelsOf(pod, name, attempt),
    front: { pod: pod.metadata.name } satisfies JsonObject,
  };
}

function sandboxOf(dns: DnsConfig): SandboxSpec {
  return {
    hostname: '', domainname: '', network: { kind: 'none' }, pid: PRIVATE, ipc: PRIVATE, uts: PRIVATE, cgroup: PRIVATE, dns, extraHosts: [], sysctls: {}, shmSizeBytes: SHM_BYTES, ports: [], publishAll: false, exposed: [], endpoints: [],
  };
}

function hostPorts(containers: readonly PodContainer[]): PortBinding[] {
  return containers.flatMap(({ ports = [] }) => ports.filter(({ hostPort = 0 }) => hostPort > 0).map(({ containerPort, hostPort = 0, hostIP = '', protocol = 'TCP' }): PortBinding => ({
    protocol: protocol.toLowerCase() as Protocol, containerPort, hostPort, hostAddress: hostIP === '0.0.0.0' ? '' : hostIP,
  })));
}

/** `command` takes the place of the entrypoint and of the image's arguments, `args` of the arguments only. */
function argumentsOf({ command, args }: PodContainer, { Entrypoint, Cmd }: ImageDefaults, environment: readonly string[]): string[] {
  const values = new Map(environment.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const));
  const words = command === undefined || command.length === 0 ? [...Entrypoint ?? [], ...(args ?? Cmd ?? [])] : [...command, ...(args ?? [])];
  return words.map((word) => expand(word, values));
}

function merged(image: readonly string[], own: readonly string[]): string[] {
  const nameOfEntry = (entry: string): string => entry.split('=', 1)[0] ?? '';
  const names = new Set(own.map(nameOfEntry));
  return [...image.filter((entry) => !names.has(nameOfEntry(entry))), ...own];
}

function userOf({ runAsUser, runAsGroup }: SecurityContext, image: string): string {
  const user = runAsUser === undefined ? image : String(runAsUser);
  return runAsGroup === undefined ? user : `${user === '' ? '0' : user.split(':')[0]}:${runAsGroup}`;
}

/** @throws GantryError invalid where a container that may not be root would be, or may be for all that is known */
function checkedUser({ name }: PodContainer, { runAsNonRoot }: SecurityContext, user: string): string {
  const [id = ''] = user.split(':');
  if (runAsNonRoot !== true || (/^\d+$/.test(id) && Number(id) !== 0)) return user;
  if (id === '' || /^\d+$/.test(id) || id === 'root') throw new GantryError('invalid', `container ${name} has runAsNonRoot and image will run as root`, { hint: 'set securityContext.runAsUser' });
  throw new GantryError('invalid', `container ${name} has runAsNonRoot and image has non-numeric user (${id}), cannot verify user is non-root`, { hint: 'set securityContext.runAsUser' });
}

/** What a container says counts before what its pod does. */
export const contextOf = (pod: KubeObject, container: PodContainer): SecurityContext => ({ ...specOf(pod).securityContext, ...container.securityContext });

/** Without a profile there is the default one: less than upstream allows, which has none then. */
function securityOf({ privileged = false, capabilities, allowPrivilegeEscalation, seccompProfile }: SecurityContext, profile?: string): CreateRequest['security'] {
  return {
    privileged, capabilitiesAdd: [...capabilities?.add ?? []], capabilitiesDrop: [...capabilities?.drop ?? []], noNewPrivileges: allowPrivilegeEscalation === false && !privileged, seccomp: privileged || seccompProfile?.type === 'Unconfined' ? { kind: 'unconfined' } : profile === undefined ? { kind: 'default' } : { kind: 'profile', json: profile },
    devices: [], deviceCgroupRules: [],
  };
}

/** The kernel takes no quota below a millisecond of its period of a tenth of a second; none is no bound (kubelet, `MilliCPUToQuota`). */
const cpuBound = (milli: number): number => (milli === 0 ? 0 : Math.max(milli, 10));

/** Requests are shares of the processor, limits are bounds (kubernetes.io, "How Kubernetes applies resource requests and limits"). */
export function resourcesOf({ resources }: PodContainer): Resources {
  const { cpu: requested } = resources?.requests ?? resources?.limits ?? {};
  const { cpu: limit, memory } = resources?.limits ?? {};
  return {
    ...(requested === undefined ? { cpuShares: 2 } : { cpuShares: Math.max(2, Number(milliValue(parseQuantity(requested)) * 1024n / 1000n)) }),
    ...(limit === undefined ? {} : { nanoCpus: cpuBound(Number(milliValue(parseQuantity(limit)))) * 1_000_000 }), ...(memory === undefined ? {} : { memoryBytes: Number(wholeValue(parseQuantity(memory))), memorySwapBytes: Number(wholeValue(parseQuantity(memory))) }),
  };
}
