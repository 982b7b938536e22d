import { providePrograms } from '../test-run/programs.ts';
import type { Result } from '../test-run/result.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { scenarioTests, select } from '../test-run/test-files.ts';
import { inCompany } from '../test-run/company.ts';
import { afterSecondLook, forSecondLook } from '../test-run/second-look.ts';
import { checkLeftBehind, kernelObjects } from '../test-run/left-behind.ts';
import { root, type Task } from './task.ts';

/** Two files at a time, and one that mostly waits: daemons live side by side. Those that measure run alone, after the others. */
export async function runScenarios(words: readonly string[] = []): Promise<Result[]> {
  const options = { root, verbose: true, env: { PATH: await providePrograms(root) } };
  const { together, patient, alone } = inCompany(select(scenarioTests(root), words));
  const before = kernelObjects();
  const first = (await Promise.all([
    together.length === 0 ? [] : runStage('scenarios, two at a time', together, { ...options, concurrency: 2 }),
    patient.length === 0 ? [] : runStage('scenarios that mostly wait, beside them', patient, { ...options, concurrency: 1 }),
  ])).flat();
  const again = forSecondLook(first);
  return [
    ...again.length === 0 ? first : afterSecondLook(first, await runStage('scenarios, a second look', again, { ...options, concurrency: 1 })),
    ...alone.length === 0 ? [] : await runStage('scenarios, alone', alone, { ...options, concurrency: 1 }),
    await checkLeftBehind(before),
  ];
}

export const task: Task = async (args) => {
  const started = performance.now();
  return summarize(await runScenarios(args), started);
};
