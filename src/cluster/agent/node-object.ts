import type { JsonObject } from '#base/json.ts';
import { timeText } from '#cluster/kinds/object.ts';

export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly runtimeVersion: string;
  readonly version: string;
}

/** Pods that one node takes: upstream's default. */
const MOST_PODS = 110;
/** Go's name for an architecture, which labels use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', x64: 'amd64', aarch64: 'arm64' };

export function nodeLabels({ name, architecture }: NodeFacts): Record<string, string> {
  const arch = ARCHITECTURES[architecture] ?? architecture;
  return { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': arch, 'beta.kubernetes.io/os': 'linux', 'beta.kubernetes.io/arch': arch, 'node-role.kubernetes.io/control-plane': '' };
}

/** `core.v1.NodeStatus`, as the agent tells it every so often. @param since when it became ready */
export function nodeStatus(facts: NodeFacts, since: string | undefined, nowMs: number): JsonObject {
  const room = { cpu: String(facts.cpus), memory: `${Math.floor(facts.memoryBytes / 1024)}Ki`, pods: String(MOST_PODS) };
  const now = timeText(nowMs);
  const condition = (type: string, status: string, reason: string, message: string): JsonObject => ({ type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: since ?? now });
  return {
    capacity: room, allocatable: room, addresses: [{ type: 'InternalIP', address: facts.address }, { type: 'Hostname', address: facts.name }],
    conditions: [condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'the node has memory'), condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'the node has disk'), condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'the node has process ids'), condition('Ready', 'True', 'KubeletReady', 'the agent runs')],
    nodeInfo: {
      machineID: facts.machineId, systemUUID: '', bootID: '', kernelVersion: facts.kernelVersion, osImage: facts.osImage, containerRuntimeVersion: facts.runtimeVersion, kubeletVersion: facts.version, kubeProxyVersion: facts.version,
      operatingSystem: 'linux', architecture: ARCHITECTURES[facts.architecture] ?? facts.architecture,
    },
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
  };
}
