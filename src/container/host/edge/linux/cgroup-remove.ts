import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { CgroupLayout } from './cgroup-layout.ts';
import { errnoOf } from './system-error.ts';

/**
 * The kernel frees a group some time after its last process was reaped: a millisecond at rest; where a load holds up the
 * end of the processes, much later. The pauses grow, and come to ten seconds.
 */
const ATTEMPTS = 105;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

/**
 * Removes a control group and those below it from every hierarchy. `path` is as in /proc/PID/cgroup: `/gantry/abc`. What is
 * missing already is fine. Throws 'conflict' when processes are left after ten seconds.
 * @param evict called whenever the group was found busy
 */
export async function removeCgroup(layout: CgroupLayout, path: string, evict: () => void = () => {}): Promise<void> {
  const directories = [...cgroupDirectories(layout, path), ...(layout.version === 'hybrid' ? [join(layout.unified, path)] : [])];
  await Promise.all(directories.map((directory) => removeTree(directory, evict)));
}

/** The directories that make up one control group for the runtime: one for v2, one for each hierarchy of v1. */
export function cgroupDirectories(layout: CgroupLayout, path: string): readonly string[] {
  if (!/^(\/[^/\0]+)+$/.test(path) || path.split('/').includes('..')) {
    throw new GantryError('invalid', `not the path of a control group: ${JSON.stringify(path)}`);
  }
  const roots = layout.version === 'v2' ? [layout.root] : layout.hierarchies.map((hierarchy) => hierarchy.root);
  return roots.map((root) => join(root, path));
}

async function removeTree(directory: string, evict: () => void): Promise<void> {
  for (const child of childrenOf(directory)) await removeTree(join(directory, child), evict);
  for (let attempt = 1; ; attempt++) {
    try {
      rmdirSync(directory);
      return;
    } catch (cause) {
      const code = errnoOf(cause);
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt === ATTEMPTS) throw stillBusy(directory, cause);
      evict();
      await new Promise((resolve) => setTimeout(resolve, Math.min(FIRST_PAUSE_MS * attempt, LONGEST_PAUSE_MS)));
    }
  }
}

function childrenOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return [];
    throw stillBusy(directory, cause);
  }
}

function stillBusy(directory: string, cause: unknown): GantryError {
  return new GantryError('conflict', `could not remove the control group ${directory}`, {
    subject: `control group ${directory}`, hint: `See which processes are left: cat ${directory}/cgroup.procs`, cause,
  });
}
