import { quotaStatus } from '#cluster/api/admission/resource-quota.ts';
import { same } from '#cluster/api/same.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type ResourceName, type View } from '#cluster/loop/controller.ts';
import { isFinished } from './pod-shape.ts';

const QUOTAS = 'resourcequotas';
/** What admission counted and was not made in the end is found so. */
const RESYNC_MS = 300_000;

/**
 * Counts what a namespace has, against its quotas. What is made is counted by admission before it is there; this looks
 * where something has gone, and where a quota is new or another.
 */
export function resourceQuotaController(counted: readonly ResourceName[]): Controller {
  return {
    name: 'resourcequota-controller', reads: [...new Set([QUOTAS, ...counted])], writes: [QUOTAS],
    keysFor(resource, object, view) {
      if (resource === QUOTAS && isNews(object)) return [keyOf(object)];
      return hasGone(resource, object, view) ? view.list(QUOTAS, object.metadata.namespace ?? '').map(keyOf) : [];
    },
    reconcile(key, view): Plan {
      const { namespace, name } = splitKey(key);
      const quota = view.get(QUOTAS, namespace, name);
      if (quota === undefined) return NOTHING;
      const objects = counted.flatMap((resource) => view.list(resource, namespace).map((object) => ({ of: placeOf(resource), object })));
      const status = quotaStatus(quota, objects);
      if (same(status, quota['status'] ?? {})) return { writes: [], againAfterMs: RESYNC_MS };
      return { writes: [{ kind: 'status', resource: QUOTAS, object: { ...quota, status }, why: 'what is there has changed' }], againAfterMs: RESYNC_MS };
    },
  };
}

function isNews(quota: KubeObject): boolean {
  const { spec, status } = asJson(quota) as { readonly spec?: { readonly hard?: unknown }; readonly status?: { readonly hard?: unknown } };
  return !same(spec?.hard ?? {}, status?.hard);
}

function hasGone(resource: ResourceName, object: KubeObject, view: View): boolean {
  return view.get(resource, object.metadata.namespace, object.metadata.name) === undefined || (resource === 'pods' && isFinished(object));
}

function placeOf(resource: ResourceName): { readonly group: string; readonly plural: string } {
  const slash = resource.lastIndexOf('/');
  return { group: resource.slice(0, Math.max(slash, 0)), plural: resource.slice(slash + 1) };
}
