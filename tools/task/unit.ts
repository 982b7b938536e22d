import { runStage, summarize } from '../test-run/stage.ts';
import { select, unitTests } from '../test-run/test-files.ts';
import type { Result } from '../test-run/result.ts';
import { root, type Task } from './task.ts';

export function runUnit(words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Result[]> {
  return runStage('unit tests and architecture', select(unitTests(root), words), { root, concurrency: 2, env });
}

export const task: Task = async (args) => {
  const started = performance.now();
  return summarize(await runUnit(args), started);
};
