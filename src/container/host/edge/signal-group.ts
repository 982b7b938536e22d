import type { ProcessRef } from '#container/model/container-state.ts';
import { identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { isAlive, readProcessStat, signalProcess } from './linux/processes.ts';
import { processesOf } from './process-table.ts';

/** All of the process's group that are in the control group, each by reference: a group's number could be a stranger's by now. */
export function signalGroup(context: HostContext, process: ProcessRef, cgroup: string, signal: number): void {
  const leader = isAlive(identityOf(process)) ? readProcessStat(process.pid) : undefined;
  if (leader === undefined) return;
  for (const pid of processesOf(context, cgroup)) {
    const stat = readProcessStat(pid);
    if (stat?.group === leader.group) signalProcess(stat, signal);
  }
}
