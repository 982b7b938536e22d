import { providePrograms } from '../test-run/programs.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { root, type Task } from './task.ts';

/** Most of it is the distribution's packages, which come over the network. */
const LIMIT_MS = 45 * 60_000;

/** examples/dockerfiles, those whose names contain one of the words or all, built and run on a Debian that is made for it. */
export const task: Task = async (args) => {
  const started = performance.now();
  const env = { PATH: await providePrograms(root), GANTRY_EXAMPLES: args.length === 0 ? 'all' : args.join(' ') };
  return summarize(await runStage('examples', ['test/examples.test.ts'], { root, concurrency: 1, verbose: true, env, timeoutMs: LIMIT_MS }), started);
};
