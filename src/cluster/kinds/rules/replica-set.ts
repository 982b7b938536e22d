import type { KindRules } from '../kind-rules.ts';
import { AGE, column, containerColumns, count, NAME, selectorText, wide } from './_columns.ts';
import { numberAt, objectAt } from './_fields.ts';
import { defaultTemplate, fill } from './_pod-defaults.ts';
import { checkReplicas, checkSelectedTemplate, sameSelector } from './_workload-validation.ts';

export const replicaSetRules: KindRules = {
  defaults: (set) => ({ ...set, spec: fill(defaultTemplate(objectAt(set, 'spec')), { replicas: 1 }), status: fill(objectAt(set, 'status'), { replicas: 0 }) }),
  validate: (set) => [...checkReplicas(set), ...checkSelectedTemplate(set)],
  validateUpdate: sameSelector,
  columns: [
    NAME,
    count('Desired', 'Pods that are wanted', (set) => numberAt(set, 'spec', 'replicas')),
    count('Current', 'Pods that are there', (set) => numberAt(set, 'status', 'replicas')),
    count('Ready', 'Pods that are ready', (set) => numberAt(set, 'status', 'readyReplicas')),
    AGE,
    ...containerColumns('spec', 'template', 'spec'),
    wide(column('Selector', 'Which pods are its own', (set) => selectorText(set, 'spec', 'selector'))),
  ],
};
