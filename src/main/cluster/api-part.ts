import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { metricsHandlers, metricsResources } from '#cluster/agent/metrics-api.ts';
import type { UsageMeter } from '#cluster/agent/usage-meter.ts';
import { connection } from '#cluster/api/admission/connection.ts';
import type { AuditLog } from '#cluster/api/audit/audit-log.ts';
import type { ApiRequest } from '#cluster/api/api-request.ts';
import { ApiServer, type SubresourceHandler } from '#cluster/api/api-server.ts';
import { bindPod } from '#cluster/api/binding.ts';
import { certificateApproval } from '#cluster/api/certificate-approval.ts';
import { componentStatuses } from '#cluster/api/component-status.ts';
import { listenApi, type ApiListener } from '#cluster/api/edge/api-listener.ts';
import { evict } from '#cluster/api/eviction.ts';
import { parseResourcePath, type ResourceRequest } from '#cluster/api/request-info.ts';
import { writeOptions } from '#cluster/api/resource-handler.ts';
import { StatusError } from '#cluster/api/status.ts';
import { withScheduled } from '#cluster/scheduler/scheduler.ts';
import type { AggregationPart } from './aggregation-part.ts';
import type { Access } from './open-access.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import type { ClusterPki } from './pki.ts';
import { nodeProxy } from './node-proxy.ts';
import { podLog } from './pod-log.ts';
import { PodStreams } from './pod-stream.ts';
import { PortForwards } from './port-forwards.ts';
import { processGauges } from './process-gauges.ts';
import { ProxyRequests } from './proxy-requests.ts';
import { WebSocketAnswers } from './web-socket-answers.ts';

const CONNECTIONS: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward']);

export interface ApiParts {
  readonly access: Access;
  readonly pki: ClusterPki;
  readonly meter: UsageMeter;
  readonly audit: AuditLog | undefined;
  readonly aggregation: AggregationPart;
  /** Where people find it. */
  readonly address: string;
  readonly port: number;
}

/** The API's sockets: who comes before it serves waits. */
export interface ApiPart extends ClusterPart {
  /** Once it is open: where it listens for people, and for pods at the gateway of their network. */
  readonly port: number;
  readonly podPort: number;
  /** From now on it answers. */
  serve(): void;
}

export function apiPart(core: ClusterCore, parts: ApiParts): ApiPart {
  const { engine, runtime, registry } = core;
  const { access, pki, audit, aggregation } = parts;
  for (const of of metricsResources) registry.add(of);
  const served = Promise.withResolvers<ApiServer>();
  const answers = new WebSocketAnswers();
  const proxy = new ProxyRequests(core);
  const server = apiServer(core, parts, proxy);
  const [streams, forwards] = [new PodStreams(engine, runtime.cache('pods'), core.timers), new PortForwards(engine, runtime.cache('pods'))];
  const listening = {
    tls: { ...pki.server, ca: pki.ca }, authenticate: (request: IncomingMessage, socket: TLSSocket | undefined) => access.authenticate(request, socket), unknown: (request: ApiRequest, thrown: unknown) => audit?.unknown(request, thrown),
    handle: async (request: ApiRequest) => {
      const api = await served.promise;
      return audit === undefined ? await api.handle(request) : await audit.around(request, (each) => api.handle(each));
    },
    upgrade: async (request: ApiRequest, ...socket: readonly [IncomingMessage, Duplex, Buffer]) => {
      await served.promise;
      const isRemote = aggregation.remote(request.path) !== undefined;
      if (!isRemote && !isConnection(parseResourcePath(request.path))) {
        // A watch or a log, or what is wrong with it.
        const answer = await listening.handle(request);
        if (answer.kind === 'json') return answer;
        if (!answers.accept(answer, ...socket)) throw new StatusError('invalid', `${request.path} is not read over another protocol`);
        return undefined;
      }
      const admitted = async (each: ApiRequest): Promise<void> => await openStream(core, { streams, forwards, proxy, aggregation }, access.guard.admit(each), socket);
      if (audit === undefined) await admitted(request);
      else await audit.aroundUpgrade(request, admitted);
      return undefined;
    },
  };
  let [forPods, forPeople]: (ApiListener | undefined)[] = [];
  return {
    name: 'API',
    get port() { return forPeople?.port ?? 0; },
    get podPort() { return forPods?.port ?? 0; },
    async open() {
      forPeople = await listenApi({ ...listening, host: parts.address, port: parts.port });
      forPods = await listenApi({ ...listening, host: engine.info.defaultBridgeAddress, port: 0 });
    },
    serve: () => served.resolve(server),
    async close() {
      await Promise.all([forPods?.close(), forPeople?.close()]);
    },
  };
}

function apiServer(core: ClusterCore, { access, meter, aggregation }: ApiParts, proxy: ProxyRequests): ApiServer {
  const { engine, runtime, objects, writer, schemas, registry, rulesOf, clock, timers } = core;
  const [pods, requests] = [runtime.cache('pods'), core.resource('certificatesigningrequests', 'certificates.k8s.io')];
  const evictions = { objects, writer, schemas, clock, pods: core.resource('pods'), budgets: core.resource('poddisruptionbudgets', 'policy') };
  const bound: SubresourceHandler = (target, request) => bindPod({ writer, schemas, clock, pods: core.resource('pods'), placed: (pod, nowMs) => withScheduled(pod, true, '', nowMs) }, target, request, writeOptions(request));
  const special: readonly (readonly [string, SubresourceHandler])[] = [
    ['/pods/log', (target, request) => podLog(engine, pods, target, request)],
    ['/pods/binding', bound], ['/bindings', bound],
    ['/pods/eviction', (target, request) => evict(evictions, target, request, writeOptions(request))],
    ['certificates.k8s.io/certificatesigningrequests/approval', certificateApproval({ of: requests, objects, writer: () => writer, schemas, clock })],
    ...metricsHandlers({ read: () => meter.read(), pods, nodes: runtime.cache('nodes') }), ...access.special, ...proxy.special,
    ['/nodes/proxy', nodeProxy(core, meter)], ['/componentstatuses', componentStatuses(core.resource('componentstatuses'), objects)],
  ];
  return new ApiServer({
    objects, writer, schemas, rulesOf, clock, timers, registry, guard: access.guard, documents: access.documents, hasher: new SystemHasher(), version: { platform: `linux/${engine.info.facts.architecture}` }, special: new Map(special), gauges: processGauges, aggregated: aggregation.apis,
  });
}

function isConnection(target: ResourceRequest | undefined): target is ResourceRequest {
  return target !== undefined && (ProxyRequests.is(target) || (target.group === '' && target.plural === 'pods' && CONNECTIONS.has(target.subresource ?? '')));
}

async function openStream(core: ClusterCore, { streams, forwards, proxy, aggregation }: { readonly streams: PodStreams; readonly forwards: PortForwards; readonly proxy: ProxyRequests; readonly aggregation: AggregationPart }, request: ApiRequest, [incoming, socket, head]: readonly [IncomingMessage, Duplex, Buffer]): Promise<void> {
  const remote = aggregation.remote(request.path);
  if (remote !== undefined) return await aggregation.connect(remote, request, incoming, socket, head);
  const target = parseResourcePath(request.path);
  if (!isConnection(target)) throw new StatusError('not-found', 'the server could not find the requested resource');
  const asked = connection(core.resource(target.plural), target, request);
  await core.admission.connect(asked.object, asked.subject);
  if (ProxyRequests.is(target)) return await proxy.connect(target, request, incoming, socket, head);
  if (target.subresource === 'portforward') return forwards.accept(target, incoming, socket, head);
  await streams.accept(target, request, incoming, socket, head);
}
