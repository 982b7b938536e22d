import { readFileSync } from 'node:fs';
import { parseMountinfo, type MountEntry } from './mountinfo.ts';

/**
 * How this machine arranges control groups. v1: one hierarchy for each controller (or pair). v2: one for all. Hybrid: v1
 * with a v2 mount beside it, in which containers are v1.
 */
export type CgroupLayout =
  | { readonly version: 'v2'; readonly root: string }
  | { readonly version: 'v1'; readonly hierarchies: readonly CgroupHierarchy[] }
  | { readonly version: 'hybrid'; readonly hierarchies: readonly CgroupHierarchy[]; readonly unified: string };

export interface CgroupHierarchy {
  readonly root: string;
  /** `memory`, `cpu`, `cpuacct`; a named hierarchy is `name=systemd`. */
  readonly controllers: readonly string[];
}

/** Options of every v1 cgroup file system that name no controller. */
const NOT_CONTROLLERS = /^(rw|ro|xattr|noprefix|clone_children|cpuset_v2_mode|release_agent=.*)$/;

/** Undefined when no control groups are mounted. */
export function detectCgroupLayout(mounts: readonly MountEntry[]): CgroupLayout | undefined {
  const hierarchies = mounts.filter((entry) => entry.type === 'cgroup').filter(isFirstOfItsFileSystem).map((entry) => ({
    root: entry.target,
    controllers: entry.superOptions.filter((option) => !NOT_CONTROLLERS.test(option)),
  }));
  const unified = mounts.find((entry) => entry.type === 'cgroup2')?.target;
  if (hierarchies.length > 0) {
    return unified === undefined ? { version: 'v1', hierarchies } : { version: 'hybrid', hierarchies, unified };
  }
  return unified === undefined ? undefined : { version: 'v2', root: unified };
}

/** Containers mount the same hierarchies again inside their roots. */
function isFirstOfItsFileSystem(entry: MountEntry, index: number, all: readonly MountEntry[]): boolean {
  return all.findIndex((other) => other.device === entry.device) === index;
}

/** The v2 mount that stands beside v1 hierarchies, if the layout is hybrid. */
export function hybridUnifiedMount(mounts: readonly MountEntry[]): string | undefined {
  const layout = detectCgroupLayout(mounts);
  return layout?.version === 'hybrid' ? layout.unified : undefined;
}

/** Of the calling thread's mount namespace. */
export function readCgroupLayout(): CgroupLayout | undefined {
  return detectCgroupLayout(parseMountinfo(readFileSync('/proc/thread-self/mountinfo', 'utf8')));
}
