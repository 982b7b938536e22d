import { providePrograms } from '../test-run/programs.ts';
import { numberOptions } from '../test-run/options.ts';
import type { Result } from '../test-run/result.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { scenarioTests, select } from '../test-run/test-files.ts';
import { root, type Task } from './task.ts';

/**
 * The scenarios in test/crash/ once per round. Each round has its own GANTRY_CRASH_SEED, from which a scenario
 * draws where it crashes; a round that fails is repeated with `--rounds 1 --seed N`.
 */
export const task: Task = async (args) => {
  const started = performance.now();
  const { options, rest } = numberOptions(args, { rounds: 20, seed: Date.now() % 2 ** 31 });
  const paths = select(scenarioTests(root).filter((path) => path.startsWith('test/crash/')), rest);
  if (paths.length === 0) {
    console.error('there are no crash scenarios: test/crash/*.test.ts');
    return 1;
  }
  const path = await providePrograms(root);
  const results: Result[] = [];
  for (let seed = options.seed; seed < options.seed + options.rounds; seed++) {
    results.push(...await runStage(`crash --seed ${seed}`, paths, { root, concurrency: 1, env: { PATH: path, GANTRY_CRASH_SEED: String(seed) } }));
  }
  return summarize(results, started);
};
