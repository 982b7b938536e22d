import process from 'node:process';
import { PEERS } from '../../bench/options.ts';
import { installSystemPrograms, providePrograms } from '../test-run/programs.ts';
import { startReferenceEngine } from '../test-run/reference-engine.ts';
import { runStage, summarize } from '../test-run/stage.ts';
import { select } from '../test-run/test-files.ts';
import { root, type Task } from './task.ts';

/** Each compares Gantry, or its command line, with what a dockerd answers. One after the other: some list all that a daemon has. */
const COMPARISONS = [
  'src/cli/command/requests.differential.test.ts', 'src/cli/lower/create.differential.test.ts', 'src/cli/daemon.differential.test.ts', 'src/docker/differential.test.ts',
  'test/differential.test.ts', 'test/contract.test.ts', 'test/event-streams.test.ts', 'test/dockerfile-messages.test.ts', 'test/dockerfile-reports.test.ts',
  'test/build-differential.test.ts', 'test/compose.test.ts',
];
const LONGEST_MS = 30 * 60_000;

/** What `npm test` skips where no dockerd is at hand: all comparisons with one that Debian's newest packages bring. */
export const task: Task = async (args) => {
  const started = performance.now();
  installSystemPrograms();
  const path = await providePrograms(root);
  const reference = await startReferenceEngine(process.env['GANTRY_PEERS_ROOT'] ?? PEERS);
  if (typeof reference === 'string') {
    console.error(`reference: ${reference}`);
    return 1;
  }
  try {
    const env = { PATH: path, GANTRY_REFERENCE_SOCKET: reference.socket };
    return summarize(await runStage('beside a dockerd', select(COMPARISONS, args), { root, concurrency: 1, verbose: true, timeoutMs: LONGEST_MS, env }), started);
  } finally {
    await reference.stop();
  }
};
