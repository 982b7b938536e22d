import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';

/** `meta.v1.DeleteOptions`. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

export type DeletionPlan =
  | { readonly kind: 'delete' }
  /** It stays, marked, until its finalizers are gone or its grace is over. */
  | { readonly kind: 'mark'; readonly object: KubeObject }
  | { readonly kind: 'none' };

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';
const DEFAULT_GRACE_SECONDS = 30;

/** What a delete makes of an object: pods get their grace, dependents their policy, finalizers their time. */
export function planDeletion(of: ResourceDefinition, object: KubeObject, asked: DeleteOptions, nowMs: number): DeletionPlan {
  const { metadata } = object;
  const finalizers = finalizersFor(metadata.finalizers ?? [], asked);
  const grace = graceOf(of, object, asked);
  const stays = finalizers.length > 0 || grace > 0 || (of.plural === 'namespaces' && hasContent(object));
  if (!stays) return { kind: 'delete' };
  const isShorter = metadata.deletionTimestamp !== undefined && grace < (metadata.deletionGracePeriodSeconds ?? 0);
  const isNew = metadata.deletionTimestamp === undefined;
  if (!isNew && !isShorter && finalizers.length === (metadata.finalizers ?? []).length) return { kind: 'none' };
  const { finalizers: _old, ...kept } = metadata;
  const marks = isNew || isShorter ? { deletionTimestamp: timeText(nowMs + grace * 1000), deletionGracePeriodSeconds: grace } : {};
  const marked = { ...object, metadata: { ...kept, ...(finalizers.length === 0 ? {} : { finalizers }), ...marks, ...(metadata.generation === undefined || !isNew ? {} : { generation: metadata.generation + 1 }) } } as KubeObject;
  return { kind: 'mark', object: of.plural === 'namespaces' ? { ...marked, status: { ...(object['status'] as object | undefined), phase: 'Terminating' } } : marked };
}

/** A namespace is emptied before it goes; what empties it takes its own finalizer out of the spec. */
export function hasContent(namespace: KubeObject): boolean {
  return ((namespace['spec'] as { readonly finalizers?: readonly string[] } | undefined)?.finalizers ?? []).length > 0;
}

function finalizersFor(present: readonly string[], { propagationPolicy, orphanDependents }: DeleteOptions): readonly string[] {
  const others = present.filter((name) => name !== FOREGROUND && name !== ORPHAN);
  if (propagationPolicy === 'Foreground') return [...others, FOREGROUND];
  if (propagationPolicy === 'Orphan' || orphanDependents === true) return [...others, ORPHAN];
  return propagationPolicy === 'Background' ? others : present;
}

/** Seconds a pod has to end. One that no node has taken, or that is over, needs none. */
function graceOf(of: ResourceDefinition, object: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (of.plural !== 'pods') return 0;
  const spec = object['spec'] as { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number } | undefined;
  const phase = (object['status'] as { readonly phase?: string } | undefined)?.phase;
  if (spec?.nodeName === undefined || spec.nodeName === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked = Math.max(0, gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
  const running = object.metadata.deletionGracePeriodSeconds;
  return running === undefined ? asked : Math.min(asked, running);
}
