import type { KubeObject } from '#cluster/kinds/object.ts';
import { NOTHING, type Controller, type Plan, type ResourceName, type Write } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';

const FINALIZER = 'kubernetes';

/** Empties a namespace that is deleted, pods last to start nothing new, and lets it go when nothing is left. */
export function namespaceController(resources: readonly ResourceName[]): Controller {
  return {
    name: 'namespace-controller', reads: ['namespaces', ...resources], writes: ['namespaces', ...resources],
    keysFor: (resource, object) => resource === 'namespaces' ? [object.metadata.name] : object.metadata.namespace === undefined ? [] : [object.metadata.namespace],
    reconcile(name, view): Plan {
      const namespace = view.get('namespaces', undefined, name);
      if (namespace === undefined || !isDeleted(namespace)) return NOTHING;
      const content = resources.flatMap((resource) => view.list(resource, name).map((object) => ({ resource, object })));
      if (content.length > 0) return { writes: content.filter(({ object }) => !isDeleted(object)).map(({ resource, object }): Write => ({ kind: 'delete', resource, object, propagation: 'Background', why: `namespace ${name} is deleted` })) };
      return { writes: [{ kind: 'update', resource: 'namespaces', object: finalized(namespace), why: 'nothing is left in it' }] };
    },
  };
}

function finalized(namespace: KubeObject): KubeObject {
  const spec = namespace['spec'] as { readonly finalizers?: readonly string[] } | undefined;
  return { ...namespace, spec: { ...spec, finalizers: (spec?.finalizers ?? []).filter((each) => each !== FINALIZER) } };
}
