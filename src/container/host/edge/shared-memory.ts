import { closeSync, openSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import { identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { cloneMount } from './linux/mount-tree.ts';
import { inMountNamespace } from './linux/namespaces.ts';
import { isAlive } from './linux/processes.ts';

/**
 * The /dev/shm of a container that runs, for another that shares its IPC namespace. A mount of another namespace can't be
 * bound, so it is copied from the inside, where the path can lead nowhere but into that container.
 * @returns a descriptor for `placeMount`; the caller closes it
 */
export function openSharedMemory(context: HostContext, process: ProcessRef): number {
  const namespace = openSync(`/proc/${process.pid}/ns/mnt`, 'r');
  try {
    // Asked after the open: the descriptor is of the process that was meant.
    if (!isAlive(identityOf(process))) throw new GantryError('conflict', 'the container whose shared memory is asked for has just ended', { hint: 'start it again first' });
    return inMountNamespace(namespace, context.mountsFd, () => cloneMount('/dev/shm'));
  } finally {
    closeSync(namespace);
  }
}
