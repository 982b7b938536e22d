import type { JsonObject } from '#base/json.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { isOver, specOf, statusOf } from './pod.ts';

export interface RejectionParts {
  readonly nodeName: string;
  readonly pods: { list(): readonly KubeObject[] };
  readonly writes: { event(pod: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>; status(pod: KubeObject, status: JsonObject): Promise<void> };
}

interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** Whether the node does not take a pod that was put on it past the scheduler: it has failed then, and its controller makes another. */
export async function isRejected({ nodeName, pods, writes }: RejectionParts, pod: KubeObject, nowMs: number): Promise<boolean> {
  const rejection = isOver(pod) ? undefined : rejectionOf(pod, () => pods.list().filter((each) => specOf(each).nodeName === nodeName));
  if (rejection === undefined) return false;
  await writes.event(pod, 'Warning', rejection.reason, rejection.message);
  await writes.status(pod, { ...statusOf(pod), phase: 'Failed', reason: rejection.reason, message: rejection.message, startTime: timeText(nowMs) });
  return true;
}

function rejectionOf(pod: KubeObject, others: () => Iterable<KubeObject>): Rejection | undefined {
  const wanted = hostPorts(pod);
  if (wanted.length === 0 || statusOf(pod)['startTime'] !== undefined) return undefined;
  for (const other of others()) {
    // One that was not taken yet has no port.
    if (other.metadata.uid === pod.metadata.uid || isOver(other) || statusOf(other)['startTime'] === undefined) continue;
    if (hostPorts(other).some((taken) => wanted.some((port) => overlap(port, taken)))) return { reason: 'NodePorts', message: 'Pod was rejected: Predicate NodePorts failed' };
  }
  return undefined;
}

interface HostPort {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/** On the host's network every port of a container is one of the host: the API server says so in the spec. */
function hostPorts(pod: KubeObject): readonly HostPort[] {
  return specOf(pod).containers.flatMap(({ ports = [] }) => ports.filter(({ hostPort = 0 }) => hostPort > 0).map(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({ protocol, address: hostIP === '0.0.0.0' ? '' : hostIP, port: hostPort })));
}

const overlap = (a: HostPort, b: HostPort): boolean => a.port === b.port && a.protocol === b.protocol && (a.address === b.address || a.address === '' || b.address === '');
