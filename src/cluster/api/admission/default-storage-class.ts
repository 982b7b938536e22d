import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { AdmissionPlugin } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';

const CLASSES = 'storage.k8s.io/storageclasses';
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const PROTECTION = 'kubernetes.io/pvc-protection';

/**
 * A claim that names no class gets the default one, of several the newest (upstream's DefaultStorageClass), and each claim stays
 * until no pod uses it (StorageObjectInUseProtection). An empty name is a name: it asks for a volume without a class.
 */
export function claimAdmission(view: ObjectView): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    async create(of, claim) {
      if (of.group !== '' || of.plural !== 'persistentvolumeclaims') return claim;
      return withClass(withProtection(claim), defaultClass(view));
    },
  };
}

function defaultClass(view: ObjectView): string | undefined {
  const defaults = view.list(CLASSES).filter(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true');
  return defaults.sort((a, b) => Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1))[0]?.metadata.name;
}

function withClass(claim: KubeObject, name: string | undefined): KubeObject {
  const spec = (claim['spec'] ?? {}) as { readonly storageClassName?: string };
  return name === undefined || spec.storageClassName !== undefined ? claim : asObject({ ...asJson(claim), spec: { ...spec, storageClassName: name } });
}

function withProtection(claim: KubeObject): KubeObject {
  const { finalizers = [] } = claim.metadata;
  return finalizers.includes(PROTECTION) ? claim : { ...claim, metadata: { ...claim.metadata, finalizers: [...finalizers, PROTECTION] } };
}
