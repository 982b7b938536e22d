import { summarize } from '../test-run/stage.ts';
import { installSystemPrograms } from '../test-run/programs.ts';
import { checkTypes } from './check.ts';
import { checkRatchets } from './ratchet.ts';
import { runScenarios } from './scenarios.ts';
import type { Task } from './task.ts';
import { runUnit } from './unit.ts';

/** All that a commit has to pass. Each stage runs, so that one run shows everything that is wrong. */
export const task: Task = async () => {
  const started = performance.now();
  installSystemPrograms();
  const results = [...await checkTypes(), ...await runUnit(), ...await checkRatchets(), ...await runScenarios()];
  return summarize(results, started);
};
