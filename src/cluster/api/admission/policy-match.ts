import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionSubject, Operation } from '../admission.ts';
import { matchesLabels, requirementsOf, type LabelSelector } from '../labels.ts';
import type { ObjectView } from '../object-view.ts';
import { objectOf, objectsOf } from './pod-spec.ts';

/** One write, as policies see it. */
export interface Written {
  readonly of: ResourceDefinition;
  readonly operation: Operation;
  readonly subresource: string;
  /** As it will be; of a delete, as it was. */
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
  readonly namespace: KubeObject | undefined;
}

export function writtenOf(view: ObjectView, object: KubeObject, { of, operation, old, options }: AdmissionSubject): Written {
  const { namespace } = object.metadata;
  return { of, operation, subresource: options.subresource ?? '', object, old, namespace: namespace === undefined ? undefined : view.get('namespaces', undefined, namespace) };
}

/** Whether a write is one of those that `admissionregistration.v1.MatchResources` means. */
export function matchesResources(match: JsonObject, written: Written): boolean {
  const rules = objectsOf(match['resourceRules']);
  return (rules.length === 0 || rules.some((rule) => matchesRule(rule, written))) && !objectsOf(match['excludeResourceRules']).some((rule) => matchesRule(rule, written))
    && matchesNamespace(match['namespaceSelector'], written) && selects(match['objectSelector'], written.object, written.old);
}

function matchesRule(rule: JsonObject, { of, operation, subresource, object }: Written): boolean {
  const names = textsOf(rule['resourceNames']);
  const scope = rule['scope'];
  return has(rule['operations'], operation) && has(rule['apiGroups'], of.group) && has(rule['apiVersions'], of.version) && textsOf(rule['resources']).some((pattern) => coversResource(pattern, of.plural, subresource))
    && (names.length === 0 || names.includes(object.metadata.name)) && (scope === undefined || scope === '*' || (scope === 'Namespaced') === of.namespaced);
}

/** `*` is every resource without its subresources, `*` + `/*` all of both. */
function coversResource(pattern: string, plural: string, subresource: string): boolean {
  const [resource = '', sub = ''] = pattern.split('/');
  return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource);
}

/** What is in no namespace is selected by none; a namespace itself by its own labels. */
function matchesNamespace(selector: Json | undefined, { of, object, namespace }: Written): boolean {
  if (of.group === '' && of.plural === 'namespaces') return selects(selector, object, undefined);
  return !of.namespaced || namespace === undefined || selects(selector, namespace, undefined);
}

function selects(selector: Json | undefined, object: KubeObject, old: KubeObject | undefined): boolean {
  if (selector === undefined || selector === null) return true;
  const requirements = requirementsOf(objectOf(selector) as LabelSelector);
  return [object, ...(old === undefined ? [] : [old])].some(({ metadata }) => matchesLabels(requirements, metadata.labels ?? {}));
}

const textsOf = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? (value as readonly Json[]).filter((each): each is string => typeof each === 'string') : []);

function has(value: Json | undefined, wanted: string): boolean {
  const list = textsOf(value);
  return list.includes('*') || list.includes(wanted);
}
