import type { Container } from '#container/model/container.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { emitContainer } from './container-events.ts';
import type { ContainerTable } from './container-table.ts';
import type { EventLog } from './event-log.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { EnginePorts } from './ports.ts';

interface Parts {
  readonly host: EnginePorts['host'];
  readonly containers: ContainerTable;
  readonly lock: KeyedLock;
  readonly events: EventLog;
}

/** Does something with the files of a container that runs, which is held still meanwhile. One that ends at that moment stands still by itself. */
export async function holdingStill<T>(container: Container, parts: Parts, work: () => Promise<T>): Promise<T> {
  const { id } = container.spec;
  if (!await hold(id, parts)) return await work();
  emitContainer(parts.events, container, 'pause');
  try {
    return await work();
  } finally {
    await letGo(id, parts);
    emitContainer(parts.events, container, 'unpause');
  }
}

/** Whether it is held still now: one that has ended is not. */
async function hold(id: ContainerId, parts: Parts): Promise<boolean> {
  // A daemon that ends in between leaves the mark, by which the next lets it go on.
  if (!await mark(id, true, parts)) return false;
  try {
    await parts.host.pause(id);
    return true;
  } catch (thrown) {
    const lives = isAlive(id, parts);
    await mark(id, false, parts);
    if (lives) throw thrown;
    return false;
  }
}

async function letGo(id: ContainerId, parts: Parts): Promise<void> {
  try {
    await parts.host.resume(id);
  } catch (thrown) {
    // Killed meanwhile, it has nothing left to go on with.
    if (isAlive(id, parts)) throw thrown;
  } finally {
    await mark(id, false, parts);
  }
}

function isAlive(id: ContainerId, { containers, host }: Parts): boolean {
  const process = containers.get(id)?.state.process;
  return process !== undefined && host.isAlive(process);
}

/** Whether it runs: what has ended stays as it is. */
async function mark(id: ContainerId, freezing: boolean, { containers, lock }: Parts): Promise<boolean> {
  return await lock.run(id, async () => {
    const row = containers.get(id);
    if (row?.state.phase !== 'running') return false;
    await containers.putState(id, { ...row.state, freezing });
    return true;
  });
}
