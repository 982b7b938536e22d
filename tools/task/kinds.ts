import { schemaModules, writeModules } from '../kubernetes/generate.ts';
import { root, type Task } from './task.ts';

/** Makes src/cluster/kinds/schema anew from upstream's packages. */
export const task: Task = async () => {
  const changed = writeModules(root, schemaModules(root));
  console.log(changed.length === 0 ? 'kinds: as they were' : `kinds: made ${changed.join(', ')}`);
  return 0;
};
