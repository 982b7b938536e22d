import type { Json } from '#base/json.ts';
import { objectOf } from '../admission/pod-spec.ts';
import type { ObjectView } from '../object-view.ts';
import { isProxyable } from '../proxy/proxy-target.ts';
import { serviceBackend, servicePort } from '../service-backend.ts';
import { StatusError } from '../status.ts';
import type { RemoteApi } from './remote-api.ts';

/** Whom a request to an aggregated API is led to, and who he has to be. */
export interface AggregatedTarget {
  /** An address; of a service that is another's name, that name: what it leads to is looked at when it is. */
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly isInsecure: boolean;
  readonly authority?: string;
}

/** One of those that are ready behind the service, and nobody else. @param turn a number that chooses among several @throws StatusError unavailable */
export function aggregatedTarget(view: ObjectView, { namespace, service: name, port, isInsecure, authority }: RemoteApi, turn: number): AggregatedTarget {
  const { host, port: at } = backendOf(view, namespace, name, port, turn);
  if (!isProxyable(host)) throw new StatusError('unavailable', `address not allowed: ${host}`);
  return { host, port: at, serverName: `${name}.${namespace}.svc`, isInsecure, ...(authority === undefined ? {} : { authority }) };
}

function backendOf(view: ObjectView, namespace: string, name: string, port: number, turn: number): { readonly host: string; readonly port: number } {
  const service = view.get('services', namespace, name);
  if (service === undefined) throw new StatusError('unavailable', `service ${JSON.stringify(name)} not found`);
  const spec = objectOf(service['spec'] as Json | undefined);
  if (spec['type'] === 'ExternalName') return { host: typeof spec['externalName'] === 'string' ? spec['externalName'] : '', port };
  const wanted = servicePort(service, port);
  if (wanted === undefined) throw new StatusError('unavailable', `no service port ${port} found for service ${JSON.stringify(name)}`);
  const chosen = serviceBackend(view, service, wanted, turn);
  if (chosen === undefined) throw new StatusError('unavailable', `no endpoints available for service ${JSON.stringify(name)}`);
  return chosen;
}
