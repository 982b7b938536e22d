import type { Clock, Timers } from '#base/clock.ts';
import { GantryError, isKind } from '#base/error.ts';
import type { Random } from '#base/random.ts';
import { clusterNames } from '#cluster/agent/cluster-names.ts';
import { NameIndex } from '#cluster/agent/name-index.ts';
import type { ClusterZone } from '#cluster/agent/pod-dns.ts';
import { ServiceProxy } from '#cluster/agent/service-proxy.ts';
import { SliceIndex } from '#cluster/agent/slice-index.ts';
import { serviceAllocation } from '#cluster/api/admission/service-allocation.ts';
import type { AdmissionPlugin } from '#cluster/api/admission.ts';
import { Claims } from '#cluster/api/claims.ts';
import type { ObjectStore } from '#cluster/api/object-store.ts';
import type { ObjectView } from '#cluster/api/object-view.ts';
import type { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { ServiceClaims } from '#cluster/api/service-claims.ts';
import { builtInServices, type BuiltInService } from '#cluster/controllers/built-in-services.ts';
import { serviceRules } from '#cluster/kinds/rules/service.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ControllerRuntime } from '#cluster/loop/controller-runtime.ts';
import type { LocalWriter } from '#cluster/loop/local-writer.ts';
import type { NodeEngine } from '#container/engine/port.ts';
import { nthAddress, parseCidr, sizeOf } from '#net/cidr.ts';
import { formatIp } from '#net/ip.ts';
import type { Store } from '#store/store.ts';

export interface NetworkParts {
  readonly engine: NodeEngine;
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly view: ObjectView;
  /** Addresses for services; absent: what the cluster has, or the first range that is free. */
  readonly range?: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: (line: string) => void;
}

/** The network of a cluster on one node. */
export interface ClusterNetwork {
  readonly range: string;
  /** Of the API, where pods find it. */
  readonly apiAddress: string;
  readonly names: ClusterZone;
  readonly plugins: readonly AdmissionPlugin[];
  /** Before the caches are filled. @param apiPort where the API listens at the gateway of the pods' network */
  attach(runtime: ControllerRuntime, options: { readonly node: string; readonly apiPort: number }): ServiceProxy;
  /** Once they are. */
  open(local: LocalWriter): Promise<void>;
  close(): void;
}

/** The first is upstream's; with another engine's cluster on the same host each has its own. */
const RANGES = Array.from({ length: 32 }, (_, index) => `10.${96 + index}.0.0/16`);
const SMALLEST_RANGE = 16n;
const CIDR_NAME = 'kubernetes';
const ZONE = 'cluster.local';

export async function openNetwork(parts: NetworkParts): Promise<ClusterNetwork> {
  const { engine, store, view, clock, timers, random, log } = parts;
  const range = await claimRange(parts);
  const cidr = parseCidr(range);
  const claims = new Claims(store);
  await claims.open();
  const validate = (service: KubeObject, old: KubeObject | undefined) => [...serviceRules.validate?.(service) ?? [], ...(old === undefined ? [] : serviceRules.validateUpdate?.(service, old) ?? [])];
  const released = new ServiceClaims({ claims, services: () => view.list('services'), clock, timers, log });
  const apiAddress = formatIp(nthAddress(cidr, 1));
  const names = { zone: ZONE, server: formatIp(nthAddress(cidr, 10)) };
  const nameServer = await engine.names.listen(engine.info.defaultBridgeAddress, engine.networks.find('bridge').ipv4?.cidr ?? '127.0.0.0/8');
  let proxy: ServiceProxy | undefined;
  let objects: NameIndex | undefined;
  return {
    range, apiAddress, names, plugins: [serviceAllocation({ claims, range: cidr, view, validate, clock, random })],
    attach(runtime, { node, apiPort }) {
      const [services, slices] = [runtime.cache('services'), runtime.cache('discovery.k8s.io/endpointslices')];
      services.onChange((object, previous) => released.onChange(object === previous ? undefined : object, previous));
      const { defaultBridgeAddress: here } = engine.info;
      runtime.add(builtInServices([apiService(apiAddress, here, apiPort), nameService(names.server, here, nameServer.port)]));
      const index = new SliceIndex(slices);
      objects = new NameIndex({ services, slices: index, pods: runtime.cache('pods'), namespaces: runtime.cache('namespaces') });
      proxy = new ServiceProxy({ nodeName: node, range, services, slices: index, engine: engine.services, timers, log: (line) => log(`proxy: ${line}`) });
      return proxy;
    },
    async open(local) {
      await local.create(definition(parts.registry), undefined, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: CIDR_NAME }, spec: { cidrs: [range] } }).catch((thrown: unknown) => {
        if (!isKind(thrown, 'conflict')) throw thrown;
      });
      await released.open();
      await proxy?.open();
      if (objects !== undefined) engine.names.answerWith(clusterNames({ objects, zone: ZONE, range: cidr }));
    },
    close() {
      engine.names.answerWith(undefined);
      nameServer.close();
      proxy?.close();
      released.close();
    },
  };
}

function apiService(clusterIp: string, address: string, apiPort: number): BuiltInService {
  return { namespace: 'default', name: 'kubernetes', clusterIp, labels: { component: 'apiserver', provider: 'kubernetes' }, ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: apiPort }], addresses: [address] };
}

/** For programs that know no other way than this address: pods have a server of their own. */
function nameService(clusterIp: string, address: string, port: number): BuiltInService {
  const ports = [{ name: 'dns', protocol: 'UDP', port: 53, targetPort: port }, { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: port }] as const;
  return { namespace: 'kube-system', name: 'kube-dns', clusterIp, labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' }, ports, addresses: [address] };
}

async function claimRange({ engine, objects, registry, range }: NetworkParts): Promise<string> {
  const present = await objects.find(definition(registry), undefined, CIDR_NAME);
  const [kept] = (present?.['spec'] as { readonly cidrs?: readonly string[] } | undefined)?.cidrs ?? [];
  if (kept !== undefined && range !== undefined && range !== kept) throw new GantryError('conflict', `the services of this cluster have their addresses in ${kept}, not in ${range}`, { hint: 'take the cluster down first: gantry cluster down' });
  const asked = kept ?? range;
  if (asked !== undefined) {
    const { family } = parseCidr(asked);
    if (family !== 4 || sizeOf(parseCidr(asked)) < SMALLEST_RANGE) throw new GantryError('invalid', `${asked} is no range for services: it takes IPv4 and ${SMALLEST_RANGE} addresses at least`);
    await engine.services.claim(asked);
    return asked;
  }
  for (const candidate of RANGES) {
    try {
      await engine.services.claim(candidate);
      return candidate;
    } catch (thrown) {
      if (!isKind(thrown, 'conflict')) throw thrown;
    }
  }
  throw new GantryError('exhausted', `no range is free for services: this host uses all from ${RANGES[0] ?? ''} on`, { hint: 'name one: gantry cluster up --service-cidr 10.200.0.0/16' });
}

function definition(registry: ResourceRegistry): ResourceDefinition {
  return registry.find('networking.k8s.io', 'v1', 'servicecidrs') as ResourceDefinition;
}
