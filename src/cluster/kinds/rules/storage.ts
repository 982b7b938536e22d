import { forbidden, notSupported, required, type KindRules } from '../kind-rules.ts';
import { asJson, asObject, type KubeObject } from '../object.ts';
import { ACCESS_MODES, checkModes, checkStorage, claimSpecFaults } from './_claim-validation.ts';
import { AGE, column, NAME, wide } from './_columns.ts';
import { objectAt, textAt, textOf, textsAt, valueAt } from './_fields.ts';
import { fill } from './_pod-defaults.ts';
import { changedFields } from './_workload-validation.ts';

const modesText = (object: KubeObject, ...path: readonly string[]): string => textsAt(object, ...path).map((mode) => ACCESS_MODES[mode] ?? mode).join(',');
const RECLAIM = ['Delete', 'Recycle', 'Retain'];
const BINDING = ['Immediate', 'WaitForFirstConsumer'];

export const persistentVolumeClaimRules: KindRules = {
  defaults: (claim) => ({ ...claim, spec: fill(objectAt(claim, 'spec'), { volumeMode: 'Filesystem' }), status: fill(objectAt(claim, 'status'), { phase: 'Pending' }) }),
  validate: claimSpecFaults,
  validateUpdate: (claim, old) => {
    // A volume is named once, the class may be filled in, and a claim grows.
    const fields = changedFields(objectAt(claim, 'spec'), objectAt(old, 'spec')).filter((name) => !['resources', 'volumeAttributesClassName'].includes(name) && !(['volumeName', 'storageClassName'].includes(name) && textAt(old, 'spec', name) === ''));
    return fields.length === 0 ? [] : [forbidden('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims')];
  },
  columns: [
    NAME,
    column('Status', 'Whether it has a volume', (claim) => (claim.metadata.deletionTimestamp === undefined ? textAt(claim, 'status', 'phase') : 'Terminating')),
    column('Volume', 'Which one', (claim) => textAt(claim, 'spec', 'volumeName')),
    column('Capacity', 'How much that holds', (claim) => textAt(claim, 'status', 'capacity', 'storage')),
    column('Access Modes', 'How it may be mounted', (claim) => modesText(claim, 'status', 'accessModes')),
    column('StorageClass', 'Where volumes for it come from', (claim) => textAt(claim, 'spec', 'storageClassName')),
    column('VolumeAttributesClass', 'What its volume is to be like', (claim) => textAt(claim, 'spec', 'volumeAttributesClassName') || '<unset>'),
    AGE,
    wide(column('VolumeMode', 'Files or a device', (claim) => textAt(claim, 'spec', 'volumeMode'))),
  ],
};

export const persistentVolumeRules: KindRules = {
  defaults: (volume) => ({ ...volume, spec: fill(objectAt(volume, 'spec'), { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }), status: fill(objectAt(volume, 'status'), { phase: 'Pending' }) }),
  validate: (volume) => {
    const policy = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy');
    return [
      ...checkModes(volume),
      ...checkStorage(textAt(volume, 'spec', 'capacity', 'storage'), 'spec.capacity'),
      ...(RECLAIM.includes(policy) ? [] : [notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM)]),
    ];
  },
  columns: [
    NAME,
    column('Capacity', 'How much it holds', (volume) => textAt(volume, 'spec', 'capacity', 'storage')),
    column('Access Modes', 'How it may be mounted', (volume) => modesText(volume, 'spec', 'accessModes')),
    column('Reclaim Policy', 'What becomes of it when its claim goes', (volume) => textAt(volume, 'spec', 'persistentVolumeReclaimPolicy')),
    column('Status', 'Whether it is in use', (volume) => (volume.metadata.deletionTimestamp === undefined ? textAt(volume, 'status', 'phase') : 'Terminating')),
    column('Claim', 'Whose it is', (volume) => (valueAt(volume, 'spec', 'claimRef') === undefined ? '' : `${textAt(volume, 'spec', 'claimRef', 'namespace')}/${textAt(volume, 'spec', 'claimRef', 'name')}`)),
    column('StorageClass', 'Where it comes from', (volume) => textAt(volume, 'spec', 'storageClassName')),
    column('VolumeAttributesClass', 'What it is like', (volume) => textAt(volume, 'spec', 'volumeAttributesClassName') || '<unset>'),
    column('Reason', 'Why it is as it is', (volume) => textAt(volume, 'status', 'reason')),
    AGE,
    wide(column('VolumeMode', 'Files or a device', (volume) => textAt(volume, 'spec', 'volumeMode'))),
  ],
};

export const storageClassRules: KindRules = {
  defaults: (kind) => asObject(fill(asJson(kind), { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })),
  validate: (kind) => [
    ...(textAt(kind, 'provisioner') === '' ? [required('provisioner')] : []),
    ...(['Delete', 'Retain'].includes(textAt(kind, 'reclaimPolicy')) ? [] : [notSupported('reclaimPolicy', textAt(kind, 'reclaimPolicy'), ['Delete', 'Retain'])]),
    ...(BINDING.includes(textAt(kind, 'volumeBindingMode')) ? [] : [notSupported('volumeBindingMode', textAt(kind, 'volumeBindingMode'), BINDING)]),
  ],
  validateUpdate: (kind, old) => ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'].filter((name) => changedFields({ [name]: valueAt(kind, name) }, { [name]: valueAt(old, name) }).length > 0).map((name) => forbidden(name, `updates to ${name} are forbidden.`)),
  columns: [
    { ...NAME, cell: (kind) => `${kind.metadata.name}${textAt(kind, 'metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class') === 'true' ? ' (default)' : ''}` },
    column('Provisioner', 'Who makes its volumes', (kind) => textAt(kind, 'provisioner')),
    column('ReclaimPolicy', 'What becomes of a volume when its claim goes', (kind) => textAt(kind, 'reclaimPolicy')),
    column('VolumeBindingMode', 'When a volume is made', (kind) => textAt(kind, 'volumeBindingMode')),
    column('AllowVolumeExpansion', 'Whether volumes grow', (kind) => textOf(valueAt(kind, 'allowVolumeExpansion') === true)),
    AGE,
  ],
};
