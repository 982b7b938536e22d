import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hybridUnifiedMount, type CgroupLayout } from './cgroup-layout.ts';
import { parseMountinfo } from './mountinfo.ts';

/**
 * The v2 hierarchy of a hybrid layout by a descriptor, which stays a way into it when its mount is taken out of this namespace
 * (`enterPrivateMounts`). Undefined on every other layout.
 */
export function openUnified(): number | undefined {
  const mount = hybridUnifiedMount(parseMountinfo(readFileSync('/proc/thread-self/mountinfo', 'utf8')));
  return mount === undefined ? undefined : openSync(mount, 'r');
}

/** The layout that was read after the mount was taken out, with the hierarchy that is reached by the descriptor. */
export function withUnified(layout: CgroupLayout | undefined, fd: number | undefined): CgroupLayout | undefined {
  return layout?.version === 'v1' && fd !== undefined ? { version: 'hybrid', hierarchies: layout.hierarchies, unified: `/proc/self/fd/${fd}` } : layout;
}

/**
 * The runtime leaves a container where the daemon is in the v2 hierarchy beside v1. What it makes there by itself (systemd makes groups
 * below its own) would lie among the host's: so it gets a group of its own, which goes with it.
 */
export function joinUnified(layout: CgroupLayout, path: string, pid: number): void {
  if (layout.version !== 'hybrid') return;
  const directory = join(layout.unified, path);
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/cgroup.procs`, String(pid));
}
