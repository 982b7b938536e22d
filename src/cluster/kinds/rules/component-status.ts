import type { KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { column, NAME } from './_columns.ts';
import { listAt, textAt } from './_fields.ts';

const healthy = (object: KubeObject, field: string): string => {
  const condition = listAt(object, 'conditions').find((each) => textAt(each, 'type') === 'Healthy');
  return condition === undefined ? '' : textAt(condition, field);
};

export const componentStatusRules: KindRules = {
  columns: [
    NAME,
    column('Status', 'Whether it is well', (object) => ({ True: 'Healthy', False: 'Unhealthy' })[healthy(object, 'status')] ?? 'Unknown'),
    column('Message', 'What it says', (object) => healthy(object, 'message')),
    column('Error', 'Why it could not be asked', (object) => healthy(object, 'error')),
  ],
};
