import type { JsonObject } from '#base/json.ts';
import { json, type ApiRequest, type ApiResponse } from '#cluster/api/api-request.ts';
import { head, labelText } from '#cluster/api/metrics/request-metrics.ts';
import { StatusError } from '#cluster/api/status.ts';
import { asJson, timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { UsageReading, UsageSample } from './usage-meter.ts';

export interface NodeApiParts {
  readonly node: string;
  readonly pods: Pick<ObjectCache, 'list'>;
  readonly meter: { read(): Promise<UsageReading>; sample(): Promise<UsageSample> };
  /** What is known of the process. */
  readonly gauges: () => string;
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** Where the kubelet runs programs, or reads what others have another way to. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['exec', 'kubectl exec'], ['run', 'kubectl exec'], ['attach', 'kubectl attach'], ['portForward', 'kubectl port-forward'], ['containerLogs', 'kubectl logs'], ['logs', "the node's own shell"], ['checkpoint', 'nothing'], ['debug', 'nothing'],
]);

/** What a kubelet serves of its node, to read (kubelet, pkg/kubelet/server). @param path behind `.../proxy`, without a slash before it @throws StatusError */
export async function nodeAnswer(parts: NodeApiParts, path: string, request: ApiRequest): Promise<ApiResponse> {
  const [first = ''] = path.split('/');
  const instead = ELSEWHERE.get(first);
  // Reading the node must never be enough to run something on it.
  if (instead !== undefined) throw new StatusError('forbidden', `/${path} is not given by way of a node's proxy${instead === 'nothing' ? '' : `: use ${instead}`}`);
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new StatusError('invalid', `${request.method} is not allowed on /${path} of a node`, { code: 405, reason: 'MethodNotAllowed' });
  switch (path) {
    case 'healthz': case 'healthz/ping': case 'healthz/syncloop': return { kind: 'text', code: 200, body: 'ok', contentType: 'text/plain; charset=utf-8' };
    case 'pods': case 'runningpods': case 'runningpods/': return json(200, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: podsOf(parts).filter((pod) => path === 'pods' || isRunning(pod)).map(asJson) });
    case 'metrics': return { kind: 'text', code: 200, body: nodeMetrics(parts), contentType: METRICS_TYPE };
    case 'metrics/resource': return { kind: 'text', code: 200, body: resourceMetrics(podsOf(parts), await parts.meter.sample()), contentType: METRICS_TYPE };
    case 'stats/summary': {
      const reading = await parts.meter.read();
      return json(200, summaryOf(parts, reading, await parts.meter.sample()));
    }
    default: throw new StatusError('not-found', 'the server could not find the requested resource');
  }
}

const podsOf = ({ node, pods }: NodeApiParts): readonly KubeObject[] => pods.list().filter((pod) => (pod['spec'] as { readonly nodeName?: string } | undefined)?.nodeName === node);
const isRunning = (pod: KubeObject): boolean => (pod['status'] as { readonly phase?: string } | undefined)?.phase === 'Running';

interface ContainerState {
  readonly name: string;
  readonly state?: { readonly running?: { readonly startedAt?: string } };
}

function statesOf(pod: KubeObject): readonly ContainerState[] {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = (pod['status'] ?? {}) as Readonly<Partial<Record<string, readonly ContainerState[]>>>;
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}

function nodeMetrics(parts: NodeApiParts): string {
  const pods = podsOf(parts);
  const running = pods.flatMap(statesOf).filter(({ state }) => state?.running !== undefined).length;
  return `${[
    ...head('kubelet_node_name', 'gauge', 'The name of the node; the number is always 1.'), `kubelet_node_name{${labelText({ node: parts.node })}} 1`,
    ...head('kubelet_running_pods', 'gauge', 'Pods that run on the node.'), `kubelet_running_pods ${pods.filter(isRunning).length}`,
    ...head('kubelet_running_containers', 'gauge', 'Containers of pods that run on the node.'), `kubelet_running_containers{container_state="running"} ${running}`,
  ].join('\n')}\n${parts.gauges()}`;
}

interface Total {
  readonly pod: KubeObject;
  readonly container: string;
  readonly cpuNs: number;
  readonly memoryBytes: number;
}

/** What the containers of the node's pods have used. */
function totalsOf(pods: readonly KubeObject[], { containers }: UsageSample): readonly Total[] {
  const byUid = new Map(pods.map((pod) => [pod.metadata.uid, pod]));
  return [...containers.values()].flatMap(({ pod: uid, name, cpuNs, memoryBytes }) => {
    const pod = byUid.get(uid);
    return pod === undefined ? [] : [{ pod, container: name, cpuNs, memoryBytes }];
  });
}

const startedAt = ({ pod, container }: Total): string | undefined => statesOf(pod).find(({ name }) => name === container)?.state?.running?.startedAt;

/** What metrics servers read of a node (kubelet, pkg/kubelet/metrics/collectors/resource_metrics.go). */
function resourceMetrics(pods: readonly KubeObject[], sample: UsageSample): string {
  const totals = totalsOf(pods, sample);
  const byPod = [...Map.groupBy(totals, ({ pod }) => pod)];
  const seconds = (ns: number): number => ns / 1e9;
  const ofPod = ({ metadata: { namespace = '', name: pod } }: KubeObject): Record<string, string> => ({ namespace, pod });
  const ofContainer = ({ pod, container }: Total): string => labelText({ container, ...ofPod(pod) });
  const sum = (all: readonly Total[], field: 'cpuNs' | 'memoryBytes'): number => all.reduce((whole, each) => whole + each[field], 0);
  return `${[
    ...head('node_cpu_usage_seconds_total', 'counter', 'Processor time that the node has used.'), `node_cpu_usage_seconds_total ${seconds(sample.machine.cpuNs)} ${sample.atMs}`,
    ...head('node_memory_working_set_bytes', 'gauge', 'Memory that the node holds.'), `node_memory_working_set_bytes ${sample.machine.memoryBytes} ${sample.atMs}`,
    ...head('container_cpu_usage_seconds_total', 'counter', 'Processor time that a container has used.'), ...totals.map((each) => `container_cpu_usage_seconds_total{${ofContainer(each)}} ${seconds(each.cpuNs)} ${sample.atMs}`),
    ...head('container_memory_working_set_bytes', 'gauge', 'Memory that a container holds.'), ...totals.map((each) => `container_memory_working_set_bytes{${ofContainer(each)}} ${each.memoryBytes} ${sample.atMs}`),
    ...head('container_start_time_seconds', 'gauge', 'When a container was started, since the epoch.'), ...totals.flatMap((each) => {
      const started = startedAt(each);
      return started === undefined ? [] : [`container_start_time_seconds{${ofContainer(each)}} ${Date.parse(started) / 1000}`];
    }),
    ...head('pod_cpu_usage_seconds_total', 'counter', 'Processor time that a pod has used.'), ...byPod.map(([pod, all]) => `pod_cpu_usage_seconds_total{${labelText(ofPod(pod))}} ${seconds(sum(all, 'cpuNs'))} ${sample.atMs}`),
    ...head('pod_memory_working_set_bytes', 'gauge', 'Memory that a pod holds.'), ...byPod.map(([pod, all]) => `pod_memory_working_set_bytes{${labelText(ofPod(pod))}} ${sum(all, 'memoryBytes')} ${sample.atMs}`),
    ...head('resource_scrape_error', 'gauge', '1 where something could not be measured.'), 'resource_scrape_error 0',
  ].join('\n')}\n`;
}

/** `stats/summary` (kubelet, staging/src/k8s.io/kubelet/pkg/apis/stats/v1alpha1), as far as it is measured: processors and memory. */
function summaryOf(parts: NodeApiParts, reading: UsageReading, sample: UsageSample): JsonObject {
  const time = timeText(sample.atMs);
  const used = (cpuMilli: number, cpuNs: number, memoryBytes: number): JsonObject => ({ cpu: { time, usageNanoCores: Math.round(cpuMilli * 1e6), usageCoreNanoSeconds: Math.round(cpuNs) }, memory: { time, workingSetBytes: memoryBytes } });
  const byPod = Map.groupBy(totalsOf(podsOf(parts), sample), ({ pod }) => pod);
  return {
    node: { nodeName: parts.node, ...used(reading.node.cpuMilli, sample.machine.cpuNs, sample.machine.memoryBytes) },
    pods: [...byPod].map(([pod, totals]): JsonObject => {
      const { name, namespace = '', uid } = pod.metadata;
      const milli = (container: string): number => reading.pods.get(uid)?.get(container)?.cpuMilli ?? 0;
      const sum = (numbers: readonly number[]): number => numbers.reduce((whole, each) => whole + each, 0);
      return {
        podRef: { name, namespace, uid }, startTime: (pod['status'] as { readonly startTime?: string } | undefined)?.startTime ?? null,
        containers: totals.map((each) => ({ name: each.container, startTime: startedAt(each) ?? null, ...used(milli(each.container), each.cpuNs, each.memoryBytes) })),
        ...used(sum(totals.map(({ container }) => milli(container))), sum(totals.map(({ cpuNs }) => cpuNs)), sum(totals.map(({ memoryBytes }) => memoryBytes))),
      };
    }),
  };
}
