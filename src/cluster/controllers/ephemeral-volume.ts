import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, NOTHING, splitKey, type Controller, type NewObject, type Plan, type Write } from '#cluster/loop/controller.ts';
import { controllerReference, isDeleted, ownerKey } from './owned.ts';
import { isFinished, specOf } from './pod-shape.ts';
import { CLAIMS, claimsOfPod, isMeant, notMeant, ownClaimName } from './volume-shape.ts';

interface ClaimTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: JsonObject;
}
type Volume = { readonly name: string; readonly ephemeral?: { readonly volumeClaimTemplate?: ClaimTemplate } };

/** Makes the claims of pods whose volumes have a template of one (kubernetes.io, "Ephemeral Volumes"); they go with their pods. */
export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller', reads: ['pods', CLAIMS], writes: [CLAIMS],
  keysFor(resource, object, view) {
    if (resource === 'pods') return claimsOfPod(object).some(({ isOwn }) => isOwn) ? [keyOf(object)] : [];
    const owner = ownerKey(object, 'Pod');
    if (owner.length > 0) return owner;
    // Another's, that is in the way or was.
    return view.list('pods', object.metadata.namespace).filter((pod) => claimsOfPod(pod).some(({ name, isOwn }) => isOwn && name === object.metadata.name)).map(keyOf);
  },
  reconcile(key, view, _nowMs, failed): Plan {
    const { namespace, name } = splitKey(key);
    const pod = view.get('pods', namespace, name);
    if (pod === undefined || isDeleted(pod) || isFinished(pod)) return NOTHING;
    const { volumes = [] } = specOf<{ readonly volumes?: readonly Volume[] }>(pod);
    const tell = (volume: string, why: string): Write => ({ kind: 'event', about: pod, type: 'Warning', reason: 'FailedBinding', message: `ephemeral volume ${volume}: ${why}`, why });
    return { writes: volumes.flatMap((volume): Write[] => {
      if (volume.ephemeral === undefined) return [];
      const own = { name: ownClaimName(pod, volume.name), isOwn: true };
      const present = view.get(CLAIMS, namespace, own.name);
      if (present !== undefined) return isMeant(pod, own, present) ? [] : [tell(volume.name, notMeant(pod, own))];
      const made: Write = { kind: 'create', resource: CLAIMS, object: claimOf(pod, own.name, volume.ephemeral.volumeClaimTemplate), why: `volume ${volume.name} of pod ${name} has it` };
      return failed === undefined ? [made] : [tell(volume.name, `create PVC ${own.name}: ${failed}`), made];
    }) };
  },
};

function claimOf(pod: KubeObject, name: string, { metadata: { labels, annotations } = {}, spec }: ClaimTemplate = {}): NewObject {
  const { namespace } = pod.metadata;
  return {
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...(spec === undefined ? {} : { spec }),
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }), ownerReferences: [controllerReference(pod)] },
  };
}
