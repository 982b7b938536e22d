import type { Json } from '#base/json.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionOptions, AdmissionPlugin } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';
import { forbidden } from '../refusals.ts';
import type { Mutation } from '../object-writer.ts';
import { isPod, objectOf, podSpec } from './pod-spec.ts';
import { quotaMatches, quotaUsage, unsaid } from './quota-usage.ts';
import { amountsIn, amountsJson, amountsText, minus, plus, type Amounts } from './resource-amounts.ts';

export interface QuotaParts {
  readonly view: ObjectView;
  /** Changes the status of a quota, on top of whatever there is now. */
  readonly charge: (quota: KubeObject, mutation: Mutation, dryRun: boolean) => Promise<void>;
}

/** Refuses what would be more than a namespace may have, and counts what is not (upstream's plugin ResourceQuota). */
export function resourceQuota({ view, charge }: QuotaParts): AdmissionPlugin {
  return {
    name: 'ResourceQuota',
    async charge(of, object, old, options) {
      for (const quota of view.list('resourcequotas', object.metadata.namespace)) {
        const more = object.metadata.namespace === undefined ? undefined : increase(quota, of, object, old);
        if (more !== undefined) await charge(quota, (current) => charged(current, of, object, more), isOnlyTried(options));
      }
    },
  };
}

const isOnlyTried = ({ dryRun }: AdmissionOptions): boolean => dryRun;

/** How much more the object is than it was, of what the quota bounds. Undefined where it is no more. */
function increase(quota: KubeObject, of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined): Amounts | undefined {
  if (!quotaMatches(quota, of, object)) return undefined;
  const usage = quotaUsage(of, object);
  const hard = hardOf(quota);
  if (old === undefined && isPod(of)) {
    const text = unsaid([...hard.keys()], podSpec(object));
    if (text !== '') throw forbidden(of, object.metadata.name, `failed quota: ${quota.metadata.name}: must specify ${text}`);
  }
  const before = old !== undefined && quotaMatches(quota, of, old) ? quotaUsage(of, old) : new Map();
  const more = new Map([...minus(usage, before)].filter(([name, { nano }]) => hard.has(name) && nano > 0n));
  return more.size === 0 ? undefined : more;
}

/** What the controller has acknowledged; a quota that it has not looked at yet bounds nothing. */
const hardOf = (quota: KubeObject): Amounts => amountsIn(objectOf(quota['status'] as Json | undefined)['hard']);

/** The quota with so much more used. @throws StatusError forbidden, where that is more than there is */
function charged(quota: KubeObject, of: ResourceDefinition, object: KubeObject, more: Amounts): KubeObject {
  const hard = hardOf(quota);
  const used = amountsIn(objectOf(quota['status'] as Json | undefined)['used']);
  const next = plus(used, more);
  const over = new Set([...more.keys()].filter((name) => hard.has(name) && (next.get(name)?.nano ?? 0n) > (hard.get(name)?.nano ?? 0n)));
  if (over.size > 0) {
    const only = (amounts: Amounts): string => amountsText(new Map([...amounts].filter(([name]) => over.has(name))));
    throw forbidden(of, object.metadata.name, `exceeded quota: ${quota.metadata.name}, requested: ${only(more)}, used: ${only(used)}, limited: ${only(hard)}`);
  }
  // Without a version: on top of what somebody else has counted meanwhile.
  return { ...quota, metadata: { ...quota.metadata, resourceVersion: '' }, status: { ...objectOf(asJson(quota)['status']), used: amountsJson(new Map([...next].filter(([name]) => hard.has(name)))) } };
}

/** The status of a quota, counted anew from everything that is there. */
export function quotaStatus(quota: KubeObject, objects: readonly { readonly of: Pick<ResourceDefinition, 'group' | 'plural'>; readonly object: KubeObject }[]): { readonly hard: Json; readonly used: Json } {
  const hard = amountsIn(objectOf(quota['spec'] as Json | undefined)['hard']);
  const zero: Amounts = new Map([...hard].map(([name, { format }]) => [name, { nano: 0n, format }]));
  const used = objects.filter(({ of, object }) => quotaMatches(quota, of, object)).map(({ of, object }) => quotaUsage(of, object)).reduce(plus, zero);
  return { hard: amountsJson(hard), used: amountsJson(new Map([...used].filter(([name]) => hard.has(name)))) };
}
