import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { CgroupLayout } from './cgroup-layout.ts';
import { errnoOf } from './system-error.ts';

/** The kernel frees a group some time after its last process was reaped. */
const ATTEMPTS = 20;
const PAUSE_MS = 10;

/**
 * Removes a control group and those below it from every hierarchy. `path` is as in /proc/PID/cgroup: `/gantry/abc`. What is
 * missing already is fine. Throws 'conflict' when processes are left after 200 ms.
 */
export async function removeCgroup(layout: CgroupLayout, path: string): Promise<void> {
  await Promise.all(cgroupDirectories(layout, path).map(removeTree));
}

/** The directories that make up one control group: one for v2, one for each hierarchy of v1. */
export function cgroupDirectories(layout: CgroupLayout, path: string): readonly string[] {
  if (!/^(\/[^/\0]+)+$/.test(path) || path.split('/').includes('..')) {
    throw new GantryError('invalid', `not the path of a control group: ${JSON.stringify(path)}`);
  }
  const roots = layout.version === 'v2' ? [layout.root] : layout.hierarchies.map((hierarchy) => hierarchy.root);
  return roots.map((root) => join(root, path));
}

async function removeTree(directory: string): Promise<void> {
  for (const child of childrenOf(directory)) await removeTree(join(directory, child));
  for (let attempt = 1; ; attempt++) {
    try {
      rmdirSync(directory);
      return;
    } catch (cause) {
      const code = errnoOf(cause);
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt === ATTEMPTS) throw stillBusy(directory, cause);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
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
