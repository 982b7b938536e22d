import type { Json, JsonObject } from '#base/json.ts';
import { GantryError } from '#base/error.ts';
import type { ObjectView } from '../../object-view.ts';
import { serviceBackend, servicePort } from '../../service-backend.ts';
import { objectOf, textOf } from '../pod-spec.ts';
import type { WebhookTarget } from './webhook-port.ts';

const HTTPS = 443;

/** Where a client configuration leads: to a URL, or to one who stands behind a service. @param turn a number that chooses among several @throws GantryError unavailable where nobody does */
export function targetOf(view: ObjectView, config: JsonObject, turn: number): WebhookTarget {
  const bundle = config['caBundle'];
  const authority = typeof bundle === 'string' && bundle !== '' ? { authority: new TextDecoder().decode(Uint8Array.fromBase64(bundle)) } : {};
  if (typeof config['url'] === 'string' && config['url'] !== '') {
    const url = new URL(config['url']);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return { host, port: url.port === '' ? HTTPS : Number(url.port), serverName: host, path: `${url.pathname}${url.search}`, url: url.href, ...authority };
  }
  const service = objectOf(config['service']);
  const [namespace, name, port] = [textOf(service['namespace']), textOf(service['name']), typeof service['port'] === 'number' ? service['port'] : HTTPS];
  const serverName = `${name}.${namespace}.svc`;
  const path = typeof service['path'] === 'string' && service['path'] !== '' ? `/${service['path'].replace(/^\//, '')}` : '/';
  return { ...backendOf(view, namespace, name, port, turn), serverName, path, url: `https://${serverName}:${port}${path}`, ...authority };
}

/** One of those that are ready, without the way over the service's address. */
function backendOf(view: ObjectView, namespace: string, name: string, port: number, turn: number): { readonly host: string; readonly port: number } {
  const service = view.get('services', namespace, name);
  if (service === undefined) throw new GantryError('unavailable', `service ${JSON.stringify(name)} not found`);
  const spec = objectOf(service['spec'] as Json | undefined);
  if (spec['type'] === 'ExternalName') return { host: textOf(spec['externalName']), port };
  const wanted = servicePort(service, port);
  if (wanted === undefined) throw new GantryError('unavailable', `service port ${port} not found in service ${JSON.stringify(name)}`);
  const chosen = serviceBackend(view, service, wanted, turn);
  if (chosen === undefined) throw new GantryError('unavailable', `no endpoints available for service ${JSON.stringify(name)}`);
  return chosen;
}
