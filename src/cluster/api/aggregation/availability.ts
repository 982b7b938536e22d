import type { Json, JsonObject } from '#base/json.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { objectOf, objectsOf, textOf } from '../admission/pod-spec.ts';
import type { ObjectView } from '../object-view.ts';
import { SERVICE_NAME, SLICES } from '../service-backend.ts';
import { same } from '../same.ts';
import { AVAILABLE, type RemoteApi } from './remote-api.ts';

/** What is known of a server, as the condition `Available` tells it. */
export interface Availability {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };
export const LOCAL: Availability = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };

/** Why a server can't be reached, as far as the objects say: in the words of kube-aggregator (pkg/controllers/status/remote). */
export function unreachable(view: ObjectView, { namespace, service: name, port }: RemoteApi): Availability | undefined {
  const fault = (reason: string, message: string): Availability => ({ status: 'False', reason, message });
  const service = view.get('services', namespace, name);
  if (service === undefined) return fault('ServiceNotFound', `service/${name} in ${JSON.stringify(namespace)} is not present`);
  const spec = objectOf(service['spec'] as Json | undefined);
  if (spec['type'] !== 'ClusterIP') return undefined;
  const listening = objectsOf(spec['ports']).find((each) => each['port'] === port);
  if (listening === undefined) return fault('ServicePortError', `service/${name} in ${JSON.stringify(namespace)} is not listening on port ${port}`);
  const portName = typeof listening['name'] === 'string' ? listening['name'] : '';
  const slices = view.list(SLICES, namespace).filter(({ metadata: { labels } }) => labels?.[SERVICE_NAME] === name);
  if (slices.length === 0) return fault('EndpointsNotFound', `cannot find endpointslices for service/${name} in ${JSON.stringify(namespace)}`);
  if (slices.some((slice) => hasReady(slice, portName))) return undefined;
  return fault('MissingEndpoints', `endpointslices for service/${name} in ${JSON.stringify(namespace)} have no addresses with port name ${JSON.stringify(portName)}`);
}

function hasReady(slice: KubeObject, portName: string): boolean {
  return objectsOf(slice['endpoints'] as Json | undefined).some((endpoint) => objectOf(endpoint['conditions'])['ready'] !== false)
    && objectsOf(slice['ports'] as Json | undefined).some(({ name, port }) => (name ?? '') === portName && typeof port === 'number');
}

/** The registration with what is known now. @returns undefined where that is what it says */
export function withAvailability(registration: KubeObject, { status, reason, message }: Availability, nowMs: number): KubeObject | undefined {
  const known = objectOf(registration['status'] as Json | undefined);
  const conditions = objectsOf(known['conditions']);
  const before = conditions.find(({ type }) => type === AVAILABLE);
  const since = before !== undefined && before['status'] === status ? textOf(before['lastTransitionTime']) : timeText(nowMs);
  const condition: JsonObject = { type: AVAILABLE, status, lastTransitionTime: since, reason, message };
  if (before !== undefined && same(before, condition)) return undefined;
  return { ...registration, status: { ...known, conditions: [...conditions.filter(({ type }) => type !== AVAILABLE), condition] } };
}
