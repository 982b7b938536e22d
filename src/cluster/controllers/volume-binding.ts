import type { Json } from '#base/json.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, splitKey, type Controller, type NewObject, type Plan, type View, type Write } from '#cluster/loop/controller.ts';
import { isDeleted } from './owned.ts';
import { isFinished, specOf } from './pod-shape.ts';
import { matchVolume } from './volume-match.ts';
import { CLAIM_PROTECTION, CLAIMS, claimsOfPod, claimSpec, isReservedFor, LOCAL_PROVISIONER, mounts, NODE_DIRECTORY, PROVISIONED_BY, VOLUMES, volumeSpec } from './volume-shape.ts';

const CLASSES = 'storage.k8s.io/storageclasses';
const BOUND_BY_US = 'pv.kubernetes.io/bound-by-controller';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';

/**
 * Binds claims to volumes, and makes volumes on local storage (kubernetes.io, "Persistent Volumes", Lifecycle). A class that waits
 * for the first consumer has its volume made on the node that a pod with the claim was given.
 */
export const volumeBindingController: Controller = {
  name: 'persistentvolume-controller',
  reads: [CLAIMS, VOLUMES, CLASSES, 'pods', 'nodes'],
  writes: [CLAIMS, VOLUMES],
  // A claim by its namespace and name, a volume by its name.
  keysFor(resource, object, view) {
    const unbound = (): string[] => view.list(CLAIMS).filter((claim) => claimSpec(claim).volumeName === undefined).map(keyOf);
    const { volumeName } = claimSpec(object);
    switch (resource) {
      case CLAIMS: return [keyOf(object), ...(volumeName === undefined ? [] : [volumeName])];
      case VOLUMES: return [keyOf(object), ...claimKey(object), ...unbound()];
      case CLASSES: return unbound();
      case 'pods': return claimsOfPod(object).map(({ name }) => `${object.metadata.namespace}/${name}`);
      default: return [];
    }
  },
  reconcile(key, view): Plan {
    const { namespace, name } = splitKey(key);
    const found = view.get(namespace === undefined ? VOLUMES : CLAIMS, namespace, name);
    if (found === undefined) return { writes: [] };
    if (namespace === undefined) return { writes: volumePhase(found, view) };
    return { writes: isDeleted(found) ? unprotect(found, view) : claimSpec(found).volumeName === undefined ? findVolume(found, view) : finishBinding(found, view) };
  },
};

function claimKey(volume: KubeObject): string[] {
  const { claimRef } = volumeSpec(volume);
  return claimRef === undefined ? [] : [`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`];
}

const users = (claim: KubeObject, view: View): KubeObject[] => view.list('pods', claim.metadata.namespace).filter((pod) => !isFinished(pod) && mounts(pod, claim));

/** A claim that is deleted goes when no pod uses it. */
function unprotect(claim: KubeObject, view: View): Write[] {
  const finalizers = claim.metadata.finalizers ?? [];
  if (!finalizers.includes(CLAIM_PROTECTION) || users(claim, view).length > 0) return [];
  return [{ kind: 'update', resource: CLAIMS, object: { ...claim, metadata: { ...claim.metadata, finalizers: finalizers.filter((each) => each !== CLAIM_PROTECTION) } }, why: 'no pod uses it' }];
}

const event = (about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Write => ({ kind: 'event', about, type, reason, message, why: message });

function findVolume(claim: KubeObject, view: View): Write[] {
  const { storageClassName = '' } = claimSpec(claim);
  const kind = storageClassName === '' ? undefined : view.get(CLASSES, undefined, storageClassName);
  const isDelayed = kind?.['volumeBindingMode'] === 'WaitForFirstConsumer';
  const consumer = users(claim, view).map((pod) => specOf<{ nodeName?: string }>(pod).nodeName ?? '').find((node) => node !== '');
  const node = consumer === undefined ? undefined : view.get('nodes', undefined, consumer);
  if (isDelayed && node === undefined) return noted(claim, kind, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  const volume = matchVolume(claim, view.list(VOLUMES), isDelayed ? node : undefined);
  if (volume !== undefined) return bind(claim, volume);
  if (storageClassName === '') return [event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')];
  if (kind === undefined) return [event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${storageClassName}" not found`)];
  if (kind['provisioner'] !== LOCAL_PROVISIONER) return noted(claim, kind, 'ExternalProvisioning', `Waiting for a volume to be created either by the external provisioner '${String(kind['provisioner'])}' or manually by the system administrator.`);
  return provision(claim, kind, node ?? view.list('nodes').find(({ metadata }) => metadata.annotations?.[NODE_DIRECTORY] !== undefined));
}

/** Said once, when it is written down who is to make the volume. */
function noted(claim: KubeObject, kind: KubeObject | undefined, reason: string, message: string): Write[] {
  const provisioner = String(kind?.['provisioner'] ?? '');
  if (claim.metadata.annotations?.[PROVISIONER] === provisioner) return [];
  return [{ kind: 'update', resource: CLAIMS, object: annotated(claim, { [PROVISIONER]: provisioner }), why: message }, event(claim, 'Normal', reason, message)];
}

const annotated = (object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject => ({ ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } });

/** First the volume is reserved for the claim, then the claim names it: two claims can't have one. */
function bind(claim: KubeObject, volume: KubeObject): Write[] {
  const { namespace, name, uid } = claim.metadata;
  const why = `it has what claim ${namespace}/${name} asks for`;
  const isOurs = volumeSpec(volume).claimRef?.uid === uid;
  const reserve: Write[] = isOurs ? [] : [{ kind: 'update', resource: VOLUMES, object: { ...annotated(volume, { [BOUND_BY_US]: 'yes' }), spec: { ...volumeSpec(volume), claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid } } }, why }];
  return [...reserve, { kind: 'update', resource: CLAIMS, object: { ...annotated(claim, { [BIND_COMPLETED]: 'yes', [BOUND_BY_US]: 'yes' }), spec: { ...claimSpec(claim), volumeName: volume.metadata.name } }, why: `volume ${volume.metadata.name} is reserved for it` }];
}

function finishBinding(claim: KubeObject, view: View): Write[] {
  const { volumeName = '' } = claimSpec(claim);
  const volume = view.get(VOLUMES, undefined, volumeName);
  const before = (claim['status'] ?? {}) as { readonly phase?: string };
  const told = (status: object, why: string): Write[] => same(status, claim['status']) ? [] : [{ kind: 'status', resource: CLAIMS, object: { ...claim, status }, why }];
  if (volume === undefined) return told({ ...before, phase: before.phase === 'Bound' ? 'Lost' : before.phase ?? 'Pending' }, `volume ${volumeName} is not there`);
  const { claimRef, accessModes = [], capacity = {} } = volumeSpec(volume);
  if (claimRef !== undefined && !isReservedFor(volume, claim)) return [...told({ ...before, phase: before.phase === 'Bound' ? 'Lost' : 'Pending' }, `volume ${volumeName} is another's`)];
  if (claimRef?.uid !== claim.metadata.uid) return bind(claim, volume).slice(0, 1);
  return told({ ...before, phase: 'Bound', accessModes, capacity }, `it has volume ${volumeName}`);
}

function provision(claim: KubeObject, kind: KubeObject, node: KubeObject | undefined): Write[] {
  const directory = node?.metadata.annotations?.[NODE_DIRECTORY];
  if (node === undefined || directory === undefined) return [event(claim, 'Warning', 'ProvisioningFailed', 'no node has a directory for local volumes')];
  if (claimSpec(claim).volumeMode === 'Block') return [event(claim, 'Warning', 'ProvisioningFailed', 'local volumes are directories, and no devices')];
  const object = newVolume(claim, kind, node, directory);
  return [{ kind: 'create', resource: VOLUMES, object, why: `claim ${claim.metadata.namespace}/${claim.metadata.name} needs one on node ${node.metadata.name}` }, event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${object.metadata.name}`)];
}

/** Named after the claim's uid: there is never a second one. */
function newVolume(claim: KubeObject, kind: KubeObject, node: KubeObject, directory: string): NewObject {
  const { accessModes = [], resources, storageClassName = '', volumeMode = 'Filesystem' } = claimSpec(claim);
  const { namespace, name: claimName, uid } = claim.metadata;
  const name = `pvc-${uid}`;
  const hostname = node.metadata.labels?.['kubernetes.io/hostname'] ?? node.metadata.name;
  return {
    apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, annotations: { [PROVISIONED_BY]: LOCAL_PROVISIONER } },
    spec: {
      capacity: { storage: resources?.requests?.['storage'] ?? '0' }, accessModes: accessModes as Json, persistentVolumeReclaimPolicy: String(kind['reclaimPolicy'] ?? 'Delete'), storageClassName, volumeMode,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: namespace ?? '', name: claimName, uid }, local: { path: `${directory}/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] }] } },
    },
  };
}

/** Free, taken, or left behind by a claim that is gone: what then becomes of it is for who keeps it. */
function volumePhase(volume: KubeObject, view: View): Write[] {
  const { claimRef } = volumeSpec(volume);
  const claim = claimRef === undefined ? undefined : view.get(CLAIMS, claimRef.namespace, claimRef.name ?? '');
  const isGone = claimRef?.uid !== undefined && claimRef.uid !== '' && claim?.metadata.uid !== claimRef.uid;
  const phase = isGone ? 'Released' : claim !== undefined && claimSpec(claim).volumeName === volume.metadata.name ? 'Bound' : 'Available';
  const before = (volume['status'] ?? {}) as { readonly phase?: string };
  return before.phase === phase ? [] : [{ kind: 'status', resource: VOLUMES, object: { ...volume, status: { ...before, phase } }, why: isGone ? 'its claim is gone' : 'its claim changed' }];
}
