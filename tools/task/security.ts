import { numberOptions } from '../test-run/options.ts';
import { installSystemPrograms, providePrograms } from '../test-run/programs.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { scenarioTests, select } from '../test-run/test-files.ts';
import { root, type Task } from './task.ts';

const LONGEST_MS = 60 * 60_000;

/** The tests in test/security/, whose races are tried so many times as often as in `npm test`. */
export const task: Task = async (args) => {
  const started = performance.now();
  const { options, rest } = numberOptions(args, { rounds: 10 });
  installSystemPrograms();
  const paths = select(scenarioTests(root).filter((path) => path.startsWith('test/security/')), rest);
  const env = { PATH: await providePrograms(root), GANTRY_SECURITY_ROUNDS: String(options.rounds) };
  return summarize(await runStage('security', paths, { root, concurrency: 1, verbose: true, timeoutMs: LONGEST_MS, env }), started);
};
