import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What was removed or written goes on in the background of one engine or the other: nothing is timed until the disk is quiet. */
const QUIET_MS = 1500;

/** An attempt that writes so much that it would wait for what the one before it has left to be written. */
export async function fromQuiet(before: () => void, attempt: () => number | Promise<number>): Promise<number> {
  before();
  spawnSync('sync');
  await sleep(QUIET_MS);
  return attempt();
}
