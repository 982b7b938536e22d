import { same } from '#cluster/api/same.ts';
import type { JsonObject } from '#base/json.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { CLEANUP } from '#cluster/kinds/rules/extension.ts';
import { NOTHING, type Controller, type Plan, type ResourceName, type View, type Write } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';

export const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';

interface Names { readonly plural: string; readonly singular?: string; readonly kind: string; readonly listKind?: string; readonly shortNames?: readonly string[] }
interface Spec { readonly group: string; readonly names: Names; readonly versions: readonly { readonly name: string; readonly storage: boolean }[] }
interface Condition { readonly type: string; readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }

const specOf = (definition: KubeObject): Spec => definition['spec'] as Spec;
const resourceOf = (definition: KubeObject): ResourceName => `${specOf(definition).group}/${specOf(definition).names.plural}`;

/**
 * Accepts the names of definitions, which makes them served, and takes their objects away with them.
 * @param served the resources of custom kinds that are served, as they come and go
 */
export function customResourceDefinitions(served: readonly ResourceName[]): Controller {
  return {
    name: 'customresourcedefinition-controller', reads: served, writes: served,
    keysFor(resource, object, view) {
      // A name that was in the way of others may be free now.
      if (resource === DEFINITIONS) return view.list(DEFINITIONS).filter((each) => each.metadata.name === object.metadata.name || specOf(each).group === specOf(object).group).map(({ metadata }) => metadata.name);
      return view.list(DEFINITIONS).filter((each) => isDeleted(each) && resourceOf(each) === resource).map(({ metadata }) => metadata.name);
    },
    reconcile(name, view, nowMs): Plan {
      const definition = view.get(DEFINITIONS, undefined, name);
      if (definition === undefined) return NOTHING;
      const status = statusOf(definition, view, timeText(nowMs));
      const told: Write[] = same(status, definition['status'] ?? {}) ? [] : [{ kind: 'status', resource: DEFINITIONS, object: { ...definition, status }, why: 'what is known of its names has changed' }];
      return { writes: isDeleted(definition) && told.length === 0 ? emptied(definition, view, served) : told };
    },
  };
}

function emptied(definition: KubeObject, view: View, served: readonly ResourceName[]): readonly Write[] {
  const finalizers = definition.metadata.finalizers ?? [];
  if (!finalizers.includes(CLEANUP)) return [];
  const resource = resourceOf(definition);
  const objects = served.includes(resource) && isAccepted(definition) ? view.list(resource) : [];
  if (objects.length > 0) return objects.filter((object) => !isDeleted(object)).map((object) => ({ kind: 'delete', resource, object, propagation: 'Background', why: `${definition.metadata.name} is deleted` }));
  return [{ kind: 'update', resource: DEFINITIONS, object: { ...definition, metadata: { ...definition.metadata, finalizers: finalizers.filter((each) => each !== CLEANUP) } }, why: 'no object of the kind is left' }];
}

const isAccepted = (definition: KubeObject): boolean => conditionsOf(definition).some(({ type, status }) => type === 'Established' && status === 'True');

function conditionsOf(definition: KubeObject): readonly (Condition & { readonly lastTransitionTime?: string })[] {
  return ((definition['status'] ?? {}) as { readonly conditions?: readonly Condition[] }).conditions ?? [];
}

function statusOf(definition: KubeObject, view: View, now: string): JsonObject {
  const { names, versions } = specOf(definition);
  const present = (definition['status'] ?? {}) as { readonly acceptedNames?: Names; readonly storedVersions?: readonly string[] };
  const conflict = conflictOf(definition, view);
  const stored = versions.find(({ storage }) => storage)?.name ?? '';
  const accepted: Condition = conflict === undefined ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' } : { type: 'NamesAccepted', status: 'False', ...conflict };
  const wasEstablished = isAccepted(definition);
  const established: Condition = conflict === undefined || wasEstablished ? { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' } : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  const terminating: readonly Condition[] = isDeleted(definition) ? [{ type: 'Terminating', status: 'True', reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' }] : [];
  const since = (condition: Condition): string => {
    const before = conditionsOf(definition).find(({ type }) => type === condition.type);
    return before?.status === condition.status ? before.lastTransitionTime ?? now : now;
  };
  return {
    conditions: [accepted, established, ...terminating].map((condition) => ({ ...condition, lastTransitionTime: since(condition) })),
    acceptedNames: (conflict === undefined ? names : present.acceptedNames ?? { plural: '', kind: '' }) as unknown as JsonObject,
    storedVersions: [...new Set([...present.storedVersions ?? [], stored])].filter((name) => name !== ''),
  };
}

/** Names that another definition of the group was given before. */
function conflictOf(definition: KubeObject, view: View): Pick<Condition, 'reason' | 'message'> | undefined {
  const { group, names } = specOf(definition);
  const others = view.list(DEFINITIONS).filter((each) => each.metadata.name !== definition.metadata.name && specOf(each).group === group).map((each) => ((each['status'] ?? {}) as { readonly acceptedNames?: Names }).acceptedNames).filter((each) => each !== undefined);
  const taken = new Set(others.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]).filter((name) => name !== ''));
  const kinds = new Set(others.flatMap(({ kind, listKind = '' }) => [kind, listKind]).filter((name) => name !== ''));
  const inUse = (reason: string, name: string): Pick<Condition, 'reason' | 'message'> => ({ reason, message: `${JSON.stringify(name)} is already in use` });
  if (taken.has(names.plural)) return inUse('PluralConflict', names.plural);
  if (names.singular !== undefined && taken.has(names.singular)) return inUse('SingularConflict', names.singular);
  const short = names.shortNames?.find((name) => taken.has(name));
  if (short !== undefined) return inUse('ShortNamesConflict', short);
  if (kinds.has(names.kind)) return inUse('KindConflict', names.kind);
  return names.listKind !== undefined && kinds.has(names.listKind) ? inUse('ListKindConflict', names.listKind) : undefined;
}
