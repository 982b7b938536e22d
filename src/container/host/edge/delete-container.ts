import type { StepOf } from '../step.ts';
import { findLeftProcesses, goneWithin, identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { removeCgroup } from './linux/cgroup-remove.ts';
import { identifyProcess, signalProcess } from './linux/processes.ts';
import { processesOf } from './process-table.ts';

const SIGKILL = 9;
const MONITOR_END_MS = 2000;

/** Ends what still runs of a container, and removes its control groups. */
export async function deleteContainer(context: HostContext, step: StepOf<'delete-container'>): Promise<void> {
  const { process, monitor } = findLeftProcesses(context, step.bundle, step.id);
  if (process !== undefined) signalProcess(identityOf(process), SIGKILL);
  // Also again: a runtime that was making the container when its daemon was killed goes on with it.
  const evict = (): void => {
    for (const pid of processesOf(context, step.cgroup)) {
      const left = identifyProcess(pid);
      if (left !== undefined) signalProcess(left, SIGKILL);
    }
  };
  evict();
  if (process !== undefined && monitor !== undefined) await goneWithin(context.timers, MONITOR_END_MS, monitor);
  await removeCgroup(context.cgroups, step.cgroup, evict);
}
