import type { KindRules } from '../kind-rules.ts';
import { AGE, column, containerColumns, count, mapText, NAME, wide } from './_columns.ts';
import { numberAt, objectAt } from './_fields.ts';
import { defaultTemplate, fill } from './_pod-defaults.ts';
import { checkReplicas } from './_workload-validation.ts';

export const replicationControllerRules: KindRules = {
  defaults: (controller) => {
    const spec = fill(defaultTemplate(objectAt(controller, 'spec')), { replicas: 1 });
    const labels = objectAt(spec, 'template', 'metadata', 'labels');
    const selector = Object.keys(objectAt(spec, 'selector')).length === 0 && Object.keys(labels).length > 0 ? { selector: labels } : {};
    const own = Object.keys(objectAt(controller, 'metadata', 'labels')).length === 0 && Object.keys(labels).length > 0 ? { labels: labels as Record<string, string> } : {};
    return { ...controller, metadata: { ...controller.metadata, ...own }, spec: { ...spec, ...selector }, status: fill(objectAt(controller, 'status'), { replicas: 0 }) };
  },
  validate: checkReplicas,
  columns: [
    NAME,
    count('Desired', 'Pods that are wanted', (controller) => numberAt(controller, 'spec', 'replicas')),
    count('Current', 'Pods that are there', (controller) => numberAt(controller, 'status', 'replicas')),
    count('Ready', 'Pods that are ready', (controller) => numberAt(controller, 'status', 'readyReplicas')),
    AGE,
    ...containerColumns('spec', 'template', 'spec'),
    wide(column('Selector', 'Which pods are its own', (controller) => mapText(objectAt(controller, 'spec', 'selector')))),
  ],
};
