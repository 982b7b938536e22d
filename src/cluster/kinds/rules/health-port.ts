import type { Json, JsonObject } from '#base/json.ts';

/** Whether a balancer asks each node if somebody on it serves, by the spec of a service: what comes from outside is led to those on the node alone. */
export function hasHealthPort(spec: JsonObject): boolean {
  return spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local';
}

/** Where a node says so; 0 where it is not known yet. */
export function healthPortOf(spec: JsonObject): number {
  const port: Json | undefined = spec['healthCheckNodePort'];
  return typeof port === 'number' ? port : 0;
}
