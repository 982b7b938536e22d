import type { KindRules } from '../kind-rules.ts';
import { AGE, column, containerColumns, count, mapText, NAME, selectorText, wide } from './_columns.ts';
import { numberAt, objectAt } from './_fields.ts';
import { defaultTemplate, fill } from './_pod-defaults.ts';
import { checkDaemonSetStrategy } from './_rollout-validation.ts';
import { checkSelectedTemplate, sameSelector } from './_workload-validation.ts';

export const daemonSetRules: KindRules = {
  defaults: (set) => {
    const spec = fill(defaultTemplate(objectAt(set, 'spec')), { updateStrategy: {}, revisionHistoryLimit: 10 });
    const strategy = fill(objectAt(spec, 'updateStrategy'), { type: 'RollingUpdate' });
    const rolling = strategy['type'] === 'RollingUpdate' ? { rollingUpdate: fill(objectAt(strategy, 'rollingUpdate'), { maxUnavailable: 1, maxSurge: 0 }) } : {};
    return {
      ...set, spec: { ...spec, updateStrategy: { ...strategy, ...rolling } },
      status: fill(objectAt(set, 'status'), { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }),
    };
  },
  validate: (set) => [...checkSelectedTemplate(set), ...checkDaemonSetStrategy(objectAt(set, 'spec'))],
  validateUpdate: sameSelector,
  columns: [
    NAME,
    count('Desired', 'Nodes that should run a pod of it', (set) => numberAt(set, 'status', 'desiredNumberScheduled')),
    count('Current', 'Nodes that do', (set) => numberAt(set, 'status', 'currentNumberScheduled')),
    count('Ready', 'Pods that are ready', (set) => numberAt(set, 'status', 'numberReady')),
    count('Up-to-date', 'Pods of the latest template', (set) => numberAt(set, 'status', 'updatedNumberScheduled')),
    count('Available', 'Pods that were ready long enough', (set) => numberAt(set, 'status', 'numberAvailable')),
    column('Node Selector', 'Labels of the nodes that are meant', (set) => mapText(objectAt(set, 'spec', 'template', 'spec', 'nodeSelector'))),
    AGE,
    ...containerColumns('spec', 'template', 'spec'),
    wide(column('Selector', 'Which pods are its own', (set) => selectorText(set, 'spec', 'selector'))),
  ],
};
