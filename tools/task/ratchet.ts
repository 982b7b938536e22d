import { globSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ratchetFaults } from '../test-run/ratchet-faults.ts';
import type { Result } from '../test-run/result.ts';
import { summarize } from '../test-run/stage.ts';
import { root, type Task } from './task.ts';

const FOLDER = 'test/ratchet';

/** Each list counts as one test. */
export async function checkRatchets(): Promise<Result[]> {
  const now = globSync(`${FOLDER}/*.txt`, { cwd: root });
  const committed = git('ls-tree', '--name-only', 'HEAD', `${FOLDER}/`).split('\n').filter((path) => path.endsWith('.txt'));
  const paths = [...new Set([...now, ...committed])].sort();
  console.log(`ratchet: ${paths.length} lists`);
  return paths.map((path) => {
    const before = committed.includes(path) ? git('show', `HEAD:${path}`) : '';
    const after = now.includes(path) ? readFileSync(join(root, path), 'utf8') : undefined;
    const faults = ratchetFaults(before, after);
    return { path, passed: faults.length === 0 ? 1 : 0, failures: faults.map((name) => ({ name, detail: '' })), skips: [], durationMs: 0 };
  });
}

/** Nothing where there is no commit yet. */
function git(...args: readonly string[]): string {
  const { status, stdout } = spawnSync('git', ['-C', root, '-c', `safe.directory=${root}`, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return status === 0 ? stdout : '';
}

export const task: Task = async () => {
  const started = performance.now();
  return summarize(await checkRatchets(), started);
};
