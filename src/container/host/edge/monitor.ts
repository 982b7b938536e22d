import { closeSync, mkdirSync, readFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { StepOf } from '../step.ts';
import { exitsOf, PROGRAM_ENV, runtimeRootOf, type HostContext } from './host-context.ts';
import { placeMount } from './linux/mount-tree.ts';
import { pinNamespace, withMountNamespace } from './linux/namespaces.ts';
import { mountOverlay } from './linux/overlay.ts';
import { identifyProcess } from './linux/processes.ts';
import { posixSpawn } from './linux/spawn.ts';
import { waitForExit } from './linux/wait.ts';
import { programOf, runtimeNamed } from './runtime.ts';
import { openSharedMemory } from './shared-memory.ts';
import { makeMountPlace } from './mount-places.ts';
import { openOwnerMaps } from './owner-map.ts';
import { SyncPipe } from './sync-pipe.ts';

const SYNC_FD = 3;

interface Monitored {
  readonly process: ProcessRef;
  readonly monitor: ProcessRef;
}

/** What goes on after the monitor has been started; the promise is in an object, for it is not what a start waits for. */
interface Creation {
  readonly created: Promise<Monitored>;
}

function monitorArguments(context: HostContext, step: StepOf<'begin-creation'>): string[] {
  return [
    'conmon', '--api-version', '1', '--cid', step.id, '--cuuid', step.id, '--runtime', programOf(context, runtimeNamed(context, step.runtime)),
    `--runtime-arg=--root=${runtimeRootOf(context)}`, '--bundle', step.bundle, '--persist-dir', step.bundle,
    '--container-pidfile', `${step.bundle}/pid`, '--conmon-pidfile', `${step.bundle}/conmon.pid`, '--exit-dir', exitsOf(context),
    '--log-path', step.logPath === undefined ? 'none' : `k8s-file:${step.logPath}`, '--full-attach', '--no-sync-log',
    ...(step.terminal ? ['--terminal'] : []),
    ...(step.stdin === 'closed' ? [] : ['--stdin']),
    ...(step.stdin === 'open' ? ['--leave-stdin-open'] : []),
  ];
}

/**
 * Starts conmon, which has the runtime create the container. Root file system and network namespace are mounted in a mount
 * namespace that conmon alone keeps: they need no taking back, whoever dies first.
 */
export async function startMonitor(context: HostContext, step: StepOf<'begin-creation'>, networkNamespace: number | undefined): Promise<Creation> {
  const owners = await openOwnerMaps((step.places ?? []).flatMap(({ source, target }) => (source.kind === 'directory' && source.shownAs !== undefined ? [{ target, path: source.path, owner: source.shownAs }] : [])));
  const sync = new SyncPipe();
  const memory = step.shareMemory === undefined ? undefined : openSharedMemory(context, step.shareMemory.process);
  try {
    return { created: finishCreation(step, spawnMonitor(context, step, { networkNamespace, memory, ownerMaps: owners.maps, sync }), sync) };
  } catch (thrown) {
    sync.close();
    throw thrown;
  } finally {
    sync.closeWriteEnd();
    if (memory !== undefined) closeSync(memory);
    owners.close();
  }
}

async function finishCreation(step: StepOf<'begin-creation'>, pid: number, sync: SyncPipe): Promise<Monitored> {
  try {
    // The first conmon forks the one that stays, and ends.
    const forked = waitForExit(pid);
    const process = await sync.next(`create of container ${step.id.slice(0, 12)}`);
    await forked;
    const monitor = Number(readFileSync(`${step.bundle}/conmon.pid`, 'utf8'));
    return { process: processReference(process), monitor: processReference(monitor) };
  } finally {
    sync.close();
  }
}

interface Descriptors {
  readonly networkNamespace: number | undefined;
  readonly memory: number | undefined;
  /** User namespaces of mounts, by their places. */
  readonly ownerMaps: ReadonlyMap<string, number>;
  readonly sync: SyncPipe;
}

function spawnMonitor(context: HostContext, step: StepOf<'begin-creation'>, { networkNamespace, memory, ownerMaps, sync }: Descriptors): number {
  const { overlay, trees = [], joinNetwork, shareMemory } = step;
  return withMountNamespace(context.mountsFd, () => {
    for (const { target, lower, upper, work, options } of [overlay, ...trees]) mountOverlay({ target, lower, writable: { upper, work }, extra: options });
    for (const place of step.places ?? []) makeMountPlace(place, ownerMaps.get(place.target));
    if (joinNetwork !== undefined && networkNamespace !== undefined) pinNamespace(networkNamespace, joinNetwork.path);
    if (shareMemory !== undefined && memory !== undefined) {
      mkdirSync(shareMemory.path, { recursive: true, mode: 0o700 });
      placeMount(memory, shareMemory.path);
    }
    return posixSpawn({
      path: context.monitorPath, argv: monitorArguments(context, step), newSession: true,
      env: { ...PROGRAM_ENV, _OCI_SYNCPIPE: String(SYNC_FD), XDG_RUNTIME_DIR: context.run },
      files: [{ fd: SYNC_FD, source: sync.writeEnd }],
    });
  });
}

/** A process that ended before it could be looked at is still told by its number; its start time says that it is gone. */
export function processReference(pid: number): ProcessRef {
  if (!Number.isInteger(pid) || pid <= 0) throw new GantryError('internal', `the monitor named process ${pid}, which can't be`);
  const identity = identifyProcess(pid);
  return identity === undefined ? { pid, startTime: '-1' } : { pid, startTime: String(identity.startTime) };
}

