import { readdir } from 'node:fs/promises';
import { GantryError } from '#base/error.ts';
import type { StepOf } from '../step.ts';
import { PROGRAM_ENV, type HostContext } from './host-context.ts';
import { withMountNamespace } from './linux/namespaces.ts';
import { mountOverlay } from './linux/overlay.ts';
import { bindMount } from './linux/mounts.ts';
import { posixSpawn } from './linux/spawn.ts';
import { waitForExit } from './linux/wait.ts';
import { findInLayers } from './rootfs-file.ts';

/**
 * An empty volume takes over what the image has at its target, owners and modes included. The copy runs on a merged view
 * in a mount namespace of its own, where the image's links can only lead to what the layers show at that place.
 */
export async function copyUp(context: HostContext, step: StepOf<'copy-up'>): Promise<void> {
  if ((await readdir(step.destination)).length > 0) return;
  const hit = findInLayers(step.layers, step.path);
  if (hit === undefined || !hit.found.stat.isDirectory()) return;
  const source = `${context.run}/copy-up`;
  const pid = withMountNamespace(context.mountsFd, () => {
    if (hit.directories.length === 1) bindMount(hit.directories[0] ?? '', source);
    else mountOverlay({ target: source, lower: hit.directories });
    return posixSpawn({ path: '/bin/cp', argv: ['cp', '--archive', '--no-target-directory', source, step.destination], env: PROGRAM_ENV });
  });
  const { exitCode } = await waitForExit(pid);
  if (exitCode !== 0) throw new GantryError('internal', `could not copy ${step.path} of the image into its volume`, { subject: step.destination, hint: 'see whether the disk is full: df -h' });
}

/** Blocks are shared where the file system can (reflink), so that a copy of a large tree costs little there. */
export async function copyTree(source: string, destination: string): Promise<void> {
  const pid = posixSpawn({ path: '/bin/cp', argv: ['cp', '--archive', '--reflink=auto', '--no-target-directory', source, destination], env: PROGRAM_ENV });
  const { exitCode } = await waitForExit(pid);
  if (exitCode !== 0) throw new GantryError('internal', `could not copy ${source}`, { subject: destination, hint: 'see whether the disk is full: df -h' });
}
