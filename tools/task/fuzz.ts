import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { numberOptions } from '../test-run/options.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { providePrograms } from '../test-run/programs.ts';
import { select, unitTests } from '../test-run/test-files.ts';
import { root, type Task } from './task.ts';

const API = 'test/fuzz-api.test.ts';
const LONGEST_MS = 30 * 60_000;

/**
 * Every test file with property tests, with many cases, and the API of a real daemon with many requests. The seed is
 * fresh and printed: `--seed` repeats a run.
 */
export const task: Task = async (args) => {
  const started = performance.now();
  const { options, rest } = numberOptions(args, { runs: 5000, requests: 50_000, seed: Date.now() % 2 ** 31 });
  const paths = select(unitTests(root), rest).filter((path) => readFileSync(join(root, path), 'utf8').includes("from 'fast-check'"));
  console.log(`fuzz: ${options.runs} cases per property, ${options.requests} requests, --seed ${options.seed}`);
  const results = await runStage('fuzz', paths, {
    root,
    concurrency: 2,
    verbose: true,
    nodeFlags: [`--import=${join(root, 'tools/test-run/fuzz-setup.ts')}`],
    env: { GANTRY_FUZZ_RUNS: String(options.runs), GANTRY_FUZZ_SEED: String(options.seed) },
  });
  results.push(...await runStage('fuzz of the API', select([API], rest), {
    root, concurrency: 1, verbose: true, timeoutMs: LONGEST_MS,
    env: { PATH: await providePrograms(root), GANTRY_FUZZ_REQUESTS: String(options.requests), GANTRY_FUZZ_SEED: String(options.seed) },
  }));
  return summarize(results, started);
};
