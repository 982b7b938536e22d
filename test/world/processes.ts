import { readdirSync, readFileSync } from 'node:fs';

/** Start time of a process in ticks since boot (field 22 of proc(5)'s stat), or undefined where there is none. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The monitor of a container of the daemon with this run directory. */
export function monitorOf(run: string, id: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (words[0]?.endsWith('conmon') === true && words.includes(id) && words.some((word) => word.startsWith(run))) return Number(pid);
    } catch {
      continue;
    }
  }
  return undefined;
}
