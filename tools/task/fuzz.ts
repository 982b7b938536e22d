import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { numberOptions } from '../test-run/options.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { select, unitTests } from '../test-run/test-files.ts';
import { root, type Task } from './task.ts';

/** Every test file with property tests, with many cases and a fresh seed, which is printed: `--seed` repeats a run. */
export const task: Task = async (args) => {
  const started = performance.now();
  const { options, rest } = numberOptions(args, { runs: 5000, seed: Date.now() % 2 ** 31 });
  const paths = select(unitTests(root), rest).filter((path) => readFileSync(join(root, path), 'utf8').includes("from 'fast-check'"));
  console.log(`fuzz: ${options.runs} cases per property, --seed ${options.seed}`);
  return summarize(await runStage('fuzz', paths, {
    root,
    concurrency: 2,
    verbose: true,
    nodeFlags: [`--import=${join(root, 'tools/test-run/fuzz-setup.ts')}`],
    env: { GANTRY_FUZZ_RUNS: String(options.runs), GANTRY_FUZZ_SEED: String(options.seed) },
  }), started);
};
