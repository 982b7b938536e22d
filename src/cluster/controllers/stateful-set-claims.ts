import { same } from '#cluster/api/same.ts';
import type { KubeObject, OwnerReference } from '#cluster/kinds/object.ts';
import type { View, Write } from '#cluster/loop/controller.ts';
import { setSpec } from './stateful-set-shape.ts';
import { CLAIMS } from './volume-shape.ts';

/** `data-web-0`: the claim of a template for one pod, which finds it again whenever it comes back. */
export function claimName(set: KubeObject, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`;
}

/** The claims that a pod needs and that are not there. */
export function missingClaims(set: KubeObject, ordinal: number, view: View): Write[] {
  const { volumeClaimTemplates = [], selector, persistentVolumeClaimRetentionPolicy: policy } = setSpec(set);
  const { name: setName, namespace } = set.metadata;
  return volumeClaimTemplates.flatMap(({ metadata, spec }): Write[] => {
    const name = claimName(set, metadata.name, ordinal);
    if (view.get(CLAIMS, namespace, name) !== undefined) return [];
    const why = `pod ${setName}-${ordinal} of the set needs it`;
    return [{
      kind: 'create', resource: CLAIMS, why,
      object: {
        apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...(spec === undefined ? {} : { spec }),
        metadata: {
          name, ...(namespace === undefined ? {} : { namespace }), labels: { ...metadata.labels, ...selector?.matchLabels }, ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
          ...(policy?.whenDeleted === 'Delete' ? { ownerReferences: [referenceTo(set)] } : {}),
        },
      },
    }, { kind: 'event', about: set, type: 'Normal', reason: 'SuccessfulCreate', message: `create Claim ${name} Pod ${setName}-${ordinal} in StatefulSet ${setName} success`, why }];
  });
}

/** Whoever owns a claim takes it along: the set when it is deleted, the pod when the set is made smaller, or nobody. */
export function claimOwners(set: KubeObject, ordinal: number, pod: KubeObject | undefined, isCondemned: boolean, view: View): Write[] {
  const { volumeClaimTemplates = [], persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } = {} } = setSpec(set);
  return volumeClaimTemplates.flatMap(({ metadata }): Write[] => {
    const claim = view.get(CLAIMS, set.metadata.namespace, claimName(set, metadata.name, ordinal));
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return [];
    const before = claim.metadata.ownerReferences ?? [];
    const others = before.filter(({ uid, kind, name }) => uid !== set.metadata.uid && !(kind === 'Pod' && name === `${set.metadata.name}-${ordinal}`));
    const goesWithPod = isCondemned && whenScaled === 'Delete';
    const own = goesWithPod ? (pod === undefined ? [] : [referenceTo(pod)]) : whenDeleted === 'Delete' ? [referenceTo(set)] : [];
    const ownerReferences = [...others, ...own];
    return same(ownerReferences, before) ? [] : [{ kind: 'update', resource: CLAIMS, object: { ...claim, metadata: { ...claim.metadata, ownerReferences } }, why: 'whom it goes with is another now' }];
  });
}

const referenceTo = ({ apiVersion, kind, metadata }: KubeObject): OwnerReference => ({ apiVersion, kind, name: metadata.name, uid: metadata.uid });
