import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { CgroupLayout } from './cgroup-layout.ts';

const OWN = ['cpuset.cpus', 'cpuset.mems'];

/**
 * Groups that are made in this one begin with its processors and memory nodes (cgroup v1, cpuset(7)). Else they begin with none, the
 * runtime copies its parent's, and for each such write the kernel looks at all siblings and makes its scheduling domains anew.
 * Where it can't be done, the runtime goes on as it would.
 */
export function inheritProcessors(layout: CgroupLayout, group: string): void {
  const root = layout.version === 'v2' ? undefined : layout.hierarchies.find(({ controllers }) => controllers.includes('cpuset'))?.root;
  if (root === undefined) return;
  const directory = `${root}${group}`;
  try {
    mkdirSync(directory, { recursive: true });
    for (const file of OWN) if (readFileSync(`${directory}/${file}`, 'utf8').trim() === '') writeFileSync(`${directory}/${file}`, readFileSync(`${root}/${file}`, 'utf8').trim());
    writeFileSync(`${directory}/cgroup.clone_children`, '1');
  } catch {
    // A hierarchy that may not be written is a matter of the runtime, which says so.
  }
}
