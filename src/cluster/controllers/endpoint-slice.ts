import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type View, type Write } from '#cluster/loop/controller.ts';
import { controllerReference, isControlledBy, isDeleted } from './owned.ts';
import { isFinished, isReady, specOf, statusOf } from './pod-shape.ts';
import { podsOf, servicesOf, slicesOf } from './service-indexes.ts';
import { MANAGED_BY, SERVICE_NAME, SLICES, type ServicePort, type ServiceSpec } from './service-shape.ts';

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly nodeName?: string;
  readonly targetRef?: { readonly kind: 'Pod'; readonly name: string; readonly namespace?: string; readonly uid: string };
  readonly hostname?: string;
}

/** What one EndpointSlice says. */
export interface Slice {
  readonly ports: readonly object[];
  readonly endpoints: readonly Endpoint[];
}

const MANAGER = 'endpointslice-controller.k8s.io';
/** Upstream's `--max-endpoints-per-slice`. */
const MOST_PER_SLICE = 100;
/** So that a service with nobody behind it is seen to have been looked at. */
const NOBODY: Slice = { ports: [], endpoints: [] };

/** Writes down for each Service with a selector which pods stand behind it, and whether they serve. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  reads: ['services', 'pods', SLICES],
  writes: [SLICES],
  keysFor(resource, object, view) {
    if (resource === 'services') return [keyOf(object)];
    if (resource === SLICES) return object.metadata.labels?.[MANAGED_BY] === MANAGER ? [`${object.metadata.namespace}/${object.metadata.labels[SERVICE_NAME]}`] : [];
    return servicesOf(object, view).map(keyOf);
  },
  reconcile(key, view): Plan {
    const { namespace, name } = splitKey(key);
    const service = view.get('services', namespace, name);
    const present = slicesOf(namespace, name, MANAGER, view);
    if (service === undefined || isDeleted(service)) return { writes: present.map((slice): Write => ({ kind: 'delete', resource: SLICES, object: slice, why: 'its service is gone' })) };
    const spec = specOf<ServiceSpec>(service);
    if (spec.selector === undefined || spec.type === 'ExternalName') return NOTHING;
    return { writes: planSlices({ owner: service, manager: MANAGER }, present, wantedSlices(service, view)) };
  },
};

/** One list of endpoints for each set of port numbers: pods may give one name different numbers. */
function wantedSlices(service: KubeObject, view: View): Slice[] {
  const spec = specOf<ServiceSpec>(service);
  const groups = new Map<string, { ports: readonly object[]; endpoints: Endpoint[] }>();
  for (const pod of podsOf(service, view)) {
    const endpoint = !isFinished(pod) ? endpointOf(pod, service) : undefined;
    if (endpoint === undefined) continue;
    const ports = (spec.ports ?? []).flatMap((port) => portOf(pod, port));
    const group = groups.get(JSON.stringify(ports)) ?? { ports, endpoints: [] };
    group.endpoints.push(endpoint);
    groups.set(JSON.stringify(ports), group);
  }
  if (groups.size === 0) return [NOBODY];
  return [...groups.values()].flatMap(({ ports, endpoints }) => {
    const sorted = endpoints.sort((a, b) => ((a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1));
    return Array.from({ length: Math.ceil(sorted.length / MOST_PER_SLICE) }, (_, at) => ({ ports, endpoints: sorted.slice(at * MOST_PER_SLICE, (at + 1) * MOST_PER_SLICE) }));
  });
}

function endpointOf(pod: KubeObject, service: KubeObject): Endpoint | undefined {
  const spec = specOf<ServiceSpec>(service);
  const { podIP } = statusOf(pod);
  if (podIP === undefined || podIP === '') return undefined;
  const { metadata } = pod;
  const terminating = isDeleted(pod);
  const serving = isReady(pod);
  const { nodeName, hostname, subdomain } = specOf<{ nodeName?: string; hostname?: string; subdomain?: string }>(pod);
  return {
    addresses: [podIP], conditions: { ready: (serving && !terminating) || spec.publishNotReadyAddresses === true, serving, terminating }, ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), uid: metadata.uid },
    // The names of a pod are those in the one service that it names.
    ...(hostname === undefined || subdomain !== service.metadata.name ? {} : { hostname }),
  };
}

/** Nothing where the pod has no port of that name. */
export function portOf(pod: KubeObject, { name = '', protocol = 'TCP', port, targetPort, appProtocol }: ServicePort): object[] {
  const number = typeof targetPort === 'string' && !/^\d+$/.test(targetPort) ? namedPort(pod, targetPort, protocol) : Number(targetPort ?? port) || port;
  return number === undefined ? [] : [{ name, protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) }];
}

function namedPort(pod: KubeObject, name: string, protocol: string): number | undefined {
  const { containers = [], initContainers = [] } = specOf<{ containers?: readonly PodContainer[]; initContainers?: readonly PodContainer[] }>(pod);
  return [...containers, ...initContainers].flatMap(({ ports = [] }) => ports).find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort;
}

interface PodContainer {
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly containerPort: number }[];
}

/** Whose slices they are, and who writes them. */
export interface SliceOwner {
  readonly owner: KubeObject;
  readonly manager: string;
}

/** What is there already stays; other slices take what is left, in their order: names stay, and only what differs is written. */
export function planSlices({ owner, manager }: SliceOwner, present: readonly KubeObject[], wanted: readonly Slice[]): Write[] {
  const unused = [...present];
  const writes: Write[] = [];
  const missing = wanted.filter((slice) => {
    const there = unused.findIndex((each) => same(each['ports'], slice.ports) && same(each['endpoints'], slice.endpoints));
    if (there >= 0) unused.splice(there, 1);
    return there < 0;
  });
  for (const slice of missing) {
    const alike = unused.findIndex((each) => same(each['ports'], slice.ports));
    // One that is empty serves for anything, and anything for one that is empty.
    const at = alike >= 0 ? alike : slice === NOBODY ? unused.length - 1 : unused.findIndex((each) => (each['endpoints'] as readonly unknown[]).length === 0);
    const [taken] = at < 0 ? [] : unused.splice(at, 1);
    if (taken === undefined) writes.push({ kind: 'create', resource: SLICES, object: newSlice(owner, manager, slice), why: `${slice.endpoints.length} pods stand behind the service` });
    else if (!same(taken['endpoints'], slice.endpoints) || !same(taken['ports'], slice.ports)) writes.push({ kind: 'update', resource: SLICES, object: { ...taken, endpoints: slice.endpoints, ports: slice.ports }, why: 'pods came, went, or changed' });
  }
  return [...writes, ...unused.map((slice): Write => ({ kind: 'delete', resource: SLICES, object: slice, why: 'no pod is in it any more' }))].filter((write) => write.kind !== 'delete' || isControlledBy(write.object, owner));
}

function newSlice(owner: KubeObject, manager: string, { ports, endpoints }: Slice): Extract<Write, { kind: 'create' }>['object'] {
  const { metadata } = owner;
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: endpoints[0]?.addresses[0]?.includes(':') === true ? 'IPv6' : 'IPv4', ports, endpoints,
    metadata: {
      generateName: `${metadata.name}-`, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), labels: { ...metadata.labels, [SERVICE_NAME]: metadata.name, [MANAGED_BY]: manager },
      ownerReferences: [controllerReference(owner)],
    },
  };
}
