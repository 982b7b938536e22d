import type { KubeObject } from '#cluster/kinds/object.ts';
import type { NameResolver } from '#container/engine/port.ts';
import type { Alias } from '#net/dns/alias.ts';
import { addressOfPointer, RCODE, TYPE, type Answer, type Query, type Resource } from '#net/dns/message.ts';
import { contains, type Cidr } from '#net/cidr.ts';
import { formatIp, tryParseIp, type Ip } from '#net/ip.ts';
import { contentOf, isReady, type SliceEndpoint } from './service-frontends.ts';

/** What names are made of. A service by its key, `namespace/name`. */
export interface NamedObjects {
  service(namespace: string, name: string): KubeObject | undefined;
  slices(service: string): readonly KubeObject[];
  hasNamespace(name: string): boolean;
  /** A pod of the namespace that has the address. */
  hasPod(namespace: string, address: string): boolean;
  /** Services that have an address, or an endpoint with it. */
  servicesAt(address: string): Iterable<string>;
}

export interface NamesParts {
  readonly objects: NamedObjects;
  /** `cluster.local` */
  readonly zone: string;
  /** Addresses of services: nobody else knows their names. */
  readonly range: Cidr;
}

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly externalName?: string;
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port: number }[];
}

/** One who stands behind a headless service. */
interface Stand {
  readonly host: string;
  readonly ip: Ip;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

/** Pods come and go: who keeps an address for long talks to nobody. */
const TTL_SECONDS = 5;
const SCHEMA_VERSION = '1.1.0';
const NO_SUCH_NAME: Answer = { rcode: RCODE.noSuchName, resources: [], ttlSeconds: TTL_SECONDS };
/** The name is there, and has no record of the type. */
const NOTHING: Answer = { rcode: RCODE.ok, resources: [], ttlSeconds: TTL_SECONDS };

const specOf = (service: KubeObject): ServiceSpec => (service['spec'] ?? {}) as ServiceSpec;
const isHeadless = (service: KubeObject): boolean => specOf(service).clusterIP === 'None';

/** Names of services and pods (kubernetes/dns, specification.md, version 1.1.0). Nobody else is asked about the cluster's zone. */
export function clusterNames({ objects, zone, range }: NamesParts): NameResolver {
  const names = new ClusterNames(objects, zone);
  return (query, turn) => {
    if (query.type === TYPE.ptr) return names.pointer(query.name) ?? (isOfRange(query.name, range) ? NO_SUCH_NAME : undefined);
    if (query.name !== zone && !query.name.endsWith(`.${zone}`)) return undefined;
    return names.forward(query, query.name === zone ? [] : query.name.slice(0, -zone.length - 1).split('.'), turn);
  };
}

class ClusterNames {
  readonly #objects: NamedObjects;
  readonly #zone: string;

  constructor(objects: NamedObjects, zone: string) {
    this.#objects = objects;
    this.#zone = zone;
  }

  /** @param labels those before the zone's */
  forward(query: Query, labels: readonly string[], turn: number): Answer | Alias {
    const kind = labels.at(-1);
    const namespace = labels.at(-2);
    if (kind === undefined) return NOTHING;
    if (kind === 'dns-version' && labels.length === 1) return query.type === TYPE.txt ? { ...NOTHING, resources: [{ kind: 'text', text: SCHEMA_VERSION }] } : NOTHING;
    if (kind !== 'svc' && kind !== 'pod') return NO_SUCH_NAME;
    if (namespace === undefined) return NOTHING;
    if (labels.length === 2) return this.#objects.hasNamespace(namespace) ? NOTHING : NO_SUCH_NAME;
    if (kind === 'pod') return this.#pod(query, namespace, labels);
    const name = labels.at(-3) ?? '';
    const service = this.#objects.service(namespace, name);
    if (service === undefined) return NO_SUCH_NAME;
    return this.#service(query, service, labels.slice(0, -3), turn);
  }

  pointer(name: string): Answer | undefined {
    const ip = tryParseIp(addressOfPointer(name) ?? '');
    if (ip === undefined) return undefined;
    const address = formatIp(ip);
    const found: Resource[] = [];
    for (const key of this.#objects.servicesAt(address)) {
      const [namespace = '', serviceName = ''] = key.split('/');
      const service = this.#objects.service(namespace, serviceName);
      if (service === undefined) continue;
      if (specOf(service).clusterIP === address) found.push({ kind: 'pointer', name: this.#nameOf(service) });
      else if (isHeadless(service)) for (const { host, ip: own } of this.#stands(service)) if (formatIp(own) === address) found.push({ kind: 'pointer', name: `${host}.${this.#nameOf(service)}` });
    }
    return found.length === 0 ? undefined : { ...NOTHING, resources: found };
  }

  /** `10-1-0-7.default.pod`: the address is in the name, and told where a pod there has it. */
  #pod({ type }: Query, namespace: string, labels: readonly string[]): Answer {
    const ip = labels.length === 3 ? tryParseIp((labels[0] ?? '').replaceAll('-', '.')) ?? tryParseIp((labels[0] ?? '').replaceAll('-', ':')) : undefined;
    if (ip === undefined || !this.#objects.hasPod(namespace, formatIp(ip))) return NO_SUCH_NAME;
    return addresses([ip], type, 0);
  }

  /** @param prefix what stands before the service's name */
  #service(query: Query, service: KubeObject, prefix: readonly string[], turn: number): Answer | Alias {
    const { type, externalName = '', clusterIP = '' } = specOf(service);
    if (type === 'ExternalName') return prefix.length > 0 ? NO_SUCH_NAME : { target: externalName.replace(/\.$/, '') };
    const [first = '', second = ''] = prefix;
    if (prefix.length === 2 && first.startsWith('_') && second.startsWith('_')) return this.#servers(query, service, first.slice(1), second.slice(1), turn);
    if (prefix.length > 1) return NO_SUCH_NAME;
    if (!isHeadless(service)) {
      if (prefix.length > 0) return NO_SUCH_NAME;
      const ip = tryParseIp(clusterIP);
      return query.type === TYPE.srv ? this.#servers(query, service, undefined, undefined, turn) : ip === undefined ? NOTHING : addresses([ip], query.type, turn);
    }
    const stands = this.#stands(service).filter(({ host }) => prefix.length === 0 || host === first);
    if (stands.length === 0) return NO_SUCH_NAME;
    return query.type === TYPE.srv && prefix.length === 0 ? this.#servers(query, service, undefined, undefined, turn) : addresses(stands.map(({ ip }) => ip), query.type, turn);
  }

  /** @param port its name; undefined: of all ports */
  #servers({ type }: Query, service: KubeObject, port: string | undefined, protocol: string | undefined, turn: number): Answer {
    const matches = (each: { readonly name?: string; readonly protocol?: string }): boolean => port === undefined || ((each.name ?? '') === port && (each.protocol ?? 'TCP').toLowerCase() === protocol);
    const name = this.#nameOf(service);
    const servers = isHeadless(service)
      ? this.#stands(service).flatMap(({ host, ports }) => ports.filter(matches).map((each): Resource => ({ kind: 'server', name: `${host}.${name}`, port: each.port })))
      : (specOf(service).ports ?? []).filter(matches).map((each): Resource => ({ kind: 'server', name, port: each.port }));
    if (servers.length === 0) return NO_SUCH_NAME;
    return type === TYPE.srv || type === TYPE.any ? { ...NOTHING, resources: rotated(servers, turn) } : NOTHING;
  }

  #stands(service: KubeObject): readonly Stand[] {
    const { namespace = '', name } = service.metadata;
    return this.#objects.slices(`${namespace}/${name}`).flatMap((slice) => {
      const { endpoints = [], ports = [] } = contentOf(slice);
      const numbered = ports.flatMap(({ name: portName = '', protocol = 'TCP', port }) => port === undefined ? [] : [{ name: portName, protocol, port }]);
      return endpoints.filter(isReady).flatMap((endpoint) => endpoint.addresses.flatMap((text): Stand[] => {
        const ip = tryParseIp(text);
        return ip === undefined ? [] : [{ host: hostOf(endpoint, ip), ip, ports: numbered }];
      }));
    });
  }

  #nameOf({ metadata }: KubeObject): string {
    return `${metadata.name}.${metadata.namespace ?? ''}.svc.${this.#zone}`;
  }
}

/** The name that the pod has in its service, or one made of its address. */
function hostOf({ hostname }: SliceEndpoint, ip: Ip): string {
  return hostname !== undefined && hostname !== '' ? hostname : formatIp(ip).replaceAll(/[.:]/g, '-');
}

function addresses(all: readonly Ip[], type: number, turn: number): Answer {
  const family = type === TYPE.a ? 4 : type === TYPE.aaaa ? 6 : undefined;
  const wanted = all.filter((ip) => type === TYPE.any || ip.family === family);
  return { ...NOTHING, resources: rotated(wanted.map((ip): Resource => ({ kind: 'address', ip })), turn) };
}

function rotated<T>(all: readonly T[], turn: number): readonly T[] {
  const first = all.length === 0 ? 0 : turn % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

function isOfRange(pointer: string, range: Cidr): boolean {
  const ip = tryParseIp(addressOfPointer(pointer) ?? '');
  return ip !== undefined && contains(range, ip);
}
