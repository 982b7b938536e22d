import { forbidden, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, containerColumns, NAME } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt } from './_fields.ts';
import { changeEach, defaultTemplate, fill } from './_pod-defaults.ts';
import { checkStatefulSetPolicies } from './_rollout-validation.ts';
import { changedFields, checkReplicas, checkSelectedTemplate } from './_workload-validation.ts';

/** With the volumes that its claims give to each pod: containers mount them as any other. */
function withClaims(set: KubeObject): KubeObject {
  const spec = objectAt(set, 'spec');
  const claims = listAt(spec, 'volumeClaimTemplates').map((claim) => textAt(claim, 'metadata', 'name'));
  const template = objectAt(spec, 'template');
  const pod = objectAt(template, 'spec');
  const volumes = [...listAt(pod, 'volumes').filter((volume) => !claims.includes(textAt(volume, 'name'))), ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))];
  return claims.length === 0 ? set : { ...set, spec: { ...spec, template: { ...template, spec: { ...pod, volumes } } } };
}

/** What may change of a spec. */
const MUTABLE = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'];

export const statefulSetRules: KindRules = {
  defaults: (set) => {
    const spec = fill(defaultTemplate(objectAt(set, 'spec')), {
      replicas: 1, podManagementPolicy: 'OrderedReady', updateStrategy: {}, revisionHistoryLimit: 10, persistentVolumeClaimRetentionPolicy: {},
    });
    const strategy = fill(objectAt(spec, 'updateStrategy'), { type: 'RollingUpdate' });
    const rolling = strategy['type'] === 'RollingUpdate' ? { rollingUpdate: fill(objectAt(strategy, 'rollingUpdate'), { partition: 0 }) } : {};
    const claims = changeEach(spec, 'volumeClaimTemplates', (claim) => fill(
      { ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: fill(objectAt(claim, 'spec'), { volumeMode: 'Filesystem' }) }, { status: { phase: 'Pending' } },
    ));
    return {
      ...set,
      spec: {
        ...claims, updateStrategy: { ...strategy, ...rolling },
        persistentVolumeClaimRetentionPolicy: fill(objectAt(spec, 'persistentVolumeClaimRetentionPolicy'), { whenDeleted: 'Retain', whenScaled: 'Retain' }),
      },
      status: fill(objectAt(set, 'status'), { replicas: 0, availableReplicas: 0 }),
    };
  },
  validate: (set) => [...checkReplicas(set), ...checkSelectedTemplate(withClaims(set)), ...checkStatefulSetPolicies(objectAt(set, 'spec'))],
  validateUpdate: (set, old) => (changedFields(objectAt(set, 'spec'), objectAt(old, 'spec')).every((field) => MUTABLE.includes(field)) ? [] : [
    forbidden('spec', "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"),
  ]),
  columns: [
    NAME,
    column('Ready', 'Pods that are ready, of those that are wanted', (set) => `${numberAt(set, 'status', 'readyReplicas')}/${numberAt(set, 'spec', 'replicas')}`),
    AGE,
    ...containerColumns('spec', 'template', 'spec'),
  ],
};
