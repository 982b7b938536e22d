import { timeText } from '#cluster/kinds/object.ts';
import type { NewObject, Write } from './controller.ts';

/** A `v1` Event about an object, as `kubectl describe` shows it. */
export function eventObject(component: string, { about, fieldPath, type, reason, message }: Extract<Write, { kind: 'event' }>, nowMs: number): NewObject {
  const { metadata } = about;
  const time = timeText(nowMs);
  return {
    apiVersion: 'v1', kind: 'Event', metadata: { generateName: `${metadata.name.slice(0, 50)}.`, namespace: metadata.namespace ?? 'default' },
    involvedObject: { kind: about.kind, apiVersion: about.apiVersion, name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), uid: metadata.uid, resourceVersion: metadata.resourceVersion, ...(fieldPath === undefined ? {} : { fieldPath }) },
    reason, message, type, source: { component }, firstTimestamp: time, lastTimestamp: time, count: 1, reportingComponent: component, reportingInstance: '',
  };
}
