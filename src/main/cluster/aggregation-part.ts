import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { metricsResources } from '#cluster/agent/metrics-api.ts';
import { Aggregator } from '#cluster/api/aggregation/aggregator.ts';
import { API_SERVICES, type RemoteApi } from '#cluster/api/aggregation/remote-api.ts';
import { groupVersionIn } from '#cluster/api/aggregation/remote-path.ts';
import type { ApiRequest } from '#cluster/api/api-request.ts';
import { AggregatedClient } from '#cluster/api/edge/aggregated-client.ts';
import { SERVICE_BACKEND_RESOURCES, SERVICE_NAME, SLICES } from '#cluster/api/service-backend.ts';
import { StatusError } from '#cluster/api/status.ts';
import { apiRegistration } from '#cluster/controllers/api-registration.ts';
import { extensionAuthentication } from '#cluster/controllers/extension-authentication.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import { FRONT_PROXY_NAME, type ClusterPki } from './pki.ts';

/** Servers of other groups behind the API. */
export interface AggregationPart extends ClusterPart {
  readonly apis: Aggregator;
  /** Who serves what a path names, where it is another. */
  remote(path: string): RemoteApi | undefined;
  /** @throws StatusError unavailable where nobody takes the connection up */
  connect(remote: RemoteApi, request: ApiRequest, incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

export function aggregationPart({ view, clock, timers, random, runtime, local, resource, registry, log }: ClusterCore, pki: ClusterPki): AggregationPart {
  const servers = new AggregatedClient(pki.frontProxy.client);
  for (const name of SERVICE_BACKEND_RESOURCES) runtime.cache(name);
  const apis = new Aggregator({
    view, servers, clock, timers, random, log: (line) => log(`cluster: ${line}`),
    keep: async (registration) => void await local.update(resource('apiservices', 'apiregistration.k8s.io'), registration, 'status'),
  });
  runtime.cache(API_SERVICES).onChange((object, previous) => apis.registrationChanged(object, previous));
  runtime.cache('services').onChange(({ metadata }) => apis.serviceChanged(metadata.namespace, metadata.name));
  runtime.cache(SLICES).onChange(({ metadata: { namespace, labels } }) => apis.serviceChanged(namespace, labels?.[SERVICE_NAME] ?? ''));
  // What it serves by definitions tells of itself.
  const builtIn = (): readonly { readonly group: string; readonly version: string }[] => {
    const all = registry.list().filter(({ custom }) => custom === undefined).map(({ group, version }) => [`${group}/${version}`, { group, version }] as const);
    return [...new Map(all).values()];
  };
  runtime.add(apiRegistration(builtIn, new Set(metricsResources.map(({ group }) => group))));
  runtime.add(extensionAuthentication({ clientCa: pki.ca, proxyCa: pki.frontProxy.ca, proxyName: FRONT_PROXY_NAME }));
  return {
    name: 'aggregated APIs', apis,
    remote: (path) => {
      const named = groupVersionIn(path);
      return named === undefined ? undefined : apis.find(named.group, named.version);
    },
    async connect(remote, request, incoming, socket, head) {
      const target = apis.target(remote, request);
      if (target === undefined) throw new StatusError('unavailable', 'service unavailable');
      await servers.connect(target, request, incoming, socket, head);
    },
    open: () => apis.open(),
    close() {
      apis.close();
      servers.close();
    },
  };
}
