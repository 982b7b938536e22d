import type { Json } from '#base/json.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { objectOf, objectsOf } from '../admission/pod-spec.ts';
import type { ObjectView } from '../object-view.ts';
import { badRequest, notFound } from '../refusals.ts';
import { serviceBackend, servicePort } from '../service-backend.ts';
import { StatusError } from '../status.ts';

/** Who stands behind `.../proxy`, and how he is spoken to. */
export interface ProxyTarget {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
}

export interface ProxyPath {
  /** Of the proxy itself, without a slash at its end. */
  readonly prefix: string;
  /** Behind it, as it was written; empty without even a slash. */
  readonly rest: string;
}

const DEFAULT_PORT = { http: 80, https: 443 } as const;

interface Named {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  readonly port: string;
}

/** `name`, `name:port` or `scheme:name:port` (apimachinery, pkg/util/net/port_split.go). */
function splitName(text: string): Named | undefined {
  const parts = text.split(':');
  const [scheme, name, port] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === undefined || name === '' || !['', 'http', 'https'].includes(scheme ?? '')) return undefined;
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' };
}

/** @throws StatusError where no such pod has an address */
export function podTarget(view: ObjectView, of: ResourceDefinition, namespace: string, text: string): ProxyTarget {
  const named = splitName(text);
  if (named === undefined) throw badRequest(`invalid pod request ${JSON.stringify(text)}`);
  const pod = view.get('pods', namespace, named.name);
  if (pod === undefined) throw notFound(of, named.name);
  const host = objectOf(pod['status'] as Json | undefined)['podIP'];
  if (typeof host !== 'string' || !isProxyable(host)) throw badRequest('address not allowed');
  const [first] = objectsOf(objectOf(pod['spec'] as Json | undefined)['containers']).flatMap(({ ports }) => objectsOf(ports));
  const port = named.port === '' ? Number(first?.['containerPort'] ?? DEFAULT_PORT[named.scheme]) : Number(named.port);
  if (!isPort(port)) throw badRequest(`invalid pod request ${JSON.stringify(text)}`);
  return { isTls: named.scheme === 'https', host, port };
}

/** @param turn a number that chooses among several @throws StatusError where nobody is ready behind the service */
export function serviceTarget(view: ObjectView, of: ResourceDefinition, namespace: string, text: string, turn: number): ProxyTarget {
  const named = splitName(text);
  if (named === undefined) throw badRequest(`invalid service request ${JSON.stringify(text)}`);
  const service = view.get('services', namespace, named.name);
  if (service === undefined) throw notFound(of, named.name);
  const [only, ...others] = objectsOf(objectOf(service['spec'] as Json | undefined)['ports']);
  // Without a port it is the one without a name, or the only one.
  const port = named.port === '' ? (others.length === 0 ? only : [only, ...others].find((each) => (each?.['name'] ?? '') === '')) : servicePort(service, /^\d+$/.test(named.port) ? Number(named.port) : named.port);
  if (port === undefined) throw new StatusError('unavailable', `no service port ${JSON.stringify(named.port)} found for service ${JSON.stringify(named.name)}`);
  const backend = serviceBackend(view, service, port, turn);
  if (backend === undefined) throw new StatusError('unavailable', `no endpoints available for service ${JSON.stringify(named.name)}`);
  if (!isProxyable(backend.host)) throw badRequest('address not allowed');
  return { isTls: named.scheme === 'https', ...backend };
}

/** The two parts of `/api/v1/.../proxy/...`. @param path not decoded */
export function proxyPath(path: string): ProxyPath {
  const parts = path.split('/');
  // Before it: the empty one, api, v1, a namespace in two parts unless it is of a node, the plural and the name.
  const at = parts[3] === 'namespaces' && parts.length > 7 ? 7 : 5;
  return { prefix: parts.slice(0, at + 1).join('/'), rest: parts.length === at + 1 ? '' : `/${parts.slice(at + 1).join('/')}` };
}

/** Nobody reaches the node's own doors by naming them in an endpoint (apiserver, pkg/util/proxy: loopback, link-local, multicast, none). */
export function isProxyable(host: string): boolean {
  return host !== '' && !/^(?:0\.|127\.|169\.254\.|2(?:2[4-9]|[3-5]\d)\.|::1?$|::ffff:|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)/i.test(host);
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;
