import type { JsonObject } from '#base/json.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { NOTHING, type Controller, type Plan, type ResourceName, type Write } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';

const FINALIZER = 'kubernetes';
/** Of more than this many, what is left is not told anew each time that one goes. */
const FEW = 20;

interface Left {
  readonly resource: ResourceName;
  readonly object: KubeObject;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** Empties a namespace that is deleted, pods before what they may still need, and lets it go when nothing is left (KEP-5080). */
export function namespaceController(resources: readonly ResourceName[]): Controller {
  return {
    name: 'namespace-controller', reads: ['namespaces', ...resources], writes: ['namespaces', ...resources],
    keysFor: (resource, object) => resource === 'namespaces' ? [object.metadata.name] : object.metadata.namespace === undefined ? [] : [object.metadata.namespace],
    reconcile(name, view, nowMs): Plan {
      const namespace = view.get('namespaces', undefined, name);
      if (namespace === undefined || !isDeleted(namespace)) return NOTHING;
      const pods = resources.includes('pods') ? view.list('pods', name) : [];
      const left: readonly Left[] = pods.length > 0 ? pods.map((object) => ({ resource: 'pods', object })) : resources.flatMap((resource) => view.list(resource, name).map((object) => ({ resource, object })));
      if (left.length === 0) return { writes: [{ kind: 'update', resource: 'namespaces', object: finalized(namespace), why: 'nothing is left in it' }] };
      const deletes = left.filter(({ object }) => !isDeleted(object)).map(({ resource, object }): Write => ({ kind: 'delete', resource, object, propagation: 'Background', why: `namespace ${name} is deleted` }));
      // What goes at once is not worth telling of.
      return { writes: deletes.length > 0 ? deletes : told(namespace, left, nowMs) };
    },
  };
}

function finalized(namespace: KubeObject): KubeObject {
  const spec = namespace['spec'] as { readonly finalizers?: readonly string[] } | undefined;
  return { ...namespace, spec: { ...spec, finalizers: (spec?.finalizers ?? []).filter((each) => each !== FINALIZER) } };
}

/** Conditions that say what a namespace waits for, in upstream's words. */
function told(namespace: KubeObject, left: readonly Left[], nowMs: number): Write[] {
  const status = (namespace['status'] ?? {}) as { readonly conditions?: readonly Condition[] } & JsonObject;
  const before = status.conditions ?? [];
  const finalizers = left.flatMap(({ object }) => object.metadata.finalizers ?? []);
  const condition = (type: string, isTrue: boolean, reason: string, message: string): Condition => {
    const text = isTrue ? 'True' : 'False';
    const old = before.find((each) => each.type === type && each.status === text);
    return { type, status: text, lastTransitionTime: old?.lastTransitionTime ?? timeText(nowMs), reason, message: old !== undefined && left.length > FEW ? old.message : message };
  };
  const conditions = [
    condition('NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition('NamespaceDeletionGroupVersionParsingFailure', false, 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    condition('NamespaceDeletionContentFailure', false, 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    condition('NamespaceContentRemaining', true, 'SomeResourcesRemain', `Some resources are remaining: ${counted(left.map(({ resource }) => dotted(resource)), 'has')}`),
    finalizers.length === 0 ? condition('NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : condition('NamespaceFinalizersRemaining', true, 'SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${counted(finalizers, 'in')}`),
  ];
  const isSame = conditions.every((each) => before.some(({ type, status: is, message }) => type === each.type && is === each.status && message === each.message));
  return isSame ? [] : [{ kind: 'status', resource: 'namespaces', object: { ...namespace, status: { ...status, conditions } }, why: 'it waits for what is in it' }];
}

function counted(names: readonly string[], word: string): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} ${word} ${count} resource instances`).sort().join(', ');
}

/** `plural.group`, whose dot stays where there is no group. */
function dotted(resource: ResourceName): string {
  const [group, plural] = resource.includes('/') ? resource.split('/') : ['', resource];
  return `${plural}.${group}`;
}
