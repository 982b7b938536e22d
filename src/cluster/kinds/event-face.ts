import { joinApiVersion } from './api-groups.ts';
import type { KubeObject } from './object.ts';
import type { ResourceFace } from './resource-definition.ts';

/** Names of fields in `v1`, and what `events.k8s.io/v1` calls them (pkg/apis/events/v1/conversion.go). */
const NAMES: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'], ['message', 'note'], ['source', 'deprecatedSource'], ['firstTimestamp', 'deprecatedFirstTimestamp'], ['lastTimestamp', 'deprecatedLastTimestamp'], ['count', 'deprecatedCount'], ['reportingComponent', 'reportingController'],
];
const TO_NEW = new Map(NAMES);
const TO_OLD = new Map(NAMES.map(([old, next]) => [next, old]));
const SUBJECT = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** Events have two groups that show the same objects; they are kept as those of `v1`. */
export const eventFace: ResourceFace = {
  group: '', plural: 'events',
  shown: (stored) => renamed(stored, TO_NEW, joinApiVersion('events.k8s.io', 'v1')),
  stored: (shown) => renamed(shown, TO_OLD, 'v1'),
  selectable: [...SUBJECT.map((field) => `regarding.${field}`), 'reason', 'reportingController', 'type'],
};

function renamed({ apiVersion: _version, kind, ...fields }: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  return { apiVersion, kind, ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [names.get(name) ?? name, value])) } as KubeObject;
}
