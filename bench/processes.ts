import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

export interface Usage {
  /** Kibibytes. */
  readonly pss: number;
  readonly rss: number;
}

/** All processes of the machine. One that ends meanwhile is left out. */
export function processTable(): Process[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const stat = readIfThere(`/proc/${name}/stat`);
    const command = readIfThere(`/proc/${name}/cmdline`);
    return stat === undefined || command === undefined ? [] : [{ pid: Number(name), parent: parentOf(stat), command: command.replaceAll('\0', ' ').trim() }];
  });
}

/** proc_pid_stat(5): the name is in parentheses and may hold anything, so fields count from the last one. */
export function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** The process ids of the roots and of everything below them. */
export function subtree(table: readonly Process[], roots: readonly number[]): Set<number> {
  const found = new Set(roots);
  for (let grown = true; grown;) {
    const below = table.filter(({ pid, parent }) => found.has(parent) && !found.has(pid));
    for (const { pid } of below) found.add(pid);
    grown = below.length > 0;
  }
  return found;
}

/**
 * The processes that an engine keeps: its daemon with all below it, and the monitors, which have the id of
 * their container on their command line, wherever they hang in the tree. What the containers themselves run
 * (below `workloads`) is not the engine's.
 */
export function engineProcesses(table: readonly Process[], daemonPid: number | undefined, containerIds: readonly string[], workloads: readonly number[]): number[] {
  const monitors = table.filter(({ command }) => containerIds.some((id) => command.includes(id))).map(({ pid }) => pid);
  const own = subtree(table, workloads);
  return [...subtree(table, [...(daemonPid === undefined ? [] : [daemonPid]), ...monitors])]
    .filter((pid) => !own.has(pid) && table.some((process) => process.pid === pid));
}

/** proc_pid_smaps_rollup(5). PSS shares each page out among those that map it, so sums of it are true. */
export function usageOf(pids: readonly number[]): Usage {
  const usages = pids.map((pid) => parseRollup(readIfThere(`/proc/${pid}/smaps_rollup`) ?? ''));
  return { pss: sum(usages.map(({ pss }) => pss)), rss: sum(usages.map(({ rss }) => rss)) };
}

export function parseRollup(text: string): Usage {
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return { pss: field('Pss'), rss: field('Rss') };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
