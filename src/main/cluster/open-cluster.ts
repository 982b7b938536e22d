import { SystemTimers } from '#base/edge/system-clock.ts';
import type { JsonObject } from '#base/json.ts';
import { DEFAULT_THRESHOLDS, parseSoftThresholds, parseThresholds } from '#cluster/agent/pressure/thresholds.ts';
import { SliceIndex } from '#cluster/agent/slice-index.ts';
import { claimAdmission } from '#cluster/api/admission/default-storage-class.ts';
import { namespaceLifecycle } from '#cluster/api/namespace-lifecycle.ts';
import type { Store } from '#store/store.ts';
import { aggregationPart } from './aggregation-part.ts';
import { apiPart } from './api-part.ts';
import { auditPart } from './audit-part.ts';
import { makeCore, type ClusterCore, type ClusterParts } from './cluster-core.ts';
import { OpenParts } from './cluster-part.ts';
import { ClusterWrites } from './cluster-writes.ts';
import { controllersPart } from './controllers-part.ts';
import { namesPart } from './names-part.ts';
import { nodePart, nodeTools } from './node-part.ts';
import { openAccess } from './open-access.ts';
import { openClusterStore } from './open-store.ts';
import { ownServices } from './own-services.ts';
import { openPki, type ClusterPki } from './pki.ts';
import { podWhy } from './pod-why.ts';
import { policyPart } from './policy-part.ts';
import { proxyPart } from './proxy-part.ts';
import { schedulerPart } from './scheduler-part.ts';
import { claimServiceRange, type ServiceRange } from './service-range.ts';
import { webhooksPart } from './webhooks-part.ts';

export interface OpenCluster {
  readonly pki: ClusterPki;
  readonly server: string;
  readonly node: string;
  readonly store: Store;
  /** Why a pod is as it is, as data. */
  why(namespace: string, pod: string): Promise<JsonObject>;
  close(): Promise<void>;
}

const NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];

/** A cluster of one node: store, API, controllers, scheduler and agent, over the engine of this process. What fails leaves nothing open. */
export async function openCluster(parts: ClusterParts): Promise<OpenCluster> {
  const open = new OpenParts(parts.log);
  try {
    return await openAll(parts, open);
  } catch (thrown) {
    await open.close();
    throw thrown;
  }
}

async function openAll(parts: ClusterParts, open: OpenParts): Promise<OpenCluster> {
  const timers = new SystemTimers();
  const { evictionSoft: soft } = parts;
  const thresholds = [...parseThresholds(parts.evictionHard ?? DEFAULT_THRESHOLDS), ...(soft === undefined ? [] : parseSoftThresholds(soft.thresholds, soft.gracePeriods))];
  const { store, close } = await openClusterStore({ ...parts, timers });
  await open.open({ name: 'store', open: () => {}, close });
  const core = makeCore(parts, store, timers);
  const { runtime, engine, node } = core;

  const range = await claimServiceRange(core, parts.serviceRange);
  const pki = await clusterPki(core, parts, range);
  const access = await openAccess(core);
  const slices = new SliceIndex(runtime.cache('discovery.k8s.io/endpointslices'));
  const webhooks = await open.open(webhooksPart(core, access));
  const tools = nodeTools(core);
  const audited = parts.audit === undefined ? undefined : await open.open(auditPart(core, parts.audit));

  // What each reads is known before any of it runs; sockets come first, as others are told of their ports, and as they may be taken.
  const controllers = await controllersPart(core, pki, tools.meter);
  const names = await open.open(namesPart(core, range, slices));
  const aggregation = aggregationPart(core, pki);
  const api = await open.open(apiPart(core, { access, pki, aggregation, meter: tools.meter, audit: audited?.audit, address: parts.address, port: parts.port }));
  runtime.add(ownServices(range, { gateway: engine.info.defaultBridgeAddress, apiPort: api.podPort, namesPort: names.port }));
  const writes = new ClusterWrites(core.local, core.writer, core.registry, core.clock);
  const proxy = await proxyPart(core, range, slices, writes);
  const policies = policyPart(core);
  core.admission.arrange({
    plugins: [namespaceLifecycle(core.objects, core.resource('namespaces')), ...access.plugins, claimAdmission(core.view), webhooks.plugin], mutators: [access.mutator, webhooks.mutator], last: proxy.plugins,
  });
  const scheduler = schedulerPart(core, writes);
  const agent = nodePart(core, { tools, writes, access, pki, names: range.names, routes: proxy.routes, isolation: policies.isolation, thresholds, mostGraceSeconds: soft?.mostPodGraceSeconds ?? 0 });

  for (const part of [controllers, aggregation, proxy, policies]) await open.open(part);
  names.serve();
  for (const part of [scheduler, agent]) await open.open(part);
  api.serve();
  return { pki, node, store, server: `https://${parts.address === '0.0.0.0' ? '127.0.0.1' : parts.address}:${api.port}`, why: (namespace, pod) => podWhy(core, namespace, pod), close: () => open.close() };
}

async function clusterPki({ root, node, hostIp, engine }: ClusterCore, { address }: ClusterParts, { apiAddress }: ServiceRange): Promise<ClusterPki> {
  return await openPki(root, [...NAMES, node], [...new Set(['127.0.0.1', address, hostIp, apiAddress, engine.info.defaultBridgeAddress])]);
}
