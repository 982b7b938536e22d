import type { LabelSelector } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type Plan, type View, type Write } from '#cluster/loop/controller.ts';
import { adoptions, keysOfPod, selectsBy, type Selects } from './adoption.ts';
import { deploymentStatus, progressWaitMs } from './deployment-status.ts';
import { controlledBy, controllerReference, isDeleted, ownerKey } from './owned.ts';
import { isFinished, specOf, type PodTemplate } from './pod-shape.ts';
import { planProportional, planRollout, rolloutBounds, type RolloutSet } from './rollout-plan.ts';
import { HASH_LABEL, templateHash, withoutHash } from './template-hash.ts';

export interface DeploymentSpec {
  readonly replicas?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: string | number; readonly maxUnavailable?: string | number } };
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly progressDeadlineSeconds?: number;
  readonly paused?: boolean;
}

const RESOURCE = 'apps/deployments';
const SETS = 'apps/replicasets';
export const REVISION = 'deployment.kubernetes.io/revision';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MOST = 'deployment.kubernetes.io/max-replicas';
/** Revisions that a set had before its template came back. */
const PAST = 'deployment.kubernetes.io/revision-history';
const KEPT_REVISIONS = 10;

/** Replaces the pods of one template by those of the next, through ReplicaSets, as fast as the strategy allows. */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  reads: [RESOURCE, SETS, 'pods'],
  writes: [RESOURCE, SETS],
  keysFor(resource, object, view) {
    if (resource === RESOURCE) return [keyOf(object)];
    if (resource === SETS) return keysOfPod(RESOURCE, 'Deployment', selects, object, view);
    // A pod's end matters where Recreate waits for it.
    const [set] = ownerKey(object, 'ReplicaSet');
    const owner = set === undefined ? undefined : view.get(SETS, object.metadata.namespace, splitKey(set).name);
    return owner === undefined ? [] : ownerKey(owner, 'Deployment');
  },
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const deployment = view.get(RESOURCE, namespace, name);
    if (deployment === undefined || isDeleted(deployment)) return NOTHING;
    const adopted = adoptions(deployment, selects, view, [], SETS);
    if (adopted.length > 0) return { writes: adopted };
    const sets = controlledBy(deployment, SETS, view).toSorted((a, b) => (revisionOf(a) < revisionOf(b) ? -1 : revisionOf(a) > revisionOf(b) ? 1 : 0));
    const next = sets.find((set) => isOf(deployment, set));
    const olds = sets.filter((set) => set !== next);
    const annotated = next === undefined ? [] : annotate(deployment, next, olds);
    // Each write is over the version that it was made from.
    const writes = annotated.length > 0 ? annotated : [...rollOut(deployment, next, olds, view), ...history(deployment, olds), ...revisionNote(deployment, next)];
    const status = deploymentStatus(deployment, next, olds, writes.length > 0, nowMs);
    if (!same(status, deployment['status'])) writes.push({ kind: 'status', resource: RESOURCE, object: { ...deployment, status }, why: 'its ReplicaSets changed' });
    const wait = progressWaitMs(deployment, status, nowMs);
    return { writes, ...(wait === undefined ? {} : { againAfterMs: wait }) };
  },
};

/** Whole numbers of 64 bits to upstream; a set that somebody else made may have any. */
export function revisionOf({ metadata }: KubeObject): bigint {
  const text = metadata.annotations?.[REVISION] ?? '';
  return /^\d{1,19}$/.test(text) ? BigInt(text) : 0n;
}
const newestOf = (sets: readonly KubeObject[]): bigint => sets.reduce((most, set) => (revisionOf(set) > most ? revisionOf(set) : most), 0n);
const selects: Selects = (deployment, set) => selectsBy(specOf<DeploymentSpec>(deployment).selector, set);
const replicasOf = (object: KubeObject): number => specOf<{ replicas?: number }>(object).replicas ?? 1;
const availableOf = (set: KubeObject): number => (set['status'] as { availableReplicas?: number } | undefined)?.availableReplicas ?? 0;
const presentOf = (set: KubeObject): number => (set['status'] as { replicas?: number } | undefined)?.replicas ?? 0;

function isOf(deployment: KubeObject, set: KubeObject): boolean {
  return same(withoutHash(specOf<DeploymentSpec>(set).template ?? {}), withoutHash(specOf<DeploymentSpec>(deployment).template ?? {}));
}

function rollOut(deployment: KubeObject, next: KubeObject | undefined, olds: readonly KubeObject[], view: View): Write[] {
  const spec = specOf<DeploymentSpec>(deployment);
  const replicas = spec.replicas ?? 1;
  const all = next === undefined ? olds : [...olds, next];
  const isRecreate = spec.strategy?.type === 'Recreate';
  const { maxSurge, maxUnavailable } = rolloutBounds(replicas, spec.strategy?.rollingUpdate?.maxSurge, spec.strategy?.rollingUpdate?.maxUnavailable);
  if (spec.paused === true || wasScaled(deployment, all)) return scaleInProportion(deployment, next, olds, replicas, maxSurge);
  if (isRecreate) return recreate(deployment, next, olds, replicas, view);
  if (next === undefined) {
    const present = olds.reduce((total, set) => total + replicasOf(set), 0);
    return create(deployment, olds, Math.max(0, Math.min(replicas, replicas + maxSurge - present)), replicas + maxSurge);
  }
  const shape = (set: KubeObject): RolloutSet => ({ name: set.metadata.name, wanted: replicasOf(set), available: availableOf(set), present: presentOf(set) });
  const sizes = planRollout({ replicas, maxSurge, maxUnavailable, next: shape(next), olds: olds.map(shape) });
  return [...sizes].flatMap(([name, size]) => resize(deployment, all.find((set) => set.metadata.name === name), size, replicas, replicas + maxSurge));
}

/** All of the old ones first, to the last pod. */
function recreate(deployment: KubeObject, next: KubeObject | undefined, olds: readonly KubeObject[], replicas: number, view: View): Write[] {
  const running = olds.filter((set) => replicasOf(set) > 0);
  if (running.length > 0) return running.flatMap((set) => resize(deployment, set, 0, replicas, replicas));
  const left = olds.some((set) => controlledBy(set, 'pods', view).some((pod) => !isFinished(pod)));
  if (left) return [];
  return next === undefined ? create(deployment, olds, replicas, replicas) : replicasOf(next) === replicas ? [] : resize(deployment, next, replicas, replicas, replicas);
}

/** The number that each set was last sized for tells of a scaling, as opposed to a rollout. */
function wasScaled(deployment: KubeObject, sets: readonly KubeObject[]): boolean {
  return sets.some((set) => replicasOf(set) > 0 && set.metadata.annotations?.[DESIRED] !== undefined && Number(set.metadata.annotations[DESIRED]) !== replicasOf(deployment));
}

function scaleInProportion(deployment: KubeObject, next: KubeObject | undefined, olds: readonly KubeObject[], replicas: number, maxSurge: number): Write[] {
  const active = [...olds, ...(next === undefined ? [] : [next])].filter((set) => replicasOf(set) > 0);
  const only = active.length === 1 ? active[0] : active.length === 0 ? next : undefined;
  if (only !== undefined) return resize(deployment, only, replicas, replicas, replicas + maxSurge);
  const sizes = planProportional(active.map((set) => ({ name: set.metadata.name, wanted: replicasOf(set) })), replicas === 0 ? 0 : replicas + maxSurge);
  return active.flatMap((set) => resize(deployment, set, sizes.get(set.metadata.name) ?? replicasOf(set), replicas, replicas + maxSurge));
}

function resize(deployment: KubeObject, set: KubeObject | undefined, size: number, desired: number, most: number): Write[] {
  if (set === undefined) return [];
  const annotations = { ...set.metadata.annotations, [DESIRED]: String(desired), [MOST]: String(most) };
  if (replicasOf(set) === size && same(annotations, set.metadata.annotations)) return [];
  const was = replicasOf(set);
  const write: Write = { kind: 'update', resource: SETS, object: { ...set, metadata: { ...set.metadata, annotations }, spec: { ...specOf<object>(set), replicas: size } }, why: `sized from ${was} to ${size} of ${desired}` };
  return was === size ? [write] : [write, scaled(deployment, set.metadata.name, was, size, write.why)];
}

function create(deployment: KubeObject, olds: readonly KubeObject[], replicas: number, most: number): Write[] {
  const spec = specOf<DeploymentSpec>(deployment);
  const template = spec.template ?? {};
  const hash = templateHash(template, (deployment['status'] as { collisionCount?: number } | undefined)?.collisionCount ?? 0);
  const revision = String(newestOf(olds) + 1n);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const name = `${deployment.metadata.name}-${hash}`;
  const made: Write = {
    kind: 'create', resource: SETS, why: `no ReplicaSet has the template of revision ${revision}`,
    object: {
      apiVersion: 'apps/v1', kind: 'ReplicaSet',
      metadata: {
        name, ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }), labels, ownerReferences: [controllerReference(deployment)],
        annotations: { ...passedOn(deployment), [REVISION]: revision, [DESIRED]: String(spec.replicas ?? 1), [MOST]: String(most) },
      },
      spec: {
        replicas, minReadySeconds: spec.minReadySeconds ?? 0, selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    },
  };
  return replicas === 0 ? [made] : [made, scaled(deployment, name, 0, replicas, made.why)];
}

function scaled(deployment: KubeObject, set: string, was: number, size: number, why: string): Write {
  return { kind: 'event', about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message: `Scaled ${size > was ? 'up' : 'down'} replica set ${set} from ${was} to ${size}`, why };
}

function passedOn({ metadata }: KubeObject): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => !name.startsWith('deployment.kubernetes.io/') && name !== 'kubectl.kubernetes.io/last-applied-configuration' && !name.startsWith('deprecated.deployment.rollback')));
}

/** The revision of a template that came back is the newest again, and what is noted of the deployment now is why it is so: `kubectl rollout history` shows both. */
function annotate(deployment: KubeObject, next: KubeObject, olds: readonly KubeObject[]): Write[] {
  const [own, newest] = [revisionOf(next), newestOf(olds)];
  const { annotations = {} } = next.metadata;
  const isBack = own <= newest && olds.length > 0;
  const past = annotations[PAST];
  const wanted = { ...annotations, ...passedOn(deployment), ...(isBack ? { [REVISION]: String(newest + 1n), ...(own === 0n ? {} : { [PAST]: past === undefined ? String(own) : `${past},${own}` }) } : {}) };
  return same(wanted, annotations) ? [] : [{ kind: 'update', resource: SETS, object: { ...next, metadata: { ...next.metadata, annotations: wanted } }, why: isBack ? `its template is the newest again, revision ${newest + 1n}` : 'the deployment is annotated anew' }];
}

/** The deployment says which revision it is at. */
function revisionNote(deployment: KubeObject, next: KubeObject | undefined): Write[] {
  if (next === undefined) return [];
  const revision = String(revisionOf(next));
  return deployment.metadata.annotations?.[REVISION] === revision ? [] : [{
    kind: 'update', resource: RESOURCE, object: { ...deployment, metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [REVISION]: revision } } }, why: `it is at revision ${revision}`,
  }];
}

function history(deployment: KubeObject, olds: readonly KubeObject[]): Write[] {
  const kept = specOf<DeploymentSpec>(deployment).revisionHistoryLimit ?? KEPT_REVISIONS;
  const idle = olds.filter((set) => replicasOf(set) === 0 && presentOf(set) === 0 && !isDeleted(set));
  return idle.slice(0, Math.max(0, idle.length - kept)).map((set): Write => ({ kind: 'delete', resource: SETS, object: set, propagation: 'Background', why: `only ${kept} old revisions are kept` }));
}
