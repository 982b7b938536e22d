import type { KindRules } from '../kind-rules.ts';
import { AGE, column, containerColumns, count, NAME, selectorText, wide } from './_columns.ts';
import { numberAt, objectAt } from './_fields.ts';
import { defaultTemplate, fill } from './_pod-defaults.ts';
import { checkDeploymentStrategy } from './_rollout-validation.ts';
import { checkReplicas, checkSelectedTemplate, sameSelector } from './_workload-validation.ts';

export const deploymentRules: KindRules = {
  defaults: (deployment) => {
    const spec = fill(defaultTemplate(objectAt(deployment, 'spec')), { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    const strategy = fill(objectAt(spec, 'strategy'), { type: 'RollingUpdate' });
    const rolling = strategy['type'] === 'RollingUpdate' ? { rollingUpdate: fill(objectAt(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' }) } : {};
    return { ...deployment, spec: { ...spec, strategy: { ...strategy, ...rolling } } };
  },
  validate: (deployment) => [...checkReplicas(deployment), ...checkSelectedTemplate(deployment), ...checkDeploymentStrategy(objectAt(deployment, 'spec'))],
  validateUpdate: sameSelector,
  columns: [
    NAME,
    column('Ready', 'Pods that are ready, of those that are wanted', (deployment) => `${numberAt(deployment, 'status', 'readyReplicas')}/${numberAt(deployment, 'spec', 'replicas')}`),
    count('Up-to-date', 'Pods of the latest template', (deployment) => numberAt(deployment, 'status', 'updatedReplicas')),
    count('Available', 'Pods that were ready long enough', (deployment) => numberAt(deployment, 'status', 'availableReplicas')),
    AGE,
    ...containerColumns('spec', 'template', 'spec'),
    wide(column('Selector', 'Which pods are its own', (deployment) => selectorText(deployment, 'spec', 'selector'))),
  ],
};
