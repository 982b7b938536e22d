import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type View } from '#cluster/loop/controller.ts';
import { portOf } from './endpoint-slice.ts';
import { isDeleted } from './owned.ts';
import { isFinished, isReady, specOf, statusOf } from './pod-shape.ts';
import { podsOf, servicesOf } from './service-indexes.ts';
import type { ServiceSpec } from './service-shape.ts';

/** `core.v1.EndpointSubset` */
interface Subset {
  addresses?: Address[];
  notReadyAddresses?: Address[];
  ports?: readonly object[];
}

interface Address {
  readonly ip: string;
  readonly nodeName?: string;
  readonly hostname?: string;
  readonly targetRef: { readonly kind: 'Pod'; readonly name: string; readonly namespace?: string; readonly uid: string };
}

const ENDPOINTS = 'endpoints';
const MANAGED = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } as const;
const HEADLESS = 'service.kubernetes.io/headless';
/** More than that is cut off, and said so (upstream's `maxCapacity`). */
const MOST = 1000;
const CUT = 'endpoints.kubernetes.io/over-capacity';

/** The older form of what stands behind a service, in one object by its name: programs still read it. */
export const endpointsController: Controller = {
  name: 'endpoint-controller', reads: ['services', 'pods', ENDPOINTS], writes: [ENDPOINTS],
  keysFor(resource, object, view) {
    if (resource !== 'pods') return [keyOf(object)];
    return servicesOf(object, view).map(keyOf);
  },
  reconcile(key, view): Plan {
    const { namespace, name } = splitKey(key);
    const service = view.get('services', namespace, name);
    const present = view.get(ENDPOINTS, namespace, name);
    if (service === undefined || isDeleted(service)) {
      const isOurs = present !== undefined && !isDeleted(present) && Object.entries(MANAGED).every(([label, value]) => present.metadata.labels?.[label] === value);
      return isOurs ? { writes: [{ kind: 'delete', resource: ENDPOINTS, object: present, why: 'its service is gone' }] } : NOTHING;
    }
    const { selector, type, clusterIP } = specOf<ServiceSpec>(service);
    if (selector === undefined || type === 'ExternalName') return NOTHING;
    const { subsets, isCut } = subsetsOf(service, view);
    const labels = { ...service.metadata.labels, ...MANAGED, ...(clusterIP === 'None' ? { [HEADLESS]: '' } : {}) };
    const annotations = isCut ? { [CUT]: 'truncated' } : undefined;
    if (present === undefined) {
      return { writes: [{ kind: 'create', resource: ENDPOINTS, object: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels, ...(annotations === undefined ? {} : { annotations }) }, ...(subsets.length === 0 ? {} : { subsets }) }, why: 'a service has it' }] };
    }
    if (same(present['subsets'] ?? [], subsets) && same(present.metadata.labels, labels) && same(present.metadata.annotations, annotations)) return NOTHING;
    const { annotations: _old, ...metadata } = present.metadata;
    return { writes: [{ kind: 'update', resource: ENDPOINTS, object: { ...present, metadata: { ...metadata, labels, ...(annotations === undefined ? {} : { annotations }) }, subsets }, why: 'pods came, went, or changed' }] };
  },
};

function subsetsOf(service: KubeObject, view: View): { readonly subsets: readonly Subset[]; readonly isCut: boolean } {
  const { ports = [], publishNotReadyAddresses = false } = specOf<ServiceSpec>(service);
  const groups = new Map<string, Subset>();
  const pods = podsOf(service, view).filter((pod) => !isFinished(pod) && (!isDeleted(pod) || publishNotReadyAddresses) && (statusOf(pod).podIP ?? '') !== '');
  for (const pod of pods.toSorted((a, b) => ((statusOf(a).podIP ?? '') < (statusOf(b).podIP ?? '') ? -1 : 1)).slice(0, MOST)) {
    // A port without a name has none here.
    const own = ports.flatMap((port) => portOf(pod, port)).map((port) => Object.fromEntries(Object.entries(port).filter(([, value]) => value !== '')));
    if (ports.length > 0 && own.length === 0) continue;
    const group = groups.get(JSON.stringify(own)) ?? (own.length === 0 ? {} : { ports: own });
    groups.set(JSON.stringify(own), group);
    if (isReady(pod) || publishNotReadyAddresses) (group.addresses ??= []).push(addressOf(pod, service));
    else (group.notReadyAddresses ??= []).push(addressOf(pod, service));
  }
  return { subsets: [...groups.values()], isCut: pods.length > MOST };
}

function addressOf(pod: KubeObject, service: KubeObject): Address {
  const { nodeName, hostname, subdomain } = specOf<{ nodeName?: string; hostname?: string; subdomain?: string }>(pod);
  const { name, namespace, uid } = pod.metadata;
  return {
    ip: statusOf(pod).podIP ?? '', ...(hostname === undefined || subdomain !== service.metadata.name ? {} : { hostname }), ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, uid },
  };
}
