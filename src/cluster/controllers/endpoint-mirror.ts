import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan } from '#cluster/loop/controller.ts';
import { planSlices, type Endpoint, type Slice } from './endpoint-slice.ts';
import { isDeleted } from './owned.ts';
import { specOf } from './pod-shape.ts';
import { slicesOf } from './service-indexes.ts';
import { MANAGED_BY, SERVICE_NAME, SLICES, type ServiceSpec } from './service-shape.ts';

const ENDPOINTS = 'endpoints';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
/** On Endpoints whose slices somebody else writes. */
export const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** Of each subset (upstream's `--mirroring-max-endpoints-per-subset`). */
const MOST = 1000;

interface Address {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: Endpoint['targetRef'];
}

interface Subset {
  readonly addresses?: readonly Address[];
  readonly notReadyAddresses?: readonly Address[];
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string; readonly appProtocol?: string }[];
}

/** Endpoints that people write for a service without a selector, as the slices that the proxy reads (kubernetes.io, "EndpointSlice mirroring"). */
export const endpointMirrorController: Controller = {
  name: 'endpointslice-mirroring-controller', reads: ['services', ENDPOINTS, SLICES], writes: [SLICES],
  keysFor: (resource, object) => (resource !== SLICES ? [keyOf(object)] : object.metadata.labels?.[MANAGED_BY] === MANAGER ? [`${object.metadata.namespace}/${object.metadata.labels[SERVICE_NAME]}`] : []),
  reconcile(key, view): Plan {
    const { namespace, name } = splitKey(key);
    const endpoints = view.get(ENDPOINTS, namespace, name);
    const service = view.get('services', namespace, name);
    const present = slicesOf(namespace, name, MANAGER, view);
    const isMirrored = endpoints !== undefined && !isDeleted(endpoints) && service !== undefined && !isDeleted(service) && specOf<ServiceSpec>(service).selector === undefined
      && endpoints.metadata.labels?.[SKIP_MIRROR] !== 'true' && endpoints.metadata.annotations?.[LEADER] === undefined;
    if (isMirrored) return { writes: planSlices({ owner: endpoints, manager: MANAGER }, present, mirrored(endpoints)) };
    return present.length === 0 ? NOTHING : { writes: present.map((slice) => ({ kind: 'delete', resource: SLICES, object: slice, why: 'what it mirrors is gone' })) };
  },
};

function mirrored(endpoints: KubeObject): Slice[] {
  const subsets = (endpoints['subsets'] ?? []) as readonly Subset[];
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }): Slice[] => {
    const all = [...addresses.map((address) => endpointOf(address, true)), ...notReadyAddresses.map((address) => endpointOf(address, false))].slice(0, MOST);
    const own = ports.map(({ name = '', protocol = 'TCP', port, appProtocol }) => ({ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }));
    // A slice is of one family.
    return [all.filter(isIpv4), all.filter((endpoint) => !isIpv4(endpoint))].filter((each) => each.length > 0).map((each) => ({ ports: own, endpoints: each }));
  });
}

function endpointOf({ ip, hostname, nodeName, targetRef }: Address, ready: boolean): Endpoint {
  return { addresses: [ip], conditions: { ready }, ...(hostname === undefined ? {} : { hostname }), ...(nodeName === undefined ? {} : { nodeName }), ...(targetRef === undefined ? {} : { targetRef }) };
}

const isIpv4 = ({ addresses }: Endpoint): boolean => addresses[0]?.includes(':') !== true;
