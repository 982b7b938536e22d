import type { UsageMeter } from '#cluster/agent/usage-meter.ts';
import { autoscalerController } from '#cluster/controllers/autoscaler.ts';
import { clusterRoleAggregation } from '#cluster/controllers/cluster-role-aggregation.ts';
import { customResourceDefinitions, DEFINITIONS } from '#cluster/controllers/custom-resource-definition.ts';
import { endpointMirrorController } from '#cluster/controllers/endpoint-mirror.ts';
import { endpointsController } from '#cluster/controllers/endpoints.ts';
import { endpointSliceController } from '#cluster/controllers/endpoint-slice.ts';
import { garbageCollector } from '#cluster/controllers/garbage-collector.ts';
import { namespaceController } from '#cluster/controllers/namespace.ts';
import { policyTypeController, type FindSubject } from '#cluster/controllers/policy-types.ts';
import { resourceQuotaController } from '#cluster/controllers/resource-quota.ts';
import { rootCaPublisher } from '#cluster/controllers/root-ca-publisher.ts';
import { serviceAccountController } from '#cluster/controllers/service-account.ts';
import { workloadControllers } from '#cluster/controllers/workload-controllers.ts';
import { builtInSchema } from '#cluster/kinds/custom/built-in-schema.ts';
import { parseCustomSchema, type CustomSchema } from '#cluster/kinds/custom/custom-schema.ts';
import type { Controller } from '#cluster/loop/controller.ts';
import { CertificateSigner } from './certificate-signer.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import { CustomKinds, type ResourceLists } from './custom-kinds.ts';
import { makeFirstObjects } from './first-objects.ts';
import type { ClusterPki } from './pki.ts';

/** Kept in no store, or kept by somebody else. */
const NOT_STORED: ReadonlySet<string> = new Set(['bindings', 'componentstatuses']);

/** The controllers, over caches that are full once it is open. */
export async function controllersPart(core: ClusterCore, pki: ClusterPki, meter: UsageMeter): Promise<ClusterPart> {
  const { runtime, objects, registry, writer, local, clock, log } = core;
  const tell = (line: string): void => log(`cluster: ${line}`);
  const lists = resourceLists(core);
  const kinds = new CustomKinds(registry, lists, tell);
  await kinds.load(objects, core.resource('customresourcedefinitions', 'apiextensions.k8s.io'));
  const overAll = [garbageCollector(lists.collected), namespaceController(lists.namespaced), resourceQuotaController(lists.counted), customResourceDefinitions(lists.custom)];
  const controllers: readonly Controller[] = [
    clusterRoleAggregation, rootCaPublisher(pki.ca), serviceAccountController, ...workloadControllers, autoscalerController(() => meter.latest()?.pods), endpointSliceController, policyTypeController(policySubjects(core)), endpointsController, endpointMirrorController, ...overAll,
  ];
  for (const controller of controllers) runtime.add(controller);
  const signer = new CertificateSigner({ requests: runtime.cache('certificates.k8s.io/certificatesigningrequests'), writer, pki, clock, log: tell });
  return {
    name: 'controllers',
    async open() {
      await makeFirstObjects(objects, writer, local, registry);
      await runtime.open();
      kinds.follow(runtime, overAll);
      signer.open();
    },
    close: () => runtime.close(),
  };
}

function resourceLists({ registry }: ClusterCore): ResourceLists {
  const stored = registry.list().filter(({ isReview, plural, face }) => !isReview && face === undefined && !NOT_STORED.has(plural));
  const nameOf = ({ group, plural }: { group: string; plural: string }): string => group === '' ? plural : `${group}/${plural}`;
  return {
    collected: stored.filter(({ plural }) => plural !== 'events').map(nameOf), namespaced: stored.filter(({ namespaced }) => namespaced).map(nameOf),
    counted: stored.filter(({ namespaced, plural }) => namespaced && plural !== 'events').map(nameOf), custom: [DEFINITIONS],
  };
}

/** What a policy may be about, with its type. */
function policySubjects({ registry, schemas }: ClusterCore): FindSubject {
  return (group, version, plural) => {
    const of = registry.find(group, version, plural);
    if (of?.custom !== undefined) return { kind: of.kind, schema: withMetadata(parseCustomSchema(of.custom.schema), builtInSchema(schemas, 'meta.v1.ObjectMeta')) };
    return of?.message === undefined ? undefined : { kind: of.kind, schema: builtInSchema(schemas, of.message) };
  };
}

/** A schema of a user says nothing of what every object has. */
function withMetadata(schema: CustomSchema, metadata: CustomSchema): CustomSchema {
  const text = metadata.properties.get('name') ?? metadata;
  return { ...schema, properties: new Map([...schema.properties, ['apiVersion', text], ['kind', text], ['metadata', metadata]]) };
}
