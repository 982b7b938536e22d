import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { objectOf, objectsOf, textOf } from './admission/pod-spec.ts';
import type { ObjectView } from './object-view.ts';

export const SLICES = 'discovery.k8s.io/endpointslices';
export const SERVICE_NAME = 'kubernetes.io/service-name';

/** Resources that have to be at hand for it. */
export const SERVICE_BACKEND_RESOURCES: readonly string[] = ['services', SLICES];

/** The port of a service with this number or name. */
export function servicePort(service: KubeObject, wanted: number | string): JsonObject | undefined {
  return objectsOf(objectOf(service['spec'] as Json | undefined)['ports']).find((each) => each['port'] === wanted || each['name'] === wanted);
}

/** One of those who are ready behind a port of a service, without the way over its address. @param turn a number that chooses among several */
export function serviceBackend(view: ObjectView, { metadata }: KubeObject, port: JsonObject, turn: number): { readonly host: string; readonly port: number } | undefined {
  const found = view.list(SLICES, metadata.namespace).filter(({ metadata: { labels } }) => labels?.[SERVICE_NAME] === metadata.name).flatMap((slice) => {
    const at = objectsOf(slice['ports'] as Json | undefined).find((each) => (each['name'] ?? '') === (port['name'] ?? ''))?.['port'];
    return typeof at !== 'number' ? [] : objectsOf(slice['endpoints'] as Json | undefined).filter((endpoint) => objectOf(endpoint['conditions'])['ready'] !== false).flatMap(({ addresses }) => (Array.isArray(addresses) ? (addresses as readonly Json[]).map((host) => ({ host: textOf(host), port: at })) : []));
  });
  return found[turn % Math.max(found.length, 1)];
}
