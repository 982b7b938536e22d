import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import { leftVolumes, type LeftVolume, type MonitorMounts } from '../left-volumes.ts';
import { findLeftProcesses, identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { parseMountinfo, type MountEntry } from './linux/mountinfo.ts';
import { cloneMount, placeMount } from './linux/mount-tree.ts';
import { inMountNamespace } from './linux/namespaces.ts';
import { isAlive } from './linux/processes.ts';

/**
 * Volumes are mounted in the daemon's own mount namespace, which ends with it; the monitors of the containers that were started
 * meanwhile have copies. A new daemon takes those over, before it starts anything: a second file system of the same volume
 * would part containers that share one.
 * @param places directories whose subdirectories, at any depth, are volumes
 */
export function takeOverVolumes(context: HostContext, places: readonly string[], log: (line: string) => void): void {
  if (!places.some((place) => existsSync(place) && readdirSync(place).length > 0)) return;
  const here = new Set(mountsOf('thread-self').map(({ target }) => target));
  for (const volume of leftVolumes(places, here, monitorsOf(context, places))) takeOver(context, volume, log);
}

/** Those that have any such mount: what the container of another sees need not be read. */
function monitorsOf(context: HostContext, places: readonly string[]): readonly MonitorMounts[] {
  return readdirSync(`${context.run}/containers`).flatMap((id) => {
    const { monitor, process } = findLeftProcesses(context, `${context.run}/containers/${id}`, id);
    const mounts = monitor === undefined ? [] : mountsOf(monitor.pid).filter(({ target }) => places.some((place) => target.startsWith(`${place}/`)));
    if (monitor === undefined || mounts.length === 0) return [];
    return [{ monitor, mounts, used: new Set(process === undefined ? [] : mountsOf(process.pid).map(({ device }) => device)) }];
  });
}

function takeOver(context: HostContext, { path, holders }: LeftVolume, log: (line: string) => void): void {
  let fault: unknown;
  for (const monitor of holders) {
    try {
      takeFrom(context, monitor, path);
      return;
    } catch (thrown) {
      // Another one may still be there.
      fault = thrown;
    }
  }
  log(`the volume mounted at ${path} could not be taken over from the containers that have it, and is mounted anew when it is needed: ${messageOf(fault)}`);
}

function takeFrom(context: HostContext, monitor: ProcessRef, path: string): void {
  const namespace = openSync(`/proc/${monitor.pid}/ns/mnt`, 'r');
  try {
    // Asked after the open: the descriptor is of the process that was meant.
    if (!isAlive(identityOf(monitor))) throw new GantryError('conflict', 'the last container that has it has just ended');
    const tree = inMountNamespace(namespace, context.mountsFd, () => cloneMount(path));
    try {
      placeMount(tree, path);
    } finally {
      closeSync(tree);
    }
  } finally {
    closeSync(namespace);
  }
}

/** Nothing of a process that has ended. */
function mountsOf(process: number | 'thread-self'): readonly MountEntry[] {
  try {
    return parseMountinfo(readFileSync(`/proc/${process}/mountinfo`, 'utf8'));
  } catch {
    return [];
  }
}
