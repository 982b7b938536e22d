import type { JsonObject } from '#base/json.ts';
import type { LabelSelector } from '#cluster/api/labels.ts';
import type { NodeSelectorTerm } from '#cluster/api/node-selector.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { specOf } from './pod-shape.ts';

// `core.v1.PersistentVolume` and its claim, as far as binding looks at them. Field names are the API's.

export interface ClaimSpec {
  readonly accessModes?: readonly string[];
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly selector?: LabelSelector;
  readonly storageClassName?: string;
  readonly volumeMode?: string;
  readonly volumeName?: string;
}

export interface VolumeSpec {
  readonly accessModes?: readonly string[];
  readonly capacity?: Readonly<Record<string, string>>;
  readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string };
  readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] } };
  readonly persistentVolumeReclaimPolicy?: string;
  readonly storageClassName?: string;
  readonly volumeMode?: string;
  readonly local?: { readonly path: string };
  readonly hostPath?: { readonly path: string; readonly type?: string };
}

export const CLAIMS = 'persistentvolumeclaims';
export const VOLUMES = 'persistentvolumes';
/** Makes directories on the node that first needs them. */
export const LOCAL_PROVISIONER = 'gantry.dev/local';
/** The class of claims that name none. */
export const localStorageClass = {
  apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: LOCAL_PROVISIONER, reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer',
} as const;

export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On a node: the directory below which it keeps such volumes. */
export const NODE_DIRECTORY = 'gantry.dev/local-volumes';
/** Keeps a claim while a pod uses it. */
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';

export const claimSpec = (claim: KubeObject): ClaimSpec => specOf<ClaimSpec>(claim);
export const volumeSpec = (volume: KubeObject): VolumeSpec => specOf<VolumeSpec>(volume);

/** A claim that a pod mounts. */
export interface PodClaim {
  readonly name: string;
  /** Made of a template of the pod's, for it alone. */
  readonly isOwn: boolean;
}

/** The claim that a pod's volume with a `volumeClaimTemplate` has (kubernetes.io, "Ephemeral Volumes", PersistentVolumeClaim naming). */
export const ownClaimName = (pod: KubeObject, volume: string): string => `${pod.metadata.name}-${volume}`;

export function claimsOfPod(pod: KubeObject): readonly PodClaim[] {
  const { volumes = [] } = specOf<{ readonly volumes?: readonly JsonObject[] }>(pod);
  return volumes.flatMap((volume): PodClaim[] => {
    if (volume['ephemeral'] !== undefined) return [{ name: ownClaimName(pod, String(volume['name'])), isOwn: true }];
    const name = (volume['persistentVolumeClaim'] as { readonly claimName?: string } | undefined)?.claimName;
    return name === undefined ? [] : [{ name, isOwn: false }];
  });
}

/** Whether a claim of that name is the one that the pod means: what somebody else made under the name of its own claim is not. */
export function isMeant(pod: KubeObject, { isOwn }: PodClaim, { metadata }: KubeObject): boolean {
  return !isOwn || (metadata.ownerReferences ?? []).some(({ uid, controller }) => uid === pod.metadata.uid && controller === true);
}

/** In upstream's words. */
export const notMeant = (pod: KubeObject, { name }: PodClaim): string => `PVC ${pod.metadata.namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`;

export function mounts(pod: KubeObject, claim: KubeObject): boolean {
  return claimsOfPod(pod).some((each) => each.name === claim.metadata.name && isMeant(pod, each, claim));
}

export const isBound = (claim: KubeObject): boolean => (claim['status'] as { readonly phase?: string } | undefined)?.phase === 'Bound';

/** Whether a volume is this claim's: reserved for its name, or, once it is known, for its uid. */
export function isReservedFor(volume: KubeObject, { metadata }: KubeObject): boolean {
  const { claimRef } = volumeSpec(volume);
  return claimRef !== undefined && claimRef.namespace === metadata.namespace && claimRef.name === metadata.name && (claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === metadata.uid);
}
