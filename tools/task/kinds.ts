import { schemaModules, sourceFolders, writeModules } from '../kubernetes/generate.ts';
import { copiedTexts, upstreamRuns } from '../kubernetes/upstream-words.ts';
import { root, type Task } from './task.ts';

/** Makes src/cluster/kinds/schema anew from upstream's packages, and sees to it that no description is upstream's. */
export const task: Task = async () => {
  const changed = writeModules(root, schemaModules(root));
  console.log(changed.length === 0 ? 'kinds: as they were' : `kinds: made ${changed.join(', ')}`);
  const copied = sourceFolders(root).flatMap((folder) => copiedTexts(upstreamRuns(folder)));
  for (const each of copied) console.error(`kinds: in upstream's words, not in ours: ${each}`);
  return copied.length === 0 ? 0 : 1;
};
