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

/** Names of the claims that a pod mounts. */
export function claimsOfPod(pod: KubeObject): readonly string[] {
  const { volumes = [] } = specOf<{ readonly volumes?: readonly JsonObject[] }>(pod);
  return volumes.flatMap((volume) => (volume['persistentVolumeClaim'] as { readonly claimName?: string } | undefined)?.claimName ?? []);
}

export const isBound = (claim: KubeObject): boolean => (claim['status'] as { readonly phase?: string } | undefined)?.phase === 'Bound';

/** Whether a volume is this claim's: reserved for its name, or, once it is known, for its uid. */
export function isReservedFor(volume: KubeObject, { metadata }: KubeObject): boolean {
  const { claimRef } = volumeSpec(volume);
  return claimRef !== undefined && claimRef.namespace === metadata.namespace && claimRef.name === metadata.name && (claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === metadata.uid);
}
