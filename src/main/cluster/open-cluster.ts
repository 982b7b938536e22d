import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '#base/clock.ts';
import { SystemTimers } from '#base/edge/system-clock.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { SystemRandom } from '#base/edge/system-random.ts';
import { isKind } from '#base/error.ts';
import { Agent } from '#cluster/agent/agent.ts';
import { NodeFiles } from '#cluster/agent/edge/node-files.ts';
import { metricsHandlers, metricsResources } from '#cluster/agent/metrics-api.ts';
import { UsageMeter } from '#cluster/agent/usage-meter.ts';
import { VolumeReclaimer } from '#cluster/agent/volume-reclaimer.ts';
import { claimAdmission } from '#cluster/api/admission/default-storage-class.ts';
import { Admission } from '#cluster/api/admission.ts';
import type { ApiRequest } from '#cluster/api/api-request.ts';
import { ApiServer, KUBERNETES_VERSION } from '#cluster/api/api-server.ts';
import { findParameters } from '#cluster/api/admission/policy-parameters.ts';
import { evict } from '#cluster/api/eviction.ts';
import { FieldManager } from '#cluster/api/apply/field-manager.ts';
import { certificateApproval } from '#cluster/api/certificate-approval.ts';
import { listenApi } from '#cluster/api/edge/api-listener.ts';
import { namespaceLifecycle } from '#cluster/api/namespace-lifecycle.ts';
import { ObjectStore } from '#cluster/api/object-store.ts';
import { ObjectWriter } from '#cluster/api/object-writer.ts';
import type { ObjectView } from '#cluster/api/object-view.ts';
import { parseResourcePath } from '#cluster/api/request-info.ts';
import { writeOptions } from '#cluster/api/resource-handler.ts';
import { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { StatusError } from '#cluster/api/status.ts';
import { clusterRoleAggregation } from '#cluster/controllers/cluster-role-aggregation.ts';
import { autoscalerController } from '#cluster/controllers/autoscaler.ts';
import { customResourceDefinitions, DEFINITIONS } from '#cluster/controllers/custom-resource-definition.ts';
import { endpointSliceController } from '#cluster/controllers/endpoint-slice.ts';
import { garbageCollector } from '#cluster/controllers/garbage-collector.ts';
import { namespaceController } from '#cluster/controllers/namespace.ts';
import { rootCaPublisher } from '#cluster/controllers/root-ca-publisher.ts';
import { resourceQuotaController } from '#cluster/controllers/resource-quota.ts';
import { serviceAccountController } from '#cluster/controllers/service-account.ts';
import { workloadControllers } from '#cluster/controllers/workload-controllers.ts';
import { compiledKind } from '#cluster/kinds/custom/custom-kind.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { KindRules } from '#cluster/kinds/kind-rules.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import type { Controller } from '#cluster/loop/controller.ts';
import { ControllerRuntime } from '#cluster/loop/controller-runtime.ts';
import { LocalWriter } from '#cluster/loop/local-writer.ts';
import { Scheduler, type SchedulerParts } from '#cluster/scheduler/scheduler.ts';
import type { NodeEngine } from '#container/engine/port.ts';
import { ClusterWrites } from './cluster-writes.ts';
import { NodeRegistration } from './node-registration.ts';
import { CertificateSigner } from './certificate-signer.ts';
import { CustomKinds, type ResourceLists } from './custom-kinds.ts';
import { makeFirstObjects } from './first-objects.ts';
import { openAccess } from './open-access.ts';
import { openNetwork } from './open-network.ts';
import { openClusterStore } from './open-store.ts';
import { openPki, type ClusterPki } from './pki.ts';
import { podLog } from './pod-log.ts';
import { PodStreams } from './pod-stream.ts';
import { PortForwards } from './port-forwards.ts';
import { openTokenKeys } from './token-keys.ts';

export interface ClusterParts {
  readonly engine: NodeEngine;
  /** Where the cluster keeps what it knows. */
  readonly root: string;
  readonly address: string;
  readonly port: number;
  /** Addresses for services; absent: chosen. */
  readonly serviceRange?: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface OpenCluster {
  readonly pki: ClusterPki;
  readonly server: string;
  readonly node: string;
  close(): Promise<void>;
}

const NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];
/** Kept in no store, or kept by somebody else. */
const NOT_STORED: ReadonlySet<string> = new Set(['bindings']);

/** A cluster of one node: store, API, controllers, scheduler and agent, over the engine of this process. */
export async function openCluster(parts: ClusterParts): Promise<OpenCluster> {
  const { engine, root, clock, log } = parts;
  const node = engine.info.facts.hostname.toLowerCase();
  const hostIp = ownAddress();
  const timers = new SystemTimers();
  const { store, close: closeStore } = await openClusterStore({ root, timers, log });
  const objects = new ObjectStore(store);
  const registry = new ResourceRegistry(builtInResources);
  const schemas = new SchemaSet(schemaPackages);
  const namespaces = definition(registry, 'namespaces');
  const view: ObjectView = { list: (name, namespace) => runtime.cache(name).list(namespace), get: (name, namespace, object) => runtime.cache(name).get(namespace, object) };
  const network = await openNetwork({ engine, store, objects, registry, view, ...(parts.serviceRange === undefined ? {} : { range: parts.serviceRange }), clock, timers, random: new SystemRandom(), log });
  const pki = await openPki(root, [...NAMES, node], [...new Set(['127.0.0.1', parts.address, hostIp, network.apiAddress, engine.info.defaultBridgeAddress])]);
  const quotas = definition(registry, 'resourcequotas');
  const requests = registry.find('certificates.k8s.io', 'v1', 'certificatesigningrequests') as ResourceDefinition;
  const access = openAccess({
    view, schemas, keys: await openTokenKeys(root), clock, timers, random: new SystemRandom(),
    findParameters: async (kind, reference, namespace) => await findParameters(objects, registry, kind, reference, namespace),
    charge: async ({ metadata }, mutation, dryRun) => void await writer.update(quotas, metadata.namespace, metadata.name, 'status', mutation, { dryRun, user: 'system:apiserver' }).catch(ignoreMissing),
  });
  const writer = new ObjectWriter({ objects, rulesOf: kindRules, admission: new Admission([namespaceLifecycle(objects, namespaces), ...access.plugins, ...network.plugins, claimAdmission(view)]), fields: new FieldManager(schemas), clock, random: new SystemRandom() });
  const local = new LocalWriter(writer, 'system:controllers');

  const runtime = new ControllerRuntime({ objects, registry, writer: local, clock, timers, log: (line) => log(`cluster: ${line}`) });
  const stored = registry.list().filter(({ isReview, plural }) => !isReview && !NOT_STORED.has(plural));
  const nameOf = ({ group, plural }: { group: string; plural: string }): string => group === '' ? plural : `${group}/${plural}`;
  for (const of of metricsResources) registry.add(of);
  const lists: ResourceLists = {
    collected: stored.filter(({ plural }) => plural !== 'events').map(nameOf), namespaced: stored.filter(({ namespaced }) => namespaced).map(nameOf),
    counted: stored.filter(({ namespaced, plural }) => namespaced && plural !== 'events').map(nameOf), custom: [DEFINITIONS],
  };
  const kinds = new CustomKinds(registry, lists, (line) => log(`cluster: ${line}`));
  await kinds.load(objects, registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions') as ResourceDefinition);
  const overAll = [garbageCollector(lists.collected), namespaceController(lists.namespaced), resourceQuotaController(lists.counted), customResourceDefinitions(lists.custom)];
  const nodeFiles = new NodeFiles(join(root, 'pods'), join(root, 'volumes'));
  const meter = new UsageMeter({ engine, node: nodeFiles, clock, timers });
  const controllers: readonly Controller[] = [clusterRoleAggregation, rootCaPublisher(pki.ca), serviceAccountController, ...workloadControllers, autoscalerController(() => meter.latest()?.pods), endpointSliceController, ...overAll];
  for (const controller of controllers) runtime.add(controller);
  // Its port has to be known before anybody is told of it; who comes this early waits.
  const opened = Promise.withResolvers<ApiServer>();
  const [streams, forwards] = [new PodStreams(engine, runtime.cache('pods')), new PortForwards(engine, runtime.cache('pods'))];
  const listening = {
    tls: { ...pki.server, ca: pki.ca }, authenticate: (request: IncomingMessage, socket: TLSSocket | undefined) => access.authenticate(request, socket), handle: async (request: ApiRequest) => (await opened.promise).handle(request),
    upgrade: async (request: ApiRequest, ...connection: readonly [IncomingMessage, Duplex, Buffer]) => {
      await opened.promise;
      await openStream({ streams, forwards }, access.guard.admit(request), connection);
    },
  };
  const forPods = await listenApi({ ...listening, host: engine.info.defaultBridgeAddress, port: 0 });
  const routes = network.attach(runtime, { node, apiPort: forPods.port });
  const writes = new ClusterWrites(local, writer, registry, clock);
  const reclaimer = new VolumeReclaimer({ nodeName: node, volumes: runtime.cache('persistentvolumes'), nodes: runtime.cache('nodes'), node: nodeFiles, forget: (volume) => writes.forgetVolume(volume), clock, timers, log: (line) => log(`agent: ${line}`) });
  const scheduler = new Scheduler({ pods: runtime.cache('pods'), nodes: runtime.cache('nodes'), storage: storageOf(runtime, view), writes, clock, timers, random: new SystemRandom(), log: (line) => log(`scheduler: ${line}`) });
  const agent = new Agent({
    nodeName: node, hostIp, place: { network: 'bridge', names: network.names }, pods: runtime.cache('pods'), configMaps: runtime.cache('configmaps'), secrets: runtime.cache('secrets'), services: runtime.cache('services'),
    claims: runtime.cache('persistentvolumeclaims'), volumes: runtime.cache('persistentvolumes'),
    engine, node: nodeFiles, writes, routes, rootCa: pki.ca, token: (pod, wanted) => access.podToken(pod, wanted), clock, timers, log: (line) => log(`agent: ${line}`),
  });
  for (const name of access.reads) runtime.cache(name);
  await makeFirstObjects(objects, writer, local, registry);
  await runtime.open();
  kinds.follow(runtime, overAll);
  new CertificateSigner({ requests: runtime.cache('certificates.k8s.io/certificatesigningrequests'), writer, pki, clock, log: (line) => log(`cluster: ${line}`) }).open();
  await network.open(local);
  await agent.sweep();
  const registration = new NodeRegistration({ name: node, address: hostIp, facts: engine.info.facts, version: KUBERNETES_VERSION.gitVersion, volumes: join(root, 'volumes'), local, writer, registry, clock });
  await registration.open();
  const metrics = metricsHandlers({ read: () => meter.read(), pods: runtime.cache('pods'), nodes: runtime.cache('nodes') });
  const evictions = { objects, writer, schemas, clock, pods: definition(registry, 'pods'), budgets: definition(registry, 'poddisruptionbudgets', 'policy') };
  const api = new ApiServer({
    objects, writer, schemas, rulesOf: kindRules, clock, timers, registry, guard: access.guard, documents: access.documents, hasher: new SystemHasher(), version: { platform: `linux/${engine.info.facts.architecture}` },
    special: new Map([['/pods/log', (target, request) => podLog(engine, runtime.cache('pods'), target, request)], ['certificates.k8s.io/certificatesigningrequests/approval', certificateApproval({ of: requests, objects, writer: () => writer, schemas, clock })], ['/pods/eviction', (target, request) => evict(evictions, target, request, writeOptions(request))], ...metrics, ...access.special]),
  });
  opened.resolve(api);
  const listener = await listenApi({ ...listening, host: parts.address, port: parts.port });
  return {
    pki, node, server: `https://${parts.address === '0.0.0.0' ? '127.0.0.1' : parts.address}:${listener.port}`,
    close: async () => {
      await Promise.all([listener.close(), forPods.close()]);
      network.close();
      registration.close();
      scheduler.close();
      agent.close();
      reclaimer.close();
      runtime.close();
      await closeStore();
    },
  };
}

/** What the scheduler has to know of claims. */
function storageOf(runtime: ControllerRuntime, view: ObjectView): NonNullable<SchedulerParts['storage']> {
  return { view, onChange: (listener) => ['persistentvolumeclaims', 'persistentvolumes', 'storage.k8s.io/storageclasses'].forEach((name) => runtime.cache(name).onChange(listener)) };
}

export async function eraseCluster(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

function definition(registry: ResourceRegistry, plural: string, group = ''): ResourceDefinition {
  const found = registry.find(group, 'v1', plural);
  if (found === undefined) throw new TypeError(`no resource ${plural}`);
  return found;
}

function kindRules(of: ResourceDefinition): KindRules {
  return of.custom === undefined ? rulesOf(of) : compiledKind(of.custom).rules;
}

function ignoreMissing(thrown: unknown): void {
  if (!isKind(thrown, 'not-found')) throw thrown;
}

/** The host's first address that others may reach it by; its own where it has none. */
function ownAddress(): string {
  const addresses = Object.entries(networkInterfaces()).filter(([name]) => !/^(lo|docker|br-|gantry|veth|gv)/.test(name)).flatMap(([, all]) => all ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

async function openStream({ streams, forwards }: { readonly streams: PodStreams; readonly forwards: PortForwards }, request: ApiRequest, [incoming, socket, head]: readonly [IncomingMessage, Duplex, Buffer]): Promise<void> {
  const target = parseResourcePath(request.path);
  if (target?.plural === 'pods' && target.subresource === 'portforward') return forwards.accept(target, incoming, socket, head);
  if (target?.plural !== 'pods' || (target.subresource !== 'exec' && target.subresource !== 'attach')) throw new StatusError('not-found', 'the server could not find the requested resource');
  await streams.accept(target, request, incoming, socket, head);
}
