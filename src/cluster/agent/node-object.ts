import type { JsonObject } from '#base/json.ts';
import { timeText } from '#cluster/kinds/object.ts';
import type { NewObject } from '#cluster/loop/controller.ts';
import { PRESSURES, type Pressure } from './pressure/pressure.ts';

export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly bootId: string;
  /** Of the disk that holds what containers write. */
  readonly diskBytes: number;
  /** Huge pages that are set aside, in bytes, by their size as resources name it: `2Mi`. */
  readonly hugePages: ReadonlyMap<string, number>;
  readonly runtimeVersion: string;
  readonly version: string;
}

/** Pods that one node takes: upstream's default. */
const MOST_PODS = 110;
/** Go's name for an architecture, which labels use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', x64: 'amd64', aarch64: 'arm64' };

/** How long a node counts as alive after it last said so, as by the kubelet; it says so twice as often. */
export const LEASE_SECONDS = 40;
export const LEASES = 'kube-node-lease';

/** The lease by which a node says that it is alive (kubernetes.io, "Heartbeats"). @param uid of the node's object */
export function nodeLease(name: string, uid: string, nowMs: number): NewObject {
  return {
    apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: LEASES, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(nowMs) },
  };
}

const microTime = (ms: number): string => `${timeText(ms).slice(0, -1)}.${String(ms % 1000).padStart(3, '0')}000Z`;

export function nodeLabels({ name, architecture }: NodeFacts): Record<string, string> {
  const arch = ARCHITECTURES[architecture] ?? architecture;
  return { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': arch, 'beta.kubernetes.io/os': 'linux', 'beta.kubernetes.io/arch': arch, 'node-role.kubernetes.io/control-plane': '' };
}

const kibibytes = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`;

export interface NodeState {
  /** When it became ready. */
  readonly since: string | undefined;
  /** What it said last. */
  readonly before: JsonObject;
  readonly pressures: ReadonlySet<Pressure>;
}

/** Of each: what is said while it is not so, and while it is. */
const WORDS: Readonly<Record<Pressure, readonly [reason: string, message: string, under: string, what: string]>> = {
  MemoryPressure: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
  DiskPressure: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure', 'KubeletHasDiskPressure', 'kubelet has disk pressure'],
  PIDPressure: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available', 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
};

/** `core.v1.NodeStatus`, as the agent tells it every so often. */
export function nodeStatus(facts: NodeFacts, { since, before, pressures }: NodeState, nowMs: number): JsonObject {
  const room = {
    cpu: String(facts.cpus), 'ephemeral-storage': kibibytes(facts.diskBytes), ...Object.fromEntries([...facts.hugePages].map(([size, bytes]) => [`hugepages-${size}`, bytes === 0 ? '0' : kibibytes(bytes)])),
    memory: kibibytes(facts.memoryBytes), pods: String(MOST_PODS),
  };
  // Others say what else there is: devices, licences.
  const withFurther = (list: string): JsonObject => ({ ...before[list] as JsonObject | undefined, ...room });
  const now = timeText(nowMs);
  const told = (before['conditions'] ?? []) as readonly { readonly type: string; readonly status: string; readonly lastTransitionTime: string }[];
  const condition = (type: string, status: string, reason: string, message: string, sinceThen?: string): JsonObject => {
    const old = told.find((each) => each.type === type && each.status === status);
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: sinceThen ?? old?.lastTransitionTime ?? now };
  };
  const pressureConditions = PRESSURES.map((type) => {
    const [fine, wording, under, what] = WORDS[type];
    return pressures.has(type) ? condition(type, 'True', under, what) : condition(type, 'False', fine, wording);
  });
  return {
    capacity: withFurther('capacity'), allocatable: withFurther('allocatable'), addresses: [{ type: 'InternalIP', address: facts.address }, { type: 'Hostname', address: facts.name }],
    conditions: [...pressureConditions, condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status', since)],
    nodeInfo: {
      machineID: facts.machineId, systemUUID: facts.machineId, bootID: facts.bootId, kernelVersion: facts.kernelVersion, osImage: facts.osImage, containerRuntimeVersion: facts.runtimeVersion, kubeletVersion: facts.version, kubeProxyVersion: facts.version,
      operatingSystem: 'linux', architecture: ARCHITECTURES[facts.architecture] ?? facts.architecture,
    },
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
  };
}
