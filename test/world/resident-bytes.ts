import { readFileSync } from 'node:fs';

/** What a process has in memory (proc_pid_status(5), VmRSS). */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
