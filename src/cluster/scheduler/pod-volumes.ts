import { claimsOfPod, claimSpec, CLAIMS, isMeant, notMeant, VOLUMES } from '#cluster/controllers/volume-shape.ts';
import type { ObjectView } from '#cluster/api/object-view.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';

/** What the claims of a pod say of where it may be. */
export interface PodVolumes {
  /** Why it may be nowhere yet. */
  readonly missing: string | undefined;
  /** Those that are bound: each is somewhere. */
  readonly volumes: readonly KubeObject[];
}

export const NO_VOLUMES: PodVolumes = { missing: undefined, volumes: [] };

/** A claim that waits for its first consumer keeps the pod from no node; any other has to be bound. */
export function podVolumes(pod: KubeObject, view: ObjectView): PodVolumes {
  const volumes: KubeObject[] = [];
  for (const meant of claimsOfPod(pod)) {
    const { name, isOwn } = meant;
    const claim = view.get(CLAIMS, pod.metadata.namespace, name);
    if (claim === undefined) return { missing: isOwn ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"` : `persistentvolumeclaim "${name}" not found`, volumes };
    if (!isMeant(pod, meant, claim)) return { missing: notMeant(pod, meant), volumes };
    if (claim.metadata.deletionTimestamp !== undefined) return { missing: `persistentvolumeclaim "${name}" is being deleted`, volumes };
    const { volumeName, storageClassName = '' } = claimSpec(claim);
    const volume = volumeName === undefined ? undefined : view.get(VOLUMES, undefined, volumeName);
    if (volume !== undefined) volumes.push(volume);
    else if (view.get('storage.k8s.io/storageclasses', undefined, storageClassName)?.['volumeBindingMode'] !== 'WaitForFirstConsumer' || volumeName !== undefined) return { missing: 'pod has unbound immediate PersistentVolumeClaims', volumes };
  }
  return { missing: undefined, volumes };
}
