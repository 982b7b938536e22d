import { providePrograms } from '../test-run/programs.ts';
import type { Result } from '../test-run/result.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { scenarioTests, select } from '../test-run/test-files.ts';
import { root, type Task } from './task.ts';

/** One file at a time: each has the machine, its networks and its firewall to itself. */
export async function runScenarios(words: readonly string[] = []): Promise<Result[]> {
  const env = { PATH: await providePrograms(root) };
  return runStage('scenarios', select(scenarioTests(root), words), { root, concurrency: 1, verbose: true, env });
}

export const task: Task = async (args) => {
  const started = performance.now();
  return summarize(await runScenarios(args), started);
};
