import type { JsonObject } from '#base/json.ts';
import { same } from '#cluster/api/same.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type Write } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';
import { SKIP_MIRROR } from './endpoint-mirror.ts';
import { SERVICE_NAME } from './service-shape.ts';

/** A service that the cluster itself provides: not by pods, but by processes of its nodes. */
export interface BuiltInService {
  readonly namespace: string;
  readonly name: string;
  readonly clusterIp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name: string; readonly protocol: 'TCP' | 'UDP'; readonly port: number; readonly targetPort: number }[];
  /** Where the processes listen. */
  readonly addresses: readonly string[];
}

const SLICES = 'discovery.k8s.io/endpointslices';

/** Sees to it that services which a cluster can't be without are there: whoever deletes one gets it back. */
export function builtInServices(all: readonly BuiltInService[]): Controller {
  return {
    name: 'built-in-services', reads: ['namespaces', 'services', SLICES, 'endpoints'], writes: ['services', SLICES, 'endpoints'],
    keysFor: (resource, object) => all.filter(({ namespace, name }) => resource === 'namespaces' ? namespace === object.metadata.name : keyOf(object) === `${namespace}/${name}`).map(({ namespace, name }) => `${namespace}/${name}`),
    reconcile(key, view): Plan {
      const { namespace, name } = splitKey(key);
      const wanted = all.find((each) => each.namespace === namespace && each.name === name);
      const place = view.get('namespaces', undefined, namespace ?? '');
      if (wanted === undefined || place === undefined || isDeleted(place)) return NOTHING;
      const writes: Write[] = [];
      const service = view.get('services', namespace, name);
      if (service === undefined) writes.push({ kind: 'create', resource: 'services', object: { apiVersion: 'v1', kind: 'Service', metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: wanted.labels }, spec: specOf(wanted) }, why: `the cluster has a service ${key}` });
      const slice = view.get(SLICES, namespace, name);
      const content = { ports: wanted.ports.map(({ name: port, protocol, targetPort }) => ({ name: port, protocol, port: targetPort })), endpoints: [{ addresses: wanted.addresses, conditions: { ready: true } }] };
      const body = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ...content };
      if (slice === undefined) writes.push({ kind: 'create', resource: SLICES, object: { ...body, metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { [SERVICE_NAME]: name } } }, why: 'processes of the cluster serve it' });
      else if (!same(slice['ports'], content.ports) || !same(slice['endpoints'], content.endpoints)) writes.push({ kind: 'update', resource: SLICES, object: { ...slice, ...content }, why: 'the processes that serve it listen elsewhere' });
      const subsets = [{ addresses: wanted.addresses.map((ip) => ({ ip })), ports: content.ports }];
      const endpoints = view.get('endpoints', namespace, name);
      if (endpoints === undefined) writes.push({ kind: 'create', resource: 'endpoints', object: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { [SKIP_MIRROR]: 'true' } }, subsets }, why: 'processes of the cluster serve it' });
      else if (!same(endpoints['subsets'], subsets)) writes.push({ kind: 'update', resource: 'endpoints', object: { ...endpoints, subsets }, why: 'the processes that serve it listen elsewhere' });
      return { writes };
    },
  };
}

function specOf({ clusterIp, ports }: BuiltInService): JsonObject {
  return { type: 'ClusterIP', clusterIP: clusterIp, ports: ports.map(({ name, protocol, port, targetPort }) => ({ name, protocol, port, targetPort })) };
}
