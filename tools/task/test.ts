import { summarize } from '../test-run/stage.ts';
import { installSystemPrograms, providePrograms } from '../test-run/programs.ts';
import { checkTypes } from './check.ts';
import { checkRatchets } from './ratchet.ts';
import { runScenarios } from './scenarios.ts';
import { root, type Task } from './task.ts';
import { runUnit } from './unit.ts';

/** All that a commit has to pass. Each stage runs, so that one run shows everything that is wrong. */
export const task: Task = async () => {
  const started = performance.now();
  installSystemPrograms();
  // Some unit tests compare the command line with docker's.
  const env = { PATH: await providePrograms(root) };
  const results = [...await checkTypes(), ...await runUnit([], env), ...await checkRatchets(), ...await runScenarios()];
  return summarize(results, started);
};
