import type { KubeObject } from '#cluster/kinds/object.ts';
import { badRequest } from './refusals.ts';

/** A term of a field selector: `spec.nodeName=a`, `status.phase!=Running`. */
export interface FieldTerm {
  readonly path: string;
  readonly equal: boolean;
  readonly value: string;
}

/** The fields by which a kind can be selected, beside its name and namespace (upstream's `ToSelectableFields` of each). */
const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork', 'status.phase', 'status.podIP', 'status.nominatedNodeName'],
  events: ['involvedObject.kind', 'involvedObject.namespace', 'involvedObject.name', 'involvedObject.uid', 'involvedObject.apiVersion', 'involvedObject.resourceVersion', 'involvedObject.fieldPath', 'reason', 'reportingComponent', 'source', 'type'],
  namespaces: ['status.phase'], nodes: ['spec.unschedulable'], secrets: ['type'], services: ['spec.clusterIP', 'spec.type'],
  replicasets: ['status.replicas'], replicationcontrollers: ['status.replicas'], jobs: ['status.successful'], certificatesigningrequests: ['spec.signerName'],
};

/** @throws StatusError invalid, for a field by which this kind is not selected */
export function parseFieldSelector(text: string, plural: string, further: readonly string[] = []): readonly FieldTerm[] {
  const known = ['metadata.name', 'metadata.namespace', ...(Object.hasOwn(SELECTABLE, plural) ? SELECTABLE[plural] ?? [] : []), ...further];
  return text.split(',').filter((term) => term !== '').map((term) => {
    const [, path = '', sign = '', value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (path === '') throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    if (!known.includes(path)) throw badRequest(`field label not supported: ${path}`);
    return { path, equal: sign !== '!=', value };
  });
}

export function matchesFields(terms: readonly FieldTerm[], object: KubeObject): boolean {
  return terms.every(({ path, equal, value }) => (textAt(object, path) === value) === equal);
}

function textAt(object: KubeObject, path: string): string {
  // Of an event it is the component, in whichever of its fields that stands.
  if (path === 'source') return textAt(object, 'source.component') || textAt(object, 'reportingComponent');
  let at: unknown = object;
  for (const step of path.split('.')) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return path.endsWith('unschedulable') || path.endsWith('hostNetwork') ? 'false' : '';
    at = (at as Record<string, unknown>)[step];
  }
  return typeof at === 'object' ? '' : String(at);
}
