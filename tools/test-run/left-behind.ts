import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SystemHasher } from '../../src/base/edge/system-hasher.ts';
import { layoutOf } from '../../src/container/engine/layout.ts';
import { eventually } from '../../test/world/waiting.ts';
import type { Result } from './result.ts';

/** Names of what a daemon with a root of its own makes in the kernel: they end with the tag of the root. */
const TAGGED = /^gantry[-_]([0-9a-f]{8})(?:_services|_policies)?$/;

/** Control groups, bridges and firewall tables of daemons on this machine, as `table gantry_0123abcd`. */
export function kernelObjects(): string[] {
  const groups = existsSync('/sys/fs/cgroup/cgroup.controllers') ? ['/sys/fs/cgroup'] : names('/sys/fs/cgroup').map((hierarchy) => `/sys/fs/cgroup/${hierarchy}`);
  const { stdout } = spawnSync('nft', ['list', 'tables', 'inet'], { encoding: 'utf8' });
  return [
    ...new Set(groups.flatMap(names).map((name) => `control group ${name}`)),
    ...names('/sys/class/net').map((name) => `bridge ${name}`),
    ...(stdout ?? '').split('\n').map((line) => line.replace(/^table inet/, 'table')),
  ].filter((object) => tagOf(object) !== undefined);
}

/** Tags of the roots of daemons that run, of this run or of another beside it. */
export function tagsOfRunning(): Set<string> {
  return new Set(names('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const root = rootOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
      return root === undefined ? [] : tagOf(`bridge ${layoutOf(root, '', new SystemHasher()).bridge}`) ?? [];
    } catch {
      return [];
    }
  }));
}

/** The last one counts, as for the daemon. */
export function rootOf(words: readonly string[]): string | undefined {
  return words[words.findLastIndex((word) => word === '--root' || word === '--data-root') + 1 || words.length];
}

/** What was not there before, and belongs to no daemon that runs. */
export function leftBehind(before: readonly string[], now: readonly string[], running: ReadonlySet<string>): string[] {
  return now.filter((object) => !before.includes(object) && !running.has(tagOf(object) ?? '')).sort();
}

/** Counts as one test: daemons of the scenarios leave nothing in the kernel. A daemon that ends just now has its time. */
export async function checkLeftBehind(before: readonly string[]): Promise<Result> {
  const started = performance.now();
  const look = (): string[] => leftBehind(before, kernelObjects(), tagsOfRunning());
  const left = await eventually('nothing is left', look, (found) => found.length === 0).catch(look);
  const failures = left.length === 0 ? [] : [{ name: 'a scenario left something in the kernel', detail: `${left.join('\n')}\nA test has to end its daemons by TestDaemon.destroy or erase, with the root that the daemon had.` }];
  return { path: 'what scenarios leave behind', passed: 1 - failures.length, failures, skips: [], durationMs: performance.now() - started };
}

function tagOf(object: string): string | undefined {
  return TAGGED.exec(object.split(' ').at(-1) ?? '')?.[1];
}

function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
